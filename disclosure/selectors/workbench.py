"""The analyst's table: rows narrowed by state and reason, and one cell looked at closely."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from disclosure.selectors.cell_states import CellState, Key
from disclosure.selectors.shown_tables import ShownRow
from disclosure.selectors.windows import Line

PUBLISHED, WITHHELD = "published", "withheld"


@dataclass(frozen=True)
class CellPanel:
    """One cell: why it is withheld, what it protects and what protects it, and where the next published sum is."""

    line: Line
    state: CellState | None
    protects: list[Line]
    protected_by: list[Line]
    published_above: list[Line]
    intervals: list[str]


def narrowed(lines: Iterable[Line], state: str, rule: str) -> list[Line]:
    """Those in a state (published, withheld, or one of the two reasons to withhold) and found by a rule."""
    return [line for line in lines if _is_in(line.row, state) and _is_found_by(line.row, rule)]


def _is_in(row: ShownRow, state: str) -> bool:
    if state in {PUBLISHED, WITHHELD}:
        return row.withheld == (state == WITHHELD)
    return not state or (row.state is not None and row.state.status == state)


def _is_found_by(row: ShownRow, rule: str) -> bool:
    return not rule or (row.state is not None and rule in row.state.rules)


def panel(lines: Sequence[Line], number: int | None, intervals: Mapping[Key, list[str]]) -> CellPanel | None:
    """The cell of this number looked at closely; None where there is no such cell."""
    chosen = next((line for line in lines if line.row.number == number), None)
    if chosen is None:
        return None
    by_key = {line.row.key: line for line in lines}
    state, key = chosen.row.state, chosen.row.key
    shields = [line for line in lines if line.row.state is not None and key in line.row.state.protects]
    return CellPanel(
        line=chosen,
        state=state,
        protects=_named(state.protects if state else (), by_key),
        protected_by=shields,
        published_above=_named(state.published_above if state else (), by_key),
        intervals=list(intervals.get(key, ())),
    )


def _named(keys: Iterable[Key], by_key: Mapping[Key, Line]) -> list[Line]:
    return [by_key[key] for key in keys if key in by_key]
