"""Flows of workers as LEHD defines them, from job histories.

m(t): the pair has wages in quarter t. Beginning-of-quarter employment b = m(t-1) m(t); end e = m(t) m(t+1); full
quarter f = m(t-1) m(t) m(t+1); accession a = m(t) without m(t-1); separation s = m(t) without m(t+1); new hire: an
accession without m(t-2), m(t-3), m(t-4); recall: any other accession (Abowd and others 2009, "The LEHD Infrastructure
Files and the Creation of the Quarterly Workforce Indicators", appendix). So b + a = m = e + s, and e - b = a - s.
"""

from dataclasses import dataclass

import numpy as np

from matching.core.tabulation.histories import Bools, Histories, Ints

FLOW_COLUMNS = (
    "emp_total", "emp_beginning", "emp_end", "emp_full", "accessions", "new_hires", "recalls", "separations",
    "full_quarter_wages",
)  # fmt: skip
_LOOK_BACK = 4


@dataclass(frozen=True)
class Flows:
    """The flows of one quarter by job (j): yes or no, wages in dollars; None: cannot be known."""

    columns: dict[str, Bools | Ints | None]


def flows(histories: Histories, column: int) -> Flows:
    """The flows of the jobs in the quarter at `column`; what needs a quarter that was not searched is None."""
    now = histories.held[:, column]
    before, after = histories.held_in(column - 1), histories.held_in(column + 1)
    begun = None if before is None else now & ~before
    full = None if before is None or after is None else now & before & after
    recalled = _recalled(histories, column, begun)
    columns: dict[str, Bools | Ints | None] = {
        "emp_total": now,
        "emp_beginning": None if before is None else now & before,
        "emp_end": None if after is None else now & after,
        "emp_full": full,
        "accessions": begun,
        "new_hires": None if recalled is None or begun is None else begun & ~recalled,
        "recalls": recalled,
        "separations": None if after is None else now & ~after,
    }
    columns["full_quarter_wages"] = None if full is None else np.where(full, histories.wages[:, column], 0)
    return Flows(columns)


def _recalled(histories: Histories, column: int, begun: Bools | None) -> Bools | None:
    """Accessions of persons the employer had two to four quarters before."""
    earlier = [histories.held_in(column - back) for back in range(2, _LOOK_BACK + 1)]
    known = [held for held in earlier if held is not None]
    if begun is None or len(known) < len(earlier):
        return None
    return np.asarray(begun & np.logical_or.reduce(known), np.bool_)
