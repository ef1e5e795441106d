"""Reader of establishment (QCEW micro) files: CSV of one state and quarter, one row per reporting unit."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.load_files.columns import INT4_MAX, is_blank, read_code, read_integers
from matching.core.load_files.rejects import LoadRefused, Reject, RejectReport
from matching.core.load_files.source import CsvColumns, TextColumns, header_of, read_blocks

CSV_FIELDS = (
    "state_fips", "year", "quarter", "uin", "run", "ein", "naics", "naics_vintage", "county_fips", "ownership", "meei",
    "month1", "month1_flag", "month2", "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages",
    "contributions", "predecessor_uin", "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip
_WIDTHS = {
    "state_fips": 2, "uin": 10, "run": 5, "ein": 9, "naics": 6, "naics_vintage": 4, "county_fips": 3, "ownership": 1,
    "meei": 1, "month1": 12, "month1_flag": 1, "month2": 12, "month2_flag": 1, "month3": 12, "month3_flag": 1,
    "total_wages": 18, "taxable_wages": 18, "contributions": 18, "predecessor_uin": 10, "predecessor_run": 5,
    "successor_uin": 10, "successor_run": 5,
}  # fmt: skip
_MONTHS = ("month1", "month2", "month3")
_DOLLARS = ("total_wages", "taxable_wages", "contributions")
_OWNERSHIPS = np.array([b"1", b"2", b"3", b"5"])
_MEEI = np.array([b"1", b"2", b"3", b"4", b"5", b"6"])
_FLAGS = np.array(
    [b"", *(letter.encode() for letter in ascii_uppercase)]
)  # how obtained: R reported, E estimated, states' own
Mask = npt.NDArray[np.bool_]
_QUARTER_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_ ]?[qQ]?([1-4])(?!\d)")


class EstablishmentReader:
    """Iterate to get Arrow record batches of one file of one state and quarter, with a ``line`` column.

    The quarter (YYYYQ) comes from columns ``year`` and ``quarter`` where the file has them, else from the caller, else
    from the file's name. Codes are zero-filled text, months and dollars int64. Raises LoadRefused when the file as a
    whole cannot be loaded.
    """

    def __init__(self, path: Path, quarter: int | None = None) -> None:
        self.rejects = RejectReport()
        self.state = ""
        self.quarter = quarter or quarter_in_name(path.name) or 0
        self.lines = 0
        self.bytes_read = 0
        self._path = path
        self._columns: CsvColumns | None = None
        self._quarter_known = quarter is not None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for block in read_blocks(self._path):
            body = block if self._columns is not None else self._open(block)
            self.bytes_read += len(block)
            first_line, self.lines = self.lines + 1, self.lines + body.count(b"\n")
            if body and self._columns is not None:
                yield self._batch(*self._columns.read(body, first_line))
        if self.state == "":
            raise LoadRefused("The file holds no establishment that can be read.")

    def _open(self, block: bytes) -> bytes:
        first, _, rest = block.partition(b"\n")
        header = header_of(first)
        if "meei" not in header:
            raise LoadRefused("This is no establishment file: its header does not name 'meei'.")
        periods = {"year": 4, "quarter": 1} if {"year", "quarter"} <= set(header) else {}
        self._columns = CsvColumns(header, _WIDTHS | periods, self.rejects)
        if not periods and self.quarter == 0:
            raise LoadRefused(
                "The file does not say its quarter: name it in the command or in the file's name (2016Q1)."
            )
        self.lines = 1
        return rest

    def _batch(self, text: TextColumns, line: npt.NDArray[np.int64]) -> pa.RecordBatch:
        self._check_period(text, line)
        columns, masks = _read_columns(text)
        keep = np.ones(len(line), bool)
        for code, mask in masks:
            self.rejects.add(code, line[mask & keep])
            keep &= ~mask
        arrays = {"line": pa.array(line[keep])}
        for name, values in columns.items():
            kept = values[keep]
            arrays[name] = pa.array(kept.astype(str)) if kept.dtype.kind == "S" else pa.array(kept)
        return pa.RecordBatch.from_pydict(arrays)

    def _check_period(self, text: TextColumns, line: npt.NDArray[np.int64]) -> None:
        if len(line) == 0:
            return
        if "year" in text:
            found = np.strings.add(text["year"], text["quarter"])
            self._agree_on_quarter(bytes(found[0]))
            self._refuse_others(found != str(self.quarter).encode(), line)
        if self.state == "":
            self.state = bytes(text["state_fips"][0]).decode("ascii", "replace")
            if len(self.state) != 2 or not self.state.isdigit():
                raise LoadRefused("The first establishment names no two-digit state FIPS code.")
        self._refuse_others(text["state_fips"] != self.state.encode(), line)

    def _agree_on_quarter(self, found: bytes) -> None:
        if not re.fullmatch(rb"(19|20)\d{2}[1-4]", found):
            raise LoadRefused("The first establishment names no year and quarter that can be read.")
        if self._quarter_known and int(found) != self.quarter:
            raise LoadRefused("The file is of another quarter than the one named. Nothing was loaded.")
        self.quarter, self._quarter_known = int(found), True

    def _refuse_others(self, other: Mask, line: npt.NDArray[np.int64]) -> None:
        places = np.flatnonzero(other)
        if len(places):
            raise LoadRefused(
                f"Line {line[places[0]]:,} is of another state or quarter than the first establishment (or has none). "
                "Send one file per state and quarter; nothing was loaded."
            )


def quarter_in_name(name: str) -> int | None:
    """The one quarter a file name tells as 20161, 2016Q1 or 2016-1; None when it tells none or several."""
    found = {year + quarter for year, quarter in _QUARTER_IN_NAME.findall(name)}
    return int(found.pop()) if len(found) == 1 else None


def _read_columns(text: TextColumns) -> tuple[dict[str, npt.NDArray[Any]], list[tuple[Reject, Mask]]]:
    """Typed columns, and what is wrong with each, in the order in which a line is blamed."""
    columns: dict[str, npt.NDArray[Any]] = {}
    masks: list[tuple[Reject, Mask]] = []

    def code(name: str, width: int, reject: Reject, *, letters: bool = False, needed: bool = False) -> None:
        columns[name], wrong = read_code(text[name], width, letters=letters)
        masks.append((reject, wrong | (is_blank(text[name]) & needed)))

    code("uin", 10, Reject.UIN, letters=True, needed=True)
    code("run", 5, Reject.RUN)
    code("ein", 9, Reject.EIN)
    code("naics", 6, Reject.NAICS, needed=True)
    code("naics_vintage", 4, Reject.NAICS, needed=True)
    code("county_fips", 3, Reject.COUNTY, needed=True)
    for name, allowed, reject in (("ownership", _OWNERSHIPS, Reject.OWNERSHIP), ("meei", _MEEI, Reject.MEEI)):
        columns[name] = np.strings.strip(text[name]).astype("S1")
        masks.append((reject, ~np.isin(text[name], allowed)))
    for name in _MONTHS:
        columns[name], wrong = _amount(text[name], smallest=0, largest=INT4_MAX)
        masks.append((Reject.EMPLOYMENT, wrong))
        flag = np.strings.strip(text[f"{name}_flag"])
        columns[f"{name}_flag"] = flag.astype("S1")
        masks.append((Reject.EMPLOYMENT, ~np.isin(flag, _FLAGS)))
    for name in _DOLLARS:
        columns[name], wrong = _amount(text[name], smallest=-(10**15), largest=10**15)
        masks.append((Reject.DOLLARS, wrong))
    for side in ("predecessor", "successor"):
        code(f"{side}_uin", 10, Reject.LINK, letters=True)
        code(f"{side}_run", 5, Reject.LINK)
    return columns, masks


def _amount(column: npt.NDArray[np.bytes_], *, smallest: int, largest: int) -> tuple[npt.NDArray[np.int64], Mask]:
    value, wrong = read_integers(column)
    return value, wrong | is_blank(column) | (value < smallest) | (value > largest)
