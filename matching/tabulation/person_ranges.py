"""All records of some quarters, one range of persons after the other, so that memory does not grow with records."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.core.tabulation.histories import Histories, QuarterRecords
from matching.segments.match import OpenLoad
from matching.tabulation.job_records import accounts_of

PERSONS_AT_ONCE = 1 << 19
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NumberedLoad:
    """A load whose units are numbered on from `offset`, over all loads; `account` (units) over all states."""

    quarter: int
    load: OpenLoad
    offset: int
    account: Ints

    @property
    def units(self) -> int:
        """How many units it has."""
        return len(self.account)


def numbered(loads: dict[int, list[OpenLoad]]) -> list[NumberedLoad]:
    """The loads by quarter and state, with numbers for their units and accounts."""
    order = [(quarter, load) for quarter, opened in sorted(loads.items()) for load in opened]
    uin = [accounts_of(load.units["employer"]) for _, load in order]
    account: dict[str, Ints] = {}
    for state in {load.state for _, load in order}:
        account[state] = np.unique(np.concatenate([one for one, (_, load) in zip(uin, order, strict=True)
                                                   if load.state == state]))  # fmt: skip
    base = dict(zip(account, np.cumsum([0, *map(len, account.values())]).tolist(), strict=False))
    found, offset = [], 0
    for numbers, (quarter, load) in zip(uin, order, strict=True):
        number = base[load.state] + np.searchsorted(account[load.state], numbers)
        found.append(NumberedLoad(quarter, load, offset, number.astype(np.int64)))
        offset += len(numbers)
    return found


def histories_by_range(loads: list[NumberedLoad], quarters: list[int]) -> Iterator[Histories]:
    """The job histories of all persons who can be matched; the quarters were searched, with records or without."""
    persons = [one.load.records.columns["person"] for one in loads]
    last = max((int(person[-1]) for person in persons if len(person)), default=0)
    for first in range(1, last + 1, PERSONS_AT_ONCE):
        parts: dict[int, list[QuarterRecords]] = {quarter: [] for quarter in quarters}
        for one in loads:
            parts[one.quarter].append(_records(one, first, first + PERSONS_AT_ONCE))
        yield Histories.of({quarter: _together(found) for quarter, found in parts.items()})


def _records(one: NumberedLoad, first: int, stop: int) -> QuarterRecords:
    columns = one.load.records.columns
    begin, end = np.searchsorted(columns["person"], np.array([first, stop], columns["person"].dtype))
    unit = columns["unit"][begin:end].astype(np.int64) - one.load.first_unit
    person = columns["person"][begin:end].astype(np.int64) - first
    wages = columns["wages"][begin:end].astype(np.int64)
    return QuarterRecords(person, one.account[unit], one.offset + unit, wages)


def _together(parts: list[QuarterRecords]) -> QuarterRecords:
    empty = np.empty(0, np.int64)
    return QuarterRecords(*(np.concatenate([empty, *(getattr(part, name) for part in parts)])
                            for name in ("person", "account", "unit", "wages")))  # fmt: skip
