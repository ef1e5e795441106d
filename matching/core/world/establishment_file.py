"""The establishment file (QCEW micro) of a state and quarter, as a table that pyarrow writes as CSV."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from matching.core.world.careers import following
from matching.core.world.digits import Bytes, digits
from matching.core.world.establishments import MASTER, EstablishmentQuarter, Roster, master_records
from matching.core.world.randomness import stream_key, uniforms

Integers = NDArray[np.int64]

ESTABLISHMENT_FIELDS: Final = (
    "state_fips", "year", "quarter", "uin", "run", "ein", "naics", "naics_vintage", "county_fips", "ownership", "meei",
    "month1", "month1_flag", "month2", "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages",
    "contributions", "predecessor_uin", "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip
_NAICS_VINTAGES: Final = ((2022, "2022"), (2017, "2017"), (2011, "2012"), (2007, "2007"), (0, "2002"))
_IMPUTED_SHARE: Final = 0.02


def _text(table: Bytes) -> pa.Array:
    """Rows of an ASCII table (n, width) as an Arrow string column."""
    n, width = table.shape
    offsets = np.arange(n + 1, dtype=np.int32) * width
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(table))]
    return pa.Array.from_buffers(pa.string(), n, buffers)


def _repeated(value: str, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def establishment_table(roster: Roster, figures: EstablishmentQuarter) -> pa.Table:
    """The establishment file of a quarter as text and numbers, in the order of ESTABLISHMENT_FIELDS.

    One row per establishment there, and an MEEI 2 master (RUN 00000) per multi-unit account, sorted by UIN and RUN.
    """
    there = np.flatnonzero(figures.present)
    masters = master_records(roster, figures)
    unit = np.concatenate([there, masters.unit])
    values = np.vstack([figures.values[there], masters.values])
    is_master = np.arange(len(unit)) >= len(there)
    run = np.where(is_master, 0, roster.accounts.run[unit])
    meei = np.where(is_master, MASTER, roster.accounts.meei[unit])
    columns = _establishment_columns(roster, figures.quarter, unit, values, run, meei)
    order = np.lexsort((run, roster.tenants(figures.quarter).uin[unit]))
    return pa.table(dict(zip(ESTABLISHMENT_FIELDS, columns, strict=True))).take(pa.array(order))


def _establishment_columns(
    roster: Roster, quarter: int, unit: Integers, values: Integers, run: Integers, meei: Integers
) -> Iterator[pa.Array]:
    n, accounts, cells, tenants = len(unit), roster.accounts, roster.cells, roster.tenants(quarter)
    key = stream_key(roster.seed, "flags", cells.state_fips, quarter)
    yield from (_repeated(cells.state_fips, n), _repeated(str(quarter // 10), n), _repeated(str(quarter % 10), n))
    yield from (_text(digits(tenants.uin[unit], 10)), _text(digits(run, 5)), _text(digits(tenants.ein[unit], 9)))
    yield from (pa.array(cells.naics[roster.cell[unit]]), _repeated(naics_vintage(quarter), n))
    yield pc.utf8_slice_codeunits(pa.array(cells.area[roster.cell[unit]]), 2, 5)
    yield from (pa.array(cells.ownership[roster.cell[unit]]), pa.array(meei))
    for month in range(3):
        yield pa.array(values[:, month])
        imputed = uniforms(stream_key(key, month), accounts.account[unit]) < _IMPUTED_SHARE
        yield pc.if_else(pa.array(imputed), "I", "R")
    yield from (pa.array(values[:, column]) for column in range(3, 6))
    yield from _link(roster, unit, quarter, following(quarter, -1))
    yield from _link(roster, unit, following(quarter), following(quarter))


def _link(roster: Roster, unit: Integers, turn: int, other: int) -> Iterator[pa.Array]:
    """UIN and RUN of who stood at a place in the `other` quarter, where it was sold as the quarter `turn` began."""
    sold = pa.array((roster.tenancies.is_new(turn) & roster.tenancies.is_sold)[unit])
    yield pc.if_else(sold, _text(digits(roster.tenants(other).uin[unit], 10)), "")
    yield pc.if_else(sold, "00000", "")


def naics_vintage(quarter: int) -> str:
    """The NAICS vintage QCEW used in a quarter (2012 codes in 2011-2016, 2017 codes in 2017-2021, then 2022)."""
    return next(vintage for since, vintage in _NAICS_VINTAGES if quarter // 10 >= since)


def csv_options() -> pyarrow.csv.WriteOptions:
    """No quotes anywhere: no field of ours holds a comma."""
    return pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none")
