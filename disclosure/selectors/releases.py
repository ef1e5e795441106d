"""Which released tables overlap a request's, as the workflow tells: any process may ask, nothing of it is secret."""

from collections.abc import Iterable

from django.db.models import Max
from django.utils import timezone

from disclosure.core.ledger.lines import Scope
from disclosure.models import ProtectedScope
from disclosure.services import designs
from requests_app import form, standing
from requests_app.guards import mous_of_partners, partners_of
from requests_app.models import Agency, DataRequest, Package
from requests_app.policies import newest_package
from requests_app.reading import once_a_reading
from requests_app.states import AGGREGATED

PEOPLE = "people"
# Tables of these rows add up the same contributions, so that they can be told apart and found again.
_SAME_AS = {"employers": "wage_records", "jobs": "wage_records"}


def scope_of(request: DataRequest) -> Scope:
    """What a request's tables tell of. Tables of people are compared by their persons, whatever the industry; those of
    moves by where the movers are now, and those of dynamics, each with their own kind."""
    asked, design = form.read(request), designs.design_of(request)
    if design.of_people:
        return Scope(PEOPLE, tuple(states_used(request)), tuple(asked.quarters))
    prefixes = tuple(design.industry_prefixes())
    kind = _SAME_AS.get(design.rows, design.rows)
    return Scope(kind, tuple(states_used(request)), tuple(asked.quarters), prefixes, tuple(design.ownerships))


def kept_scope(kept: ProtectedScope) -> Scope:
    """The scope that was kept with a package."""
    return Scope(kept.source, tuple(kept.states), tuple(kept.quarters), tuple(kept.industries), tuple(kept.ownerships))


def lapsed_states(request: DataRequest) -> dict[str, str]:
    """The other states asked for whose MOU is not in force today, FIPS to name: their records may not be used."""
    agencies = Agency.objects.filter(fips__in=form.read(request).states).exclude(pk=request.agency_id)
    mous = standing.mous_of([str(agency.fips) for agency in agencies], timezone.localdate())
    return {str(agency.fips): agency.state_name for agency in agencies if str(agency.fips) not in mous}


def states_used(request: DataRequest) -> list[str]:
    """The states asked for whose records a build of tables may read today."""
    lapsed = lapsed_states(request)
    return [state for state in form.read(request).states if state not in lapsed]


@once_a_reading
def released() -> list[ProtectedScope]:
    """The scopes of every aggregated package that was released, oldest first; a request releases its newest one."""
    of_requests = DataRequest.objects.filter(kind__in=AGGREGATED, decisions__transition="release")
    newest = of_requests.annotate(newest=Max("packages__version")).values_list("pk", "newest")
    wanted = dict(newest)
    scopes = ProtectedScope.objects.filter(package__request__in=wanted).select_related("package__request")
    found = [one for one in scopes if one.package.version == wanted[one.package.request_id]]
    return sorted(found, key=lambda one: one.package_id)


def overlapping(scope: Scope, others: Iterable[ProtectedScope]) -> list[ProtectedScope]:
    """Those that meet a scope, or one that meets it, and so on: what is withheld in one protects the next."""
    left, found, reached = list(others), [], [scope]
    for one in reached:
        met = [other for other in left if kept_scope(other).meets(one)]
        left = [other for other in left if other not in met]
        found += met
        reached += [kept_scope(other) for other in met]
    return sorted(found, key=lambda one: one.package_id)


def before_it(request: DataRequest) -> list[ProtectedScope]:
    """The releases that a request's tables are to be protected with."""
    others = [one for one in released() if one.package.request_id != request.pk]
    return overlapping(scope_of(request), others)


@once_a_reading
def came_in_between(package: Package) -> list[str]:
    """The requests whose overlapping tables were released after the package was protected, in order."""
    kept = ProtectedScope.objects.filter(package=package).first()
    if kept is None:
        return []
    others = [one for one in released() if one.package.request_id != package.request_id]
    later = [one for one in overlapping(kept_scope(kept), others) if one.package.sha256 not in kept.releases]
    return [str(one.package.request.number) for one in later]


def is_outdated(request: DataRequest) -> bool:
    """Whether the request's newest tables do not know of an overlapping release."""
    package = newest_package(request) if request.kind in AGGREGATED else None
    return package is not None and bool(came_in_between(package))


@once_a_reading
def lapsed_in_package(request: DataRequest) -> list[str]:
    """The names of states whose records are in the request's newest tables though their MOU has ended meanwhile."""
    package = newest_package(request) if request.kind in AGGREGATED else None
    partners = partners_of(request, package) if package else []
    mous = mous_of_partners(request, package) if partners else {}
    return [agency.state_name for agency in partners if str(agency.fips) not in mous]
