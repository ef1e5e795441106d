"""A table in the layout of QCEW through rules, suppression and audit, with the exemptions that hold there only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import Key, QcewCells
from disclosure.core.qcew.exemptions import is_exempt, is_public
from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.sensitivity import assess, with_exemptions, with_objections
from disclosure.core.suppression.search import Progress, protect_and_audit
from disclosure.core.system import Bools


def protect_qcew(
    cells: QcewCells,
    parameters: Parameters,
    *,
    amounts: Sequence[str] = (),
    frozen: Iterable[Key] = (),
    withdraw: Iterable[Key] = (),
    preferred: Iterable[Key] = (),
    intervals: bool = False,
    progress: Progress | None = None,
) -> ProtectedTable:
    """Protect every cell on all amounts, or those named, and audit the result afresh.

    Federal cells are public where they are exempt, so they hide nothing either: they are never withheld, not even as
    complements. Unclassified cells need no protection where they are exempt, but may be complements. Withdrawn cells
    are protected all the same; withholding `preferred` ones costs nothing. Raises suppression.Infeasible when no safe
    pattern exists.
    """
    system = cells.system(amounts)
    sensitivity = with_exemptions(assess(system, parameters), exempt(cells, parameters))
    withdrawn = sorted(set(withdraw))
    sensitivity = with_objections(sensitivity, system, withdrawn)
    public = {*frozen, *(cells.keys[place] for place in np.flatnonzero(public_cells(cells, parameters)))} - set(
        withdrawn
    )
    pattern, final = protect_and_audit(
        system, sensitivity, frozen=public, preferred=preferred, intervals=intervals, progress=progress
    )
    return ProtectedTable(cells, system, sensitivity, pattern, final)


def exempt(cells: QcewCells, parameters: Parameters) -> Bools:
    """Return the cells (n) that the rules are not applied to."""
    return cells.where(lambda code: is_exempt(code, parameters))


def public_cells(cells: QcewCells, parameters: Parameters) -> Bools:
    """Return the cells (n) that everybody has from elsewhere."""
    return cells.where(lambda code: is_public(code, parameters))
