"""Whether published cells of a state and quarter agree with each other: sums of parents, and average weekly wages.

Weekly wage: total wages / (13 x mean of the three months), rounded half up, 0 without employment.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.core.qcew.figures import weekly_wage
from matching.core.qcew.published import PUBLISHED, VARIABLES, relations, state_quarter, with_suppression


@dataclass(frozen=True)
class QcewCheck:
    """Counts of one state and quarter. `sums_broken`: relations of which nothing is withheld and something differs;
    `parents_short`: published parents less than their published children; `counts_broken`: of establishments."""

    state: str
    quarter: int
    cells: int
    withheld: int
    without_establishment: int
    relations: int
    relations_published: int
    counts_broken: int
    sums_broken: int
    parents_short: int
    weekly_wages: int
    weekly_wages_wrong: int

    @property
    def good(self) -> bool:
        """Nothing contradicts anything."""
        return not (self.counts_broken or self.sums_broken or self.parents_short or self.weekly_wages_wrong)


def check_quarter(table: pa.Table, state: str, year: int, qtr: int) -> QcewCheck:
    """Checks every relation and weekly wage of `table` (columns of `qcew.read_quarterly`). QcewError: no rows."""
    cells = state_quarter(table, state, year, qtr)
    system = relations(cells)
    open_ones = ~with_suppression(system, cells.withheld)
    left = system.matrix @ cells.values
    parent_shown = ((system.matrix > 0) @ cells.withheld.astype(int)) == 0
    checked, wrong = _weekly_wages(_of_quarter(table, state, year, qtr))
    return QcewCheck(
        state=state,
        quarter=year * 10 + qtr,
        cells=len(cells.area),
        withheld=int(cells.withheld.sum()),
        without_establishment=int(cells.absent.sum()),
        relations=system.matrix.shape[0],
        relations_published=int(open_ones.sum()),
        counts_broken=int(np.count_nonzero(system.matrix @ cells.establishments)),
        sums_broken=int(np.any(left[open_ones] != 0, axis=1).sum()),
        parents_short=int(np.any(left[parent_shown] < 0, axis=1).sum()),
        weekly_wages=checked,
        weekly_wages_wrong=wrong,
    )


def _of_quarter(table: pa.Table, state: str, year: int, qtr: int) -> pa.Table:
    here = pc.starts_with(table["area_fips"], state)
    now = pc.and_(pc.equal(table["year"], year), pc.equal(table["qtr"], qtr))
    return table.filter(pc.and_(pc.and_(here, now), pc.equal(table["status"], PUBLISHED)))


def _weekly_wages(rows: pa.Table) -> tuple[int, int]:
    """Published cells, and how many of their weekly wages do not follow from wages and employment."""
    months = sum(rows[month].to_numpy() for month in VARIABLES[:3])
    wages, weekly = rows["total_wages"].to_numpy(), rows["avg_wkly_wage"].to_numpy()
    return rows.num_rows, int(np.count_nonzero(weekly != weekly_wage(wages, months)))
