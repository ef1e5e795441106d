"""Wage records in the order of the match: by person, unit, wages, hours, weeks; a whole range at a time, in arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt

ROW = np.dtype([("person", "<i4"), ("unit", "<i4"), ("wages", "<i4"), ("hours", "<i2"), ("weeks", "<i2")])
Columns = dict[str, npt.NDArray[Any]]
_WORD = 64


def in_record_order(rows: npt.NDArray[np.void]) -> Columns:
    """The columns of ``rows`` (dtype ``ROW``, no negative person or unit), each contiguous, sorted."""
    columns: Columns = {name: np.ascontiguousarray(rows[name]) for name in ROW.names or ()}
    order = _order_by_person_and_unit(columns["person"], columns["unit"])
    columns = {name: column[order] for name, column in columns.items()}
    return _with_ties_in_order(columns)


def _order_by_person_and_unit(person: npt.NDArray[np.int32], unit: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Stable. Person, unit and place are packed into one word where they fit: sorting words is several times faster
    than sorting places by two keys."""
    if len(person) == 0:
        return np.empty(0, np.int64)
    lowest = int(person.min())
    unit_bits, place_bits = int(unit.max()).bit_length(), len(person).bit_length()
    if (int(person.max()) - lowest).bit_length() + unit_bits + place_bits > _WORD:
        return np.lexsort((unit, person))
    word = (person.astype(np.int64) - lowest).astype(np.uint64) << np.uint64(unit_bits + place_bits)
    word |= unit.astype(np.uint64) << np.uint64(place_bits)
    word |= np.arange(len(person), dtype=np.uint64)
    word.sort()
    return (word & np.uint64((1 << place_bits) - 1)).astype(np.int64)


def _with_ties_in_order(columns: Columns) -> Columns:
    """Several records of one person and unit, which are few, by wages, hours and weeks."""
    person, unit = columns["person"], columns["unit"]
    same = (person[1:] == person[:-1]) & (unit[1:] == unit[:-1])
    if not same.any():
        return columns
    tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
    order = np.lexsort([columns[name][tied] for name in ("weeks", "hours", "wages", "unit", "person")])
    for column in columns.values():
        column[tied] = column[tied][order]
    return columns
