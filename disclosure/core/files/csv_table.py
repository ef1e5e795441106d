"""CSV files of the command line as columns of text, with errors that name the file, the column and the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

Texts = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]

_FINEST = 6  # decimals of a value that are kept
_LARGEST = 2**53  # of a number: floating point counts every whole number up to here
_SHOWN = re.compile(r"(?<=got \d): .*|(?<=got \d\d): .*|\n.*", re.DOTALL)  # a row, which holds values


class TableError(ValueError):
    """Files that do not make a table: what is wrong, in which file, and where. Never a value of a cell."""


class CsvTable:
    """One file: its columns as text, by name. Raises TableError where it cannot be read or lacks a column."""

    def __init__(self, path: Path, needed: Sequence[str], *, may_be_empty: bool = False) -> None:
        self.name = path.name
        try:
            self._columns = _read(path)
        except OSError as error:
            raise TableError(f"{path.name}: {error.strerror}.") from error
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise TableError(f"{path.name}: not readable as CSV: {_SHOWN.sub('', str(error))[:200]}") from error
        missing = [name for name in needed if name not in self._columns]
        if missing:
            raise TableError(f"{path.name}: missing columns: {', '.join(missing)}.")
        if not (len(self) or may_be_empty):
            raise TableError(f"{path.name}: there is no row below the header.")

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(self._columns)

    def text(self, name: str) -> Texts:
        """Return a column as text without blanks around it."""
        return self._columns[name]

    def filled(self, name: str) -> Texts:
        """Return a column in which no field is empty."""
        column = self.text(name)
        empty = np.flatnonzero(column == "")
        if len(empty):
            raise TableError(f"{self.name}, line {empty[0] + 2}: {name} is empty.")
        return column

    def numbers(self, name: str, decimals: int = 0, *, up: bool = False) -> Ints:
        """Return a column of numbers as integers in units of 10^-decimals; finer ones are rounded up, or refused.

        So are numbers of which 64 bits cannot keep every unit apart.
        """
        column = self.filled(name)
        try:
            whole = column.astype(np.int64)
            if np.abs(whole).max(initial=0) > _LARGEST // 10**decimals:
                raise OverflowError
            return np.asarray(whole * 10**decimals, dtype=np.int64)
        except (ValueError, OverflowError):
            return np.array([self._number(name, line, text, decimals, up) for line, text in enumerate(column, start=2)])

    def _number(self, name: str, line: int, text: str, decimals: int, up: bool) -> int:
        try:
            number = Decimal(text).scaleb(decimals)
            whole = int(number.to_integral_value("ROUND_CEILING"))
        except (InvalidOperation, ValueError, OverflowError):
            raise TableError(f"{self.name}, line {line}: {name} is not a number.") from None
        if abs(whole) > _LARGEST:
            raise TableError(f"{self.name}, line {line}: {name} is too large.")
        if whole != number and not up:
            raise TableError(f"{self.name}, line {line}: {name} is not a whole number of 10^-{decimals}.")
        return whole

    def not_negative(self, name: str, decimals: int = 0, *, up: bool = False) -> Ints:
        """Return what numbers() does of a column in which none is below zero."""
        column = self.numbers(name, decimals, up=up)
        negative = np.flatnonzero(column < 0)
        if len(negative):
            raise TableError(f"{self.name}, line {negative[0] + 2}: {name} is negative ({len(negative)} such rows).")
        return column

    def decimals(self, name: str) -> int:
        """Return how many decimals the numbers of a column have at most; more than six are refused."""
        fractions = (text.rpartition(".")[2].rstrip("0") for text in self.text(name) if "." in text)
        most = max(map(len, fractions), default=0)
        if most > _FINEST:
            raise TableError(f"{self.name}: {name} has more than {_FINEST} decimals.")
        return most


def first_repeated(keys: Sequence[object]) -> int | None:
    """Return the position of the first key that stood before, or None."""
    if len(set(keys)) == len(keys):
        return None
    seen: set[object] = set()
    return next(position for position, key in enumerate(keys) if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _read(path: Path) -> dict[str, Texts]:
    with path.open("rb") as stream:
        header = stream.readline().decode("utf-8-sig").strip()
    names = [name.strip().strip('"').strip().lower() for name in header.split(",")]
    if len(set(names)) < len(names):
        raise TableError(f"{path.name}: a column stands twice in the header.")
    read = pyarrow.csv.ReadOptions(column_names=names, skip_rows=1)
    convert = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    table = pyarrow.csv.read_csv(path, read_options=read, convert_options=convert)
    return {name: np.array([text.strip() for text in table[name].to_pylist()], dtype=object) for name in names}
