"""Wage records as job histories want them: accounts and units as numbers, with what is known of each unit."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.micro.employer_text import employer_fields
from matching.core.tabulation.histories import Histories, QuarterRecords
from matching.core.tabulation.outcomes import UnitFacts
from matching.models import Kind, Load, Status
from matching.segments.match import OpenLoad, OpenQuarter
from matching.segments.register import of_loads
from matching.vault.persons import PersonIds

Ints = npt.NDArray[np.int64]
UNIT_TEXT = {"area": "area", "industry": "dominant_naics", "ownership": "ownership", "enterprise": "enterprise"}
THREADS = 2
_SECTOR_OF = {32: 31, 33: 31, 45: 44, 49: 48}  # sectors that span codes
_SIGNS = np.full(256, 63, np.int64)  # digits and letters of an account, six bits each
_SIGNS[[*range(48, 58), *range(65, 91), *range(97, 123)]] = np.arange(62)


@dataclass(frozen=True)
class Units:
    """The units some records name, over all loads: number to place is `index` minus 1; text columns by place."""

    states: tuple[str, ...]
    state: npt.NDArray[np.int16]
    account: Ints
    text: dict[str, npt.NDArray[np.bytes_]]
    _words: dict[str, pa.Array] = field(default_factory=dict, repr=False)

    def facts(self) -> UnitFacts:
        """What outcomes compare."""
        return UnitFacts(self.state, sectors(self.text["industry"]))

    def column(self, name: str, unit: Ints) -> pa.Array:
        """A column of text for rows with these units; empty where there is none (-1)."""
        if name not in self._words:
            self._words[name] = pa.concat_arrays([self._column(name), pa.array([""], pa.string())])
        return self._words[name].take(pa.array(np.where(unit >= 0, unit, len(self.state))))

    def _column(self, name: str) -> pa.Array:
        """A column of text by unit."""
        if name == "state":
            return pa.array(self.states or [""], pa.string()).take(pa.array(self.state))
        return as_text(self.text[name]) if len(self.state) else pa.array([], pa.string())


@dataclass(frozen=True)
class LoadPart:
    """Some records of one load: person (any number), unit within the load, wages."""

    quarter: int
    load: OpenLoad
    person: Ints
    unit: Ints
    wages: Ints


def open_loads(states: Collection[str], quarters: Sequence[int]) -> dict[int, list[OpenLoad]]:
    """The visible wage records by quarter, in the order of states. Raises SegmentUnusable."""
    loads = Load.objects.filter(kind=Kind.WAGE_RECORDS, status=Status.VISIBLE, state__in=list(states),
                                quarter__in=list(quarters)).order_by("state", "quarter")  # fmt: skip
    segments = of_loads(load.pk for load in loads)
    opened: dict[int, list[OpenLoad]] = {quarter: [] for quarter in sorted(quarters)}
    for load in loads:
        opened[load.quarter].append(OpenLoad.of(load, segments))
    return opened


def parts_of_people(loads: dict[int, list[OpenLoad]], person_ids: PersonIds) -> Iterator[LoadPart]:
    """The records of persons, numbered by their places."""
    order = [(quarter, load) for quarter, opened in loads.items() for load in opened]
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(lambda one: _part(one[0], one[1], person_ids), order)


def _part(quarter: int, load: OpenLoad, person_ids: PersonIds) -> LoadPart:
    found = OpenQuarter(quarter, [load]).match(person_ids)
    unit = found.records("unit").astype(np.int64) - load.first_unit
    return LoadPart(quarter, load, found.cohort_row.astype(np.int64), unit, found.records("wages").astype(np.int64))


def histories(parts: Sequence[LoadPart], quarters: Sequence[int]) -> tuple[Histories, Units]:
    """The job histories of the records in some quarters, all of which were searched, and the units they name."""
    used = [_used_units(part) for part in parts]
    units = _units(parts, [place for place, _ in used])
    offset = np.concatenate([[0], np.cumsum([len(place) for place, _ in used])]).astype(np.int64)
    by_quarter: dict[int, list[QuarterRecords]] = {quarter: [] for quarter in quarters}
    for part, (_, number), first in zip(parts, used, offset[:-1].tolist(), strict=True):
        unit = first + number
        by_quarter[part.quarter].append(QuarterRecords(part.person, units.account[unit], unit, part.wages))
    return Histories.of({quarter: _joined(found) for quarter, found in by_quarter.items()}), units


def _used_units(part: LoadPart) -> tuple[Ints, Ints]:
    """The units a part names, and each record's place among them."""
    named = np.zeros(len(part.load.units["employer"]), bool)
    named[part.unit] = True
    place = np.flatnonzero(named)
    number = np.zeros(len(named), np.int64)
    number[place] = np.arange(len(place))
    return place, number[part.unit]


def _units(parts: Sequence[LoadPart], places: Sequence[Ints]) -> Units:
    states = tuple(sorted({part.load.state for part in parts}))
    text = {name: np.concatenate([np.empty(0, "S1"), *(part.load.units[source][place]
            for part, place in zip(parts, places, strict=True))]) for name, source in UNIT_TEXT.items()}  # fmt: skip
    state = np.concatenate([np.empty(0, np.int16), *(np.full(len(place), states.index(part.load.state), np.int16)
                            for part, place in zip(parts, places, strict=True))])  # fmt: skip
    uin = np.concatenate([np.empty(0, np.int64), *(accounts_of(part.load.units["employer"][place])
                          for part, place in zip(parts, places, strict=True))])  # fmt: skip
    account, last = np.zeros(len(uin), np.int64), 0
    for number in range(len(states)):
        here = state == number
        found, which = np.unique(uin[here], return_inverse=True)
        account[here] = last + which
        last += len(found)
    return Units(states, state, account, text)


def accounts_of(employer: npt.NDArray[np.bytes_]) -> Ints:
    """The number of the account in each employer's text."""
    return account_numbers(employer_fields(employer)["uin"])


def account_numbers(uin: npt.NDArray[np.bytes_]) -> Ints:
    """A number for each account of a state, ascending as its text does: six bits for each of its ten signs."""
    signs = _SIGNS[np.ascontiguousarray(uin.astype("S10")).view(np.uint8).reshape(len(uin), 10)]
    number = np.zeros(len(uin), np.int64)
    for place in range(10):
        number = (number << 6) | signs[:, place]
    return number


def sectors(naics: npt.NDArray[np.bytes_]) -> npt.NDArray[np.int16]:
    """The NAICS sector of each code as a number: 31, 44 and 48 stand for 31-33, 44-45 and 48-49."""
    digits = np.ascontiguousarray(naics.astype("S6")).view(np.uint8).reshape(len(naics), 6).astype(np.int16) - 48
    sector = 10 * digits[:, 0] + digits[:, 1]
    for code, first in _SECTOR_OF.items():
        sector[sector == code] = first
    return sector


def _joined(parts: Sequence[QuarterRecords]) -> QuarterRecords:
    empty = np.empty(0, np.int64)
    return QuarterRecords(*(np.concatenate([empty, *(getattr(part, name) for part in parts)])
                            for name in ("person", "account", "unit", "wages")))  # fmt: skip


def as_text(column: npt.NDArray[np.bytes_]) -> pa.Array:
    """Codes as an Arrow column of text, without an object per row."""
    width, count = column.dtype.itemsize, len(column)
    table = np.ascontiguousarray(column).view(np.uint8).reshape(count, width)
    sizes = np.strings.str_len(column)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    data = table if (sizes == width).all() else table[np.arange(width) < sizes[:, None]]
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
