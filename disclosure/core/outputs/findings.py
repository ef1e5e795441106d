"""The first check of a table somebody made from individual records: what an analyst should look at, and why.

Counts below the fewest that are published, percentages of 0 and 100 (everybody or nobody of a group), a largest share
that dominates where the table gives one, and small differences to tables cleared before. It finds by the words of the
columns' headings, so it helps the analyst and replaces nobody. The findings are for BLS only: told to the state, they
would tell the parameters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from disclosure.core.outputs.reading import Sheet
from disclosure.core.rules.parameters import Parameters

PERSONS = re.compile(r"\b(persons?|people|workers?|individuals?|participants?|graduates?|jobs?|employment)\b", re.I)
EMPLOYERS = re.compile(r"\b(employers?|firms?|establishments?|enterprises?|companies|accounts?)\b", re.I)
COUNT = re.compile(r"^(n|count|number|total|obs|observations|frequency|freq)\b|\bcount\b", re.I)
PERCENT = re.compile(r"%|\b(percent|percentage|pct|share|rate|proportion)\b", re.I)
LARGEST = re.compile(r"\b(largest|top|max(imum)?|dominant|concentration)\b.*(share|%|percent)?", re.I)
NUMBER = re.compile(r"^-?[\d,]*\.?\d+%?$")
MOST_FINDINGS = 500
SSN = re.compile(r"(?<!\d)\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)")


@dataclass(frozen=True)
class Finding:
    """One cell to look at: sheet, row (1 is the first row of the file), column heading and the kind of concern."""

    sheet: str
    row: int
    column: str
    kind: str

    def as_dict(self) -> dict[str, str | int]:
        """As the file's row keeps it."""
        return asdict(self)


KINDS = {
    "small_count": "A small count",
    "all_or_none": "0 or 100 percent: nobody or everybody of a group",
    "dominance": "The largest share dominates",
    "difference": "Differs a little from a table that was cleared before",
}


def holds_numbers_of_people(sheets: Sequence[Sheet]) -> bool:
    """A cell looks like a Social Security number: such a file is not read any further."""
    return any(SSN.search(cell) for sheet in sheets for row in sheet.rows for cell in row)


def findings(sheets: Sequence[Sheet], cleared: Sequence[Sheet], rules: Parameters) -> list[Finding]:
    """What to look at in these tables, beside those that were cleared before; at most `MOST_FINDINGS`."""
    found: list[Finding] = []
    for sheet in sheets:
        found += [*_of_cells(sheet, rules), *_differences(sheet, cleared, rules)]
    return found[:MOST_FINDINGS]


def number_of(cell: str) -> float | None:
    """The number a cell shows; None where it is no number."""
    text = cell.replace("$", "").strip()
    return float(text.replace(",", "").rstrip("%")) if NUMBER.match(text) else None


def _of_cells(sheet: Sheet, rules: Parameters) -> Iterator[Finding]:
    if not sheet.rows:
        return
    heads = sheet.rows[0]
    for place, row in enumerate(sheet.rows[1:], start=2):
        for head, cell in zip(heads, row, strict=False):
            value = number_of(cell)
            kind = _concern(head, cell, value, rules) if value is not None else ""
            if kind:
                yield Finding(sheet.name, place, head, kind)


def _concern(head: str, cell: str, value: float, rules: Parameters) -> str:
    is_share = bool(PERCENT.search(head)) or cell.endswith("%")
    if is_share and LARGEST.search(head):
        percent = value * 100 if 0 < value <= 1 and not cell.endswith("%") else value
        return "dominance" if rules.dominance_percent is not None and percent >= rules.dominance_percent else ""
    if is_share:
        return "all_or_none" if value in {0, 100} or (value == 1 and not cell.endswith("%")) else ""
    fewest = _fewest(head, rules)
    return "small_count" if fewest and 0 < value < fewest and value == int(value) else ""


def _fewest(head: str, rules: Parameters) -> int:
    """The fewest that a count under this heading may show; 0 where it is no count."""
    if EMPLOYERS.search(head):
        return rules.min_enterprises
    return rules.min_persons if PERSONS.search(head) or COUNT.search(head) else 0


def _differences(sheet: Sheet, cleared: Sequence[Sheet], rules: Parameters) -> Iterator[Finding]:
    """Counts that differ by less than the fewest from the same cell of a cleared table: whoever has both subtracts."""
    if not sheet.rows:
        return
    heads = sheet.rows[0]
    places = {column: _fewest(head, rules) for column, head in enumerate(heads)}
    for before in cleared:
        if not before.rows or before.rows[0] != heads:
            continue
        known = {_key(row, places): row for row in before.rows[1:]}
        for place, row in enumerate(sheet.rows[1:], start=2):
            old = known.get(_key(row, places))
            for column, fewest in places.items():
                if fewest and old and 0 < abs(_at(row, column) - _at(old, column)) < fewest:
                    yield Finding(sheet.name, place, heads[column], "difference")


def _key(row: Sequence[str], places: dict[int, int]) -> tuple[str, ...]:
    """What tells a row from others: its cells that are no numbers."""
    return tuple(cell for column, cell in enumerate(row) if not places.get(column) and number_of(cell) is None)


def _at(row: Sequence[str], column: int) -> float:
    value = number_of(row[column]) if column < len(row) else None
    return 0.0 if value is None else value
