"""What a line of a load file means, said once more and line by line: the measure for the readers of whole columns.

Written from docs/for-data-stewards.md and the readers' docstrings, with nothing of theirs. CSV lines with quotation
marks are left to the readers' own tests.
"""

import re

WAGE_CSV = (
    "ssn", "name_first", "name_middle", "name_last", "state", "uin", "run", "ein", "year", "quarter", "wage", "hours",
    "weeks",
)  # fmt: skip
ESTABLISHMENT_CSV = (
    "state_fips", "year", "quarter", "uin", "run", "ein", "naics", "naics_vintage", "county_fips", "ownership", "meei",
    "month1", "month1_flag", "month2", "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages",
    "contributions", "predecessor_uin", "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip
_POSITIONS = {
    "ssn": (1, 9), "state": (46, 47), "uin": (48, 57), "run": (58, 62), "ein": (63, 71), "year": (72, 75),
    "quarter": (76, 76), "wage": (77, 86), "hours": (87, 90), "weeks": (91, 92),
}  # fmt: skip
_INTEGER = re.compile(rb" *(-?)([0-9]{1,18}) *")
INT4 = 2**31 - 1
WageRecord = tuple[int, bytes, bytes, bytes, int, int, int]  # ssn, uin, run, ein, wages, hours, weeks


def fixed_fields(line: bytes) -> dict[str, bytes] | None:
    """The fields of a line of the fixed-width layout, or None where it has another length."""
    if not 86 <= len(line) <= 92:
        return None
    padded = line.ljust(92)
    return {name: padded[first - 1 : last] for name, (first, last) in _POSITIONS.items()}


def csv_fields(line: bytes, names: tuple[str, ...]) -> dict[str, bytes] | None:
    """The fields of a line without quotation marks, or None where it has another number of them."""
    values = line.split(b",")
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else None


def wage_record(fields: dict[str, bytes]) -> WageRecord | None:
    """What is kept of a wage record, or None where the line is rejected."""
    ssn = _ssn(fields["ssn"])
    uin, run, ein = code(fields["uin"], 10, rb"[0-9A-Z]+", needed=True), code(fields["run"], 5), code(fields["ein"], 9)
    wages = integer(fields["wage"])
    hours, weeks = _counted(fields["hours"], 13 * 7 * 24), _counted(fields["weeks"], 14)
    if ssn is None or uin is None or run is None or ein is None or wages is None or hours is None or weeks is None:
        return None
    return (ssn, uin, run, ein, wages, hours, weeks) if abs(wages) <= INT4 else None


def establishment(fields: dict[str, bytes]) -> tuple[object, ...] | None:
    """What is kept of an establishment, in the order of the file after state, year and quarter; None where rejected."""
    kept: list[object] = [
        code(fields["uin"], 10, rb"[0-9A-Z]+", needed=True), code(fields["run"], 5), code(fields["ein"], 9),
        code(fields["naics"], 6, needed=True), code(fields["naics_vintage"], 4, needed=True),
        code(fields["county_fips"], 3, needed=True),
        fields["ownership"] if fields["ownership"] in (b"1", b"2", b"3", b"5") else None,
        fields["meei"] if fields["meei"] in (b"1", b"2", b"3", b"4", b"5", b"6") else None,
    ]  # fmt: skip
    for month in ("month1", "month2", "month3"):
        kept.append(_within(fields[month], 12, 0, INT4))
        flag = fields[f"{month}_flag"].strip()
        kept.append(flag if re.fullmatch(rb"[A-Z]?", flag) and len(fields[f"{month}_flag"]) <= 2 else None)
    kept += [_within(fields[name], 18, -(10**15), 10**15) for name in ("total_wages", "taxable_wages", "contributions")]
    for side in ("predecessor", "successor"):
        kept += [code(fields[f"{side}_uin"], 10, rb"[0-9A-Z]+"), code(fields[f"{side}_run"], 5)]
    return None if any(value is None for value in kept) else tuple(kept)


def code(value: bytes, width: int, digits: bytes = rb"[0-9]+", *, needed: bool = False) -> bytes | None:
    """A code as zero-filled text; a blank one is zeros where it may be."""
    text = value.strip()
    if not text:
        return None if needed else b"0" * width
    return text.zfill(width) if len(text) <= width and re.fullmatch(digits, text) else None


def integer(value: bytes) -> int | None:
    """A whole number with spaces around it, at most 18 digits."""
    found = _INTEGER.fullmatch(value)
    return int(found[1] + found[2]) if found else None


def _within(value: bytes, width: int, smallest: int, largest: int) -> int | None:
    number = integer(value) if len(value) <= width + 1 else None
    return number if number is not None and smallest <= number <= largest else None


def _ssn(value: bytes) -> int | None:
    """The number of nine digits, 0 where there are fewer or more; None where it is not digits. Looks at 12 places."""
    text = value[:12].strip(b" ")
    if text and not re.fullmatch(rb"[0-9]+", text):
        return None
    return int(text) if len(text) == 9 else 0


def _counted(value: bytes, largest: int) -> int | None:
    if not value.strip(b" "):
        return -1
    number = integer(value)
    return number if number is not None and 0 <= number <= largest else None
