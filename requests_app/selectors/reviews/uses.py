"""The register of a state's records: every package another state asked for in which they were searched.

Read by the state's Output Reviewers and Project Coordinators. It says who used them for what, under which decision of
the state, and what became of it; never what was found, for that is known by the package or not at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet

from requests_app import form
from requests_app.models import DataRequest, Delivery, Package, PartnerReview, Person
from requests_app.selectors.life.turns import named
from requests_app.templatetags import formats

HEADINGS = [
    "Request", "Requesting state", "Agency", "Title", "Kind", "Permitted activity", "Quarters", "Package", "Built",
    "Answer of this state", "Answered", "Delivered", "Destruction due", "Destroyed", "SHA-256 of the package",
]  # fmt: skip


@dataclass(frozen=True)
class Use:
    """One package in which the state's records were searched."""

    request: DataRequest
    title: str
    activity: str
    quarters: str
    package: Package
    review: PartnerReview | None
    delivered_at: datetime | None
    destroy_by: date | None
    destroyed_at: datetime | None

    @property
    def answer(self) -> str:
        """How the state let it go, in words; micro data are not reviewed by states."""
        if self.review is None:
            return "Individual records: not reviewed" if self.request.kind == "micro" else "Not asked"
        words = str(PartnerReview.Verdict(self.review.verdict).label)
        return f"{words}, withdrawn" if self.review.withdrawn_at else words


def uses_of(person: Person) -> QuerySet[Package]:
    """The packages, newest first, for anyone who may read the register of the person's state."""
    fips = person.agency.fips
    if not fips:
        return Package.objects.none()
    mine = PartnerReview.objects.filter(agency=person.agency_id)
    return (
        Package.objects.filter(Q(states_searched__contains=[fips]) & ~Q(request__agency=person.agency_id))
        .select_related("request__agency", "destruction")
        .prefetch_related(Prefetch("partner_reviews", mine, to_attr="mine"), "deliveries", "request__sections")
        .order_by("-built_at")
    )


def lines(packages: Iterable[Package]) -> Iterator[Use]:
    """Each package as a line of the register."""
    for package in packages:
        request = package.request
        asked, duty = form.read(request), getattr(package, "destruction", None)
        delivered = [one for one in package.deliveries.all() if one.status == Delivery.Status.DELIVERED]
        review = next(iter(package.mine), None)  # type: ignore[attr-defined]
        yield Use(
            request=request,
            title=named(request),
            activity=form.ACTIVITIES.get(asked.activity, asked.activity),
            quarters=formats.quarters(asked.quarters),
            package=package,
            review=review,
            delivered_at=delivered[0].delivered_at if delivered else None,
            destroy_by=duty.due_on if duty else None,
            destroyed_at=duty.confirmed_at if duty else None,
        )


def rows(packages: Iterable[Package]) -> Iterator[list[str]]:
    """The register as lines of a CSV file, headings first."""
    yield HEADINGS
    for use in lines(packages):
        agency = use.request.agency
        yield [
            use.request.number, agency.state_name, agency.name, use.request.title, use.request.get_kind_display(),
            use.activity, use.quarters, str(use.package.version), formats.moment(use.package.built_at), use.answer,
            formats.moment(use.review.answered_at if use.review else None), formats.moment(use.delivered_at),
            formats.day(use.destroy_by), formats.moment(use.destroyed_at), use.package.sha256,
        ]  # fmt: skip
