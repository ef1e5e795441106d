"""Establishments of the world as the wage store yields contributions, without a database in between."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.core.qcew.published import VARIABLES
from matching.core.world.establishments import EstablishmentQuarter, Roster

_NAMES = {"total_wages": "wages"}


def contribution_table(roster: Roster, figures: EstablishmentQuarter) -> pa.Table:
    """One row per establishment there in the quarter; the enterprise is its EIN, or state and UIN where unknown."""
    there = np.flatnonzero(figures.present)
    cells, cell = roster.cells, roster.cell[there]
    text = {"area": cells.area[cell], "industry": cells.naics[cell], "ownership": cells.ownership[cell]}
    values = {_NAMES.get(name, name): figures.values[there, column] for column, name in enumerate(VARIABLES)}
    return pa.table(
        {
            "quarter": pa.array(np.full(len(there), figures.quarter), pa.int32()),
            "state": [cells.state_fips] * len(there),
            **{name: pa.array(codes.tolist(), pa.string()) for name, codes in text.items()},
            "enterprise": pa.array(_enterprises(roster, figures.quarter, there), pa.string()),
            "establishments": pa.array(np.ones(len(there), dtype=np.int64)),
            **values,
        }
    )


def _enterprises(roster: Roster, quarter: int, there: NDArray[np.int64]) -> list[str]:
    tenants = roster.tenants(quarter)
    pairs = zip(tenants.ein[there].tolist(), tenants.uin[there].tolist(), strict=True)
    return [f"{ein:09}" if ein else f"{roster.cells.state_fips}{uin:010}" for ein, uin in pairs]
