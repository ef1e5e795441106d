"""A request's table protected with what was released before: tables of a universe jointly, tables of people by persons.

Tables of establishments are protected beside what published QCEW says of the same cells too. Runs in a worker, which
alone reads the ledger.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from django.utils import timezone

from disclosure import parameters
from disclosure.core.ledger.cohorts import FINGERPRINT, CohortEntry, enter_cohort, likeness
from disclosure.core.ledger.entry import Entry, enter
from disclosure.core.ledger.outside import published_entries
from disclosure.core.ledger.protection import HistoryRefused, protect_with_history
from disclosure.core.protected_table import History, ProtectedTable, protect_table
from disclosure.core.qcew.cells import QcewCells
from disclosure.core.suppression.search import Infeasible, Progress
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.crossing import integers
from disclosure.models import HistoryRefusal
from disclosure.selectors import releases
from disclosure.services import ledger
from disclosure.services.published_bases import published_beside
from matching.services import cohort_persons
from requests_app.models import DataRequest


@dataclass(frozen=True)
class Protected:
    """A protected table and what the ledger will keep of it; nothing for a table whose persons nobody can compare."""

    table: ProtectedTable
    entry: Entry | CohortEntry | None


def protect(
    request: DataRequest,
    cells: Cells | QcewCells,
    contributions: pa.Table,
    *,
    withdraw: Iterable[Key],
    progress: Progress,
) -> Protected:
    """Protects a table. Raises Infeasible, or HistoryRefused where earlier releases make it impossible."""
    name = f"{request.number}, package {request.packages.count() + 1}"
    if isinstance(cells, QcewCells) or not cells.design.of_people:
        return _with_tables(request, cells, contributions, name, set(withdraw), progress)
    if FINGERPRINT in contributions.column_names:
        return _with_cohorts(request, cells, contributions, name, set(withdraw), progress)
    return Protected(
        protect_table(cells, parameters.current(), withdraw=withdraw, intervals=False, progress=progress), None
    )


def _with_tables(
    request: DataRequest, cells: Cells | QcewCells, contributions: pa.Table, name: str, withdraw: set[Key],
    progress: Progress,
) -> Protected:  # fmt: skip
    entry = enter(cells, contributions, releases.scope_of(request), name)
    table = protect_with_history(
        cells,
        parameters.current(),
        entry,
        known_beside(request, entry),
        withdraw=withdraw,
        intervals=False,
        preferred=ledger.withheld_a_quarter_ago(request, entry.keys),
        progress=progress,
    )
    return Protected(table, entry.with_statuses(table.pattern.by_key))


def known_beside(request: DataRequest, entry: Entry) -> list[Entry]:
    """What a reader of a request's table has besides: tables released before, and published QCEW."""
    released = ledger.tables_before(request)
    return [*released, *published_entries(entry, released, published_beside(request))]


def _with_cohorts(
    request: DataRequest, cells: Cells, contributions: pa.Table, name: str, withdraw: set[Key], progress: Progress
) -> Protected:
    """What earlier cohorts published of the very same persons stays public, what they withheld stays withheld, and what
    differs from them by few persons is withheld like any sensitive cell."""
    in_force = parameters.current()
    entry = enter_cohort(cells, contributions, _fingerprints(contributions), name)
    alike = likeness(entry, ledger.cohorts_before(request), in_force.min_persons)
    table = protect_table(
        cells,
        in_force,
        frozen=alike.published - alike.withheld - alike.apart,
        withdraw=withdraw,
        intervals=False,
        apart=alike.withheld | alike.apart,
        progress=progress,
    )
    named = sorted({release for names in alike.earlier.values() for release in names})
    if named or alike.published:
        table = replace(table, history=History(tuple(named), tuple(alike.earlier), 0, 0))
    return Protected(table, entry.with_statuses(dict(table.pattern.by_key)))


def _fingerprints(contributions: pa.Table) -> cohort_persons.Fingerprints:
    return cohort_persons.of_contributions(
        contributions[FINGERPRINT].to_numpy().astype(np.uint64),
        integers(contributions, "quarter"),
        [str(name or "") for name in contributions["enterprise"].to_pylist()],
        [integers(contributions, name) for name in ("jobs", "wages")],
    )


def keep_refusal(request: DataRequest, problem: Infeasible) -> None:
    """What stood in the way, for BLS: cells by their codes and the releases that published them, no values."""
    in_the_way = problem.in_the_way if isinstance(problem, HistoryRefused) else ()
    HistoryRefusal.objects.create(
        request_number=request.number,
        refused_at=timezone.now(),
        reasons=list(problem.reasons),
        in_the_way=[[release, *key] for release, key in in_the_way],
    )
