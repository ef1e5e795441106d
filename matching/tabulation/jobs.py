"""Contributions of employers' units that need every job: hours and weeks, flows, and wages job by job."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.tabulation.flows import FLOW_COLUMNS, flows
from matching.core.tabulation.histories import Histories
from matching.segments.match import OpenLoad
from matching.segments.register import once_more_if_replaced
from matching.tabulation.job_records import as_text, open_loads
from matching.tabulation.person_ranges import NumberedLoad, histories_by_range, numbered

_SUMS = ("jobs", "persons", "wages", "hours", "jobs_with_hours", "weeks", "jobs_with_weeks")
_TEXT = {"area": "area", "industry": "dominant_naics", "ownership": "ownership", "enterprise": "enterprise"}
JOB_SCHEMA = pa.schema(
    [("quarter", pa.int32()), ("state", pa.string())]
    + [(name, pa.string()) for name in _TEXT]
    + [(name, pa.int64()) for name in (*_SUMS, *FLOW_COLUMNS)]
)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class JobValues:
    """Wages of every job (k) and the contribution it is part of (k), for percentiles."""

    row: Ints
    wages: Ints


@once_more_if_replaced
def job_contributions(
    states: Collection[str], quarters: Sequence[int], *, with_flows: bool, with_values: bool
) -> tuple[pa.Table, JobValues | None]:
    """One row per employer's unit and quarter, columns ``JOB_SCHEMA``, with the wages of every job where asked for.

    Flows that need a quarter not among those asked for are null, and all where they are not asked for. Persons who
    cannot be matched count in sums and not in flows. Raises SegmentUnusable.
    """
    return contributions_of(open_loads(states, quarters), with_flows=with_flows, with_values=with_values)


def contributions_of(
    loads: dict[int, list[OpenLoad]], *, with_flows: bool, with_values: bool
) -> tuple[pa.Table, JobValues | None]:
    """The same over opened loads by quarter."""
    order = numbered(loads)
    moved = _flows(order, sorted(loads)) if with_flows else {}
    table = pa.concat_tables([JOB_SCHEMA.empty_table(), *(_table(one, moved.get(one.quarter, {})) for one in order)])
    return table, _values(order) if with_values else None


def _flows(order: list[NumberedLoad], quarters: list[int]) -> dict[int, dict[str, Ints]]:
    """Sums of flows by quarter, column and unit over all loads; what is not known is missing."""
    units = sum(one.units for one in order)
    found: dict[int, dict[str, Ints]] = {quarter: {} for quarter in quarters}
    for histories in histories_by_range(order, quarters):
        for quarter in quarters:
            _add(found[quarter], histories, histories.quarters.index(quarter), units)
    return found


def _add(sums: dict[str, Ints], histories: Histories, column: int, units: int) -> None:
    here = histories.held[:, column]
    unit = histories.unit[here, column]
    for name, values in flows(histories, column).columns.items():
        if values is not None:
            added = np.bincount(unit, values[here], minlength=units)  # exact: far below 2^53
            sums[name] = sums.get(name, 0) + added.astype(np.int64)


def _table(one: NumberedLoad, moved: dict[str, Ints]) -> pa.Table:
    columns = {
        "quarter": pa.repeat(pa.scalar(one.quarter, pa.int32()), one.units),
        "state": pa.repeat(pa.scalar(one.load.state), one.units),
        **{name: as_text(one.load.units[source]) for name, source in _TEXT.items()},
        **{name: pa.array(values) for name, values in _sums(one).items()},
    }
    for name in FLOW_COLUMNS:
        mine = moved[name][one.offset : one.offset + one.units] if name in moved else None
        columns[name] = pa.nulls(one.units, pa.int64()) if mine is None else pa.array(mine)
    return pa.table([columns[name] for name in JOB_SCHEMA.names], schema=JOB_SCHEMA)


def _sums(one: NumberedLoad) -> dict[str, Ints]:
    records = one.load.records.columns
    unit = records["unit"] - one.load.first_unit
    person, hours, weeks = records["person"], records["hours"], records["weeks"]
    again = np.zeros(len(unit), bool)  # a further record of the same person in the same unit
    again[1:] = (person[1:] == person[:-1]) & (unit[1:] == unit[:-1]) & (person[1:] != 0)

    def total(weights: npt.NDArray[np.generic] | None) -> Ints:
        return np.bincount(unit, weights, minlength=one.units).astype(np.int64)

    return {
        "jobs": total(None),
        "persons": total(~again),
        "wages": total(records["wages"]),
        "hours": total(np.maximum(hours, 0)),
        "jobs_with_hours": total(hours >= 0),
        "weeks": total(np.maximum(weeks, 0)),
        "jobs_with_weeks": total(weeks >= 0),
    }


def _values(order: list[NumberedLoad]) -> JobValues:
    def parts() -> Iterator[tuple[Ints, Ints]]:
        yield np.empty(0, np.int64), np.empty(0, np.int64)
        for one in order:
            records = one.load.records.columns
            yield one.offset + records["unit"] - np.int64(one.load.first_unit), records["wages"].astype(np.int64)

    rows, wages = zip(*parts(), strict=True)
    return JobValues(np.concatenate(rows), np.concatenate(wages))
