"""A request's packages as a viewer may know them: BLS all versions, the team those delivered to it."""

from dataclasses import dataclass
from datetime import date, datetime

from requests_app import policies
from requests_app.models import DataRequest, Delivery, DestructionStatement, Package, Person
from requests_app.policies import Denied
from requests_app.request_rows import deliveries_of, packages, sign_offs_of, there_is
from requests_app.standing import roles_on
from requests_app.states import AGGREGATED, Role


@dataclass(frozen=True)
class PackageLine:
    """One package: its facts, and whether the viewer opens it; `reasons` say why not."""

    package: Package
    built_at: datetime
    delivered_at: datetime | None
    delivery_words: str
    size: int
    signed_by: list[str]
    destroy_by: date | None
    destroyed_at: datetime | None
    expects_to_open: bool
    reasons: list[str]
    may_deliver: bool = False

    @property
    def may_open(self) -> bool:
        """True where nothing stands in the way."""
        return self.expects_to_open and not self.reasons


def packages_of(request: DataRequest, viewer: Person) -> list[PackageLine]:
    """The packages the viewer may know of, newest first."""
    found = list(packages(request)) if policies.is_party(viewer, request) else []
    if not viewer.agency.is_bls:
        found = [package for package in found if deliveries_of(package)]
    reasons = _reasons(request, viewer) if found else []
    newest = max((package.version for package in found), default=0)
    return [_line(package, request, viewer, reasons, replaced=package.version < newest) for package in found]


def get_package(request: DataRequest, viewer: Person, package_id: str) -> PackageLine:
    """The package of this id; `Package.DoesNotExist` where the viewer does not see it."""
    for line in packages_of(request, viewer):
        if line.package.pk == package_id:
            return line
    raise Package.DoesNotExist


def statements_of(request: DataRequest, viewer: Person) -> list[DestructionStatement]:
    """The statements of destruction, rejected ones too, for BLS and the agency that made them."""
    is_party = viewer.agency.is_bls or viewer.agency_id == request.agency_id
    if not is_party or not there_is(request).statements:
        return []
    made = DestructionStatement.objects.filter(destruction__request=request)
    people = ("confirmed_by", "rejected_by", "certificate", "destruction__package", "destruction__held")
    return list(made.select_related(*people).defer("certificate__content").order_by("confirmed_at"))


def _reasons(request: DataRequest, viewer: Person) -> list[str]:
    try:
        policies.check_open_package(viewer, request)
    except Denied as denied:
        return denied.reasons
    return []


def _line(package: Package, request: DataRequest, viewer: Person, reasons: list[str], *, replaced: bool) -> PackageLine:
    delivery = next(iter(deliveries_of(package)), None)
    not_sent = "Replaced by a later package" if replaced else "Not released"
    duty = getattr(package, "destruction", None)
    return PackageLine(
        package=package,
        built_at=package.built_at,
        delivered_at=delivery.delivered_at if delivery else None,
        delivery_words=Delivery.Status(delivery.status).label if delivery else not_sent,
        size=package.file.plain_bytes,
        signed_by=[one.person.name for one in sign_offs_of(package)] if request.kind in AGGREGATED else [],
        destroy_by=duty.due_on if duty else None,
        destroyed_at=duty.confirmed_at if duty else None,
        expects_to_open=viewer.agency_id == request.agency_id and delivery is not None,
        reasons=reasons,
        may_deliver=delivery is not None and Role.RELEASE_OFFICER in roles_on(viewer, request),
    )
