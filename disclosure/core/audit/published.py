"""The audit of published QCEW: which withheld cells can anyone work out from all the others of a state and quarter?

Only counts leave this module; a recovered value is never computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.audit.exact_algebra import determined
from matching.core.qcew.published import relations, state_quarter


@dataclass(frozen=True)
class PublishedAudit:
    """Counts of one state and quarter (YYYYQ): cells, withheld among them, recoverable among those, relations."""

    state: str
    quarter: int
    cells: int
    withheld: int
    recoverable: int
    relations: int


def state_quarters(table: pa.Table, quarter: int | None = None) -> list[tuple[str, int]]:
    """Return every state (FIPS) and quarter (YYYYQ) of published rows whose statewide cells are there."""
    statewide = table.filter(pc.ends_with(table["area_fips"], "000"))
    areas = pc.utf8_slice_codeunits(statewide["area_fips"], 0, 2).to_pylist()
    found = zip(areas, statewide["year"].to_pylist(), statewide["qtr"].to_pylist(), strict=True)
    pairs = {(state, 10 * year + qtr) for state, year, qtr in found if state.isdigit()}
    return sorted(pair for pair in pairs if quarter is None or pair[1] == quarter)


def audit_published(table: pa.Table, pairs: list[tuple[str, int]]) -> Iterator[PublishedAudit]:
    """Audit state quarters of published rows (columns of matching's `read_quarterly`) by exact linear algebra.

    Relations are industries to their parent, counties with the unknown one to the state, owners to 0 and to 8.
    """
    for state, quarter in pairs:
        cells = state_quarter(table, state, *divmod(quarter, 10))
        matrix = relations(cells).matrix
        recoverable = determined(matrix, cells.withheld)
        yield PublishedAudit(
            state,
            quarter,
            cells=len(cells.withheld),
            withheld=int(cells.withheld.sum()),
            recoverable=int(np.count_nonzero(recoverable)),
            relations=matrix.shape[0],
        )
