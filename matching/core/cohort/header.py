"""The first line of a cohort file, ``SS,YYYYQ``: requesting state and quarter."""

import re
from dataclasses import dataclass

from matching.core.cohort.lines import MAX_LINE_BYTES, SPACES, split_line
from matching.core.cohort.problems import Kind

_STATE = re.compile(r"\d{2}", re.ASCII)
_QUARTER = re.compile(r"(19|20)\d{2}[1-4]", re.ASCII)
_MEANT_AS_QUARTER = re.compile(r"(19|20)\d{2}\D{0,2}\d?", re.ASCII)
_LOOKS_LIKE_SSN = re.compile(r"[\d -]{7,}|\d+([.,]\d*)?[eE]\+?\d+|\d{7,}\.\d*", re.ASCII)
_TEMPLATE = re.compile(r"SS|YYYYQ", re.ASCII | re.IGNORECASE)
_OTHER_DELIMITERS = (";", "\t", "|")


@dataclass(frozen=True)
class Header:
    """What the first line says; ``is_data`` when it is a person's line and the header is missing."""

    quarter: int | None
    problems: tuple[Kind, ...]
    is_data: bool = False
    delimiter: str = ","


def read_header(line: bytes, *, state_fips: str, quarters: frozenset[int] | set[int]) -> Header:
    """Judge the first line (without its end) against the requesting state and the approved quarters."""
    delimiter = _delimiter(line)
    kind, fields = split_line(line, delimiter)
    found: list[Kind] = [Kind.DELIMITER] if delimiter != "," else []
    if kind is not None:
        return Header(None, (*found, kind, Kind.HEADER_MISSING), delimiter=delimiter)
    if any(_TEMPLATE.fullmatch(f.strip(SPACES)) for f in fields[:2]):
        return Header(None, (*found, Kind.HEADER_LITERAL), delimiter=delimiter)
    if not _is_header_like(fields):
        return Header(None, (*found, Kind.HEADER_MISSING), is_data=_is_data(fields), delimiter=delimiter)
    if len(fields) != 2 or any(f != f.strip(SPACES) for f in fields):
        found.append(Kind.HEADER_MALFORMED)
    state, quarter = fields[0].strip(SPACES), fields[1].strip(SPACES)
    if not _STATE.fullmatch(state) or state != state_fips:
        found.append(Kind.HEADER_STATE)
    if not _QUARTER.fullmatch(quarter):
        return Header(None, (*found, Kind.HEADER_QUARTER), delimiter=delimiter)
    if int(quarter) not in quarters:
        found.append(Kind.QUARTER_NOT_APPROVED)
    return Header(int(quarter), tuple(found), delimiter=delimiter)


def _delimiter(line: bytes) -> str:
    beginning = line[:MAX_LINE_BYTES]
    return next((d for d in (",", *_OTHER_DELIMITERS) if d.encode() in beginning), ",")


def _is_header_like(fields: list[str]) -> bool:
    """Two short fields, the second with at least one digit: meant as a header, even when it is wrong."""
    if len(fields) < 2:
        return False
    state, quarter = fields[0].strip(SPACES), fields[1].strip(SPACES)
    short = len(state) <= 2 and 1 <= len(quarter) <= 7 and "0" <= quarter[0] <= "9"
    return (short or _MEANT_AS_QUARTER.fullmatch(quarter) is not None) and not _is_data(fields)


def _is_data(fields: list[str]) -> bool:
    return len(fields) >= 2 and _LOOKS_LIKE_SSN.fullmatch(fields[1].strip(SPACES)) is not None
