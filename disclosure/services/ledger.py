"""The ledger of what was released: each package is protected with it, and none leaves that does not know all of it.

An entry is kept by the worker that builds the package, and counts once the package is released. Two packages that
overlap and were built beside each other cannot both leave: the second finds the first when it is released, and is built
again. The check stands under the lock of the events' chain, which every release takes first (docs/adr/0021).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from disclosure.core.ledger import archive
from disclosure.core.ledger.cohorts import CohortEntry
from disclosure.core.ledger.entry import Entry
from disclosure.core.tabulation.cells import Key
from disclosure.models import LedgerEntry, ProtectedScope
from disclosure.selectors import releases
from disclosure.services.published_bases import files_beside
from requests_app.hooks import effect, guard, tender
from requests_app.models import DataRequest, Package, Person
from requests_app.policies import Denied, newest_package
from requests_app.services.life import notices, workflow
from requests_app.states import AGGREGATED, ENDED, Kind, Role, State

BEFORE_RELEASE = (State.DISCLOSURE_REVIEW, State.PARTNER_REVIEW, State.READY_FOR_RELEASE)
IN_BETWEEN = (
    "Tables that overlap with these were released after these were built. They are being built again, protected "
    "together with those, and reviewed again."
)


def used(request: DataRequest) -> dict[str, list[str]]:
    """What of the ledger a build depends on, by SHA-256: overlapping releases, those of the quarters before, and files
    of published QCEW."""
    return {
        "overlapping": [str(one.package.sha256) for one in releases.before_it(request)],
        "quarters_before": [str(one.package.sha256) for one in _quarters_before(request)],
        "published": files_beside(request),
    }


def _quarters_before(request: DataRequest) -> list[ProtectedScope]:
    """The newest release of the same source and states for the quarter before each quarter asked for."""
    scope = releases.scope_of(request)
    found: dict[int, ProtectedScope] = {}
    for one in releases.released():
        kept = releases.kept_scope(one)
        if kept.source == scope.source and set(kept.states) & set(scope.states):
            found |= dict.fromkeys(kept.quarters, one)
    wanted = {before(quarter) for quarter in scope.quarters} - set(scope.quarters)
    return sorted({one for quarter, one in found.items() if quarter in wanted}, key=lambda one: one.package_id)


def before(quarter: int) -> int:
    """The quarter (YYYYQ) before."""
    return quarter - 1 if quarter % 10 > 1 else quarter - 7


def tables_before(request: DataRequest) -> list[Entry]:
    """The released tables that a request's are protected with."""
    return [archive.unpack(data) for data in _packed(releases.before_it(request), "table")]


def table_of(package: Package) -> Entry | None:
    """What the ledger keeps of a package's table; nothing of a table of people."""
    kept = LedgerEntry.objects.filter(package_id=package.pk).values_list("table", flat=True).first()
    return None if kept is None else archive.unpack(bytes(kept))


def cohorts_before(request: DataRequest) -> list[CohortEntry]:
    """The released tables of people that a request's are compared with."""
    return [archive.unpack_cohort(data) for data in _packed(releases.before_it(request), "cohorts")]


def withheld_a_quarter_ago(request: DataRequest, keys: Iterable[Key]) -> set[Key]:
    """Those of the cells that a released table of the quarter before withheld: to withhold them again is cheap."""
    entries = [archive.unpack(data) for data in _packed(_quarters_before(request), "table")]
    then = {key for one in entries for key, status in zip(one.keys, one.statuses, strict=True) if status != "F"}
    return {key for key in keys if key[0].isdecimal() and (str(before(int(key[0]))), *key[1:]) in then}


def _packed(scopes: list[ProtectedScope], column: str) -> list[bytes]:
    kept = LedgerEntry.objects.filter(package_id__in=[one.package_id for one in scopes])
    return [bytes(data) for data in kept.order_by("package_id").values_list(column, flat=True) if data is not None]


def keep(package: Package, entry: Entry | CohortEntry | None, protected_with: dict[str, list[str]]) -> None:
    """Keeps what a package tells; in the transaction that keeps the package."""
    request, scope = package.request, releases.scope_of(package.request)
    table = archive.pack(entry) if isinstance(entry, Entry) else None
    cohorts = archive.pack_cohort(entry) if isinstance(entry, CohortEntry) else None
    LedgerEntry.objects.create(
        package_id=package.pk,
        request_number=request.number,
        table=table,
        cohorts=cohorts,
        sha256=hashlib.sha256((table or b"") + (cohorts or b"")).hexdigest(),
        kept_at=package.built_at,
    )
    ProtectedScope.objects.create(
        package=package,
        source=scope.source,
        states=scope.states,
        quarters=scope.quarters,
        industries=scope.industries,
        ownerships=scope.ownerships,
        releases=protected_with["overlapping"],
    )


@guard("nothing_came_in_between")
def nothing_came_in_between(request: DataRequest, _person: Person | None) -> list[str]:
    """No overlapping tables were released since these were protected, and the MOU of no state in them has ended."""
    lapsed = [f"{name}'s MOU is not in force, and its records are in these tables." for name in lapsed_in(request)]
    return [IN_BETWEEN, *lapsed] if releases.is_outdated(request) else lapsed


@guard("something_came_in_between")
def something_came_in_between(request: DataRequest, _person: Person | None) -> list[str]:
    """Overlapping tables were released since these were protected, or the MOU of a state in them has ended."""
    if releases.is_outdated(request) or lapsed_in(request):
        return []
    return ["The tables know of every release that overlaps with them."]


@effect("release", first=True)
def look_once_more(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """Of two overlapping releases at the same moment the second finds the first: its event has waited for it."""
    package = newest_package(request)
    if package is not None and releases.is_outdated(request):
        raise Denied(IN_BETWEEN)


def lapsed_in(request: DataRequest) -> list[str]:
    """States whose MOU ended while the tables were reviewed, by name."""
    return releases.lapsed_in_package(request)


@transaction.atomic
def _build_without(request: DataRequest, lapsed: list[str]) -> None:
    """The tables of a macro request are built again without the states whose MOU has ended (product.md); matched people
    cannot be searched for again, so micro to macro waits for the next MOU or is refused."""
    words = f"Without the records of {' and '.join(lapsed)}, whose MOU is no longer in force."
    workflow.transition(request, "rebuild", actor=None, reason=words)
    told = f"{request.number}: the tables are built again. {words}"
    notices.tell_about(request, told, [Role.COORDINATOR, Role.PROGRAM_ANALYST], timezone.now())


@tender("ledger")
def tend() -> None:
    """Worker's part: tables that do not know of an overlapping release are built again, wherever their review stands,
    and so are those with records of a state whose MOU has ended; of requests that ended without a release nothing is
    kept."""
    waiting = DataRequest.objects.filter(kind__in=AGGREGATED, state__in=BEFORE_RELEASE, suspended_reason="")
    for request in waiting.order_by("number"):
        if releases.is_outdated(request):
            workflow.transition(request, "rebuild", actor=None)
        elif request.kind == Kind.MACRO and (lapsed := lapsed_in(request)):
            _build_without(request, lapsed)
    ended = DataRequest.objects.filter(state__in=ENDED).exclude(decisions__transition="release")
    kept = LedgerEntry.objects.values_list("request_number", flat=True)
    LedgerEntry.objects.filter(
        request_number__in=list(ended.filter(number__in=kept).values_list("number", flat=True))
    ).delete()
