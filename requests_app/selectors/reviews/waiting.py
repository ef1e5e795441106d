"""The reviews of a state: what waits for its answer, and what it answered; and for BLS what needs care."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from requests_app import standing
from requests_app.models import (
    DataRequest,
    Opening,
    OutputFile,
    OutputReview,
    Package,
    PartnerReview,
    Person,
    StandingConsent,
)
from requests_app.output_states import OutputState
from requests_app.review_policies import Review
from requests_app.selectors.life.turns import named
from requests_app.states import Role, State

OPEN_IN = (State.PARTNER_REVIEW, State.SHARING_REVIEW)
SHOWN = 100


@dataclass(frozen=True)
class WaitingReview:
    """One line of the list: the review, what it is about, and whether the person has seen these exact files."""

    review: Review
    about: str
    is_late: bool
    has_opened: bool
    is_again: bool


def open_reviews() -> QuerySet[PartnerReview]:
    """Reviews of newest packages that wait for an answer, of requests that may go on."""
    newest = PartnerReview.objects.filter(
        verdict=PartnerReview.Verdict.OPEN, request__state__in=OPEN_IN, request__suspended_reason=""
    ).exclude(request__packages__version__gt=F("package__version"))
    return newest.select_related("agency", "request", "package").order_by("due_on")


def with_void(reviews: QuerySet[PartnerReview]) -> QuerySet[PartnerReview]:
    """Each with `is_void`: the tables were built again since, so that the answer counts no more."""
    return reviews.annotate(is_void=_built_again())


def _built_again() -> Exists:
    return Exists(Package.objects.filter(request=OuterRef("request"), version__gt=OuterRef("package__version")))


def void_reviews_of(request: DataRequest) -> list[PartnerReview]:
    """The states' answers about packages that were built again since, the newest first."""
    answered = request.partner_reviews.exclude(verdict=PartnerReview.Verdict.OPEN).select_related("agency", "package")
    return list(answered.filter(_built_again()).order_by("-package__version", "agency__state_name"))


def reviews_for(person: Person) -> QuerySet[PartnerReview]:
    """Every review the person's state was asked for, where they are one of its Output Reviewers."""
    if Role.OUTPUT_REVIEWER not in standing.roles_of(person):
        return PartnerReview.objects.none()
    found = PartnerReview.objects.filter(agency=person.agency_id)
    return found.select_related(
        "agency", "request__agency", "package__request__agency", "package__tables", "answered_by"
    )


def output_reviews_for(person: Person) -> QuerySet[OutputReview]:
    """The same of outputs that agencies made from micro data."""
    if Role.OUTPUT_REVIEWER not in standing.roles_of(person):
        return OutputReview.objects.none()
    found = OutputReview.objects.filter(agency=person.agency_id)
    return found.select_related("agency", "output__request__agency", "answered_by")


def find_review(person: Person, review_id: str) -> PartnerReview:
    """The review of this id; `PartnerReview.DoesNotExist` where it is not the person's state's."""
    return reviews_for(person).get(pk=review_id)


def find_any_review(person: Person, review_id: str) -> Review:
    """The review of this id, of a package or an output; `OutputReview.DoesNotExist` where it is not the state's."""
    return reviews_for(person).filter(pk=review_id).first() or output_reviews_for(person).get(pk=review_id)


def waiting_for(person: Person) -> list[WaitingReview]:
    """What waits for the state's answer, the nearest deadline first, at most `SHOWN`."""
    waiting = [*_packages_waiting(person), *_outputs_waiting(person)]
    return sorted(waiting, key=lambda line: (line.review.due_on, line.review.pk))[:SHOWN]


def _outputs_waiting(person: Person) -> list[WaitingReview]:
    """Outputs whose files as they are wait for the state; one was opened when each of its files was looked at."""
    looked_at = Opening.objects.filter(file=OuterRef("view"), person=person, used_at__isnull=False)
    kept = OutputFile.objects.filter(output=OuterRef("output"), removed_at__isnull=True)
    before = OutputReview.objects.filter(agency=OuterRef("agency"), output=OuterRef("output")).exclude(verdict="")
    rows = (
        output_reviews_for(person)
        .filter(verdict="", output__state=OutputState.PARTNER_REVIEW, files_sha256=F("output__files_sha256"))
        .filter(output__request__suspended_reason="")
        .annotate(opened=~Exists(kept.filter(~Exists(looked_at))), again=Exists(before))
        .order_by("due_on", "pk")[:SHOWN]
    )
    today = timezone.localdate()
    return [
        WaitingReview(
            row,
            f"{row.request.agency.state_name}'s output “{row.output.title}”",
            row.due_on < today,
            row.opened,
            row.again,
        )
        for row in rows
    ]


def answered_about_outputs(person: Person) -> QuerySet[OutputReview]:
    """What the state answered about outputs, the newest first."""
    return output_reviews_for(person).exclude(verdict=PartnerReview.Verdict.OPEN).order_by("-answered_at")


def _packages_waiting(person: Person) -> list[WaitingReview]:
    opened = Opening.objects.filter(file=OuterRef("package__tables"), person=person, used_at__isnull=False)
    before = PartnerReview.objects.filter(
        agency=OuterRef("agency"), request=OuterRef("request"), package__version__lt=OuterRef("package__version")
    )
    if Role.OUTPUT_REVIEWER not in standing.roles_of(person):
        return []
    mine = open_reviews().filter(agency=person.agency_id).select_related("agency", "request__agency", "package")
    rows = mine.annotate(opened=Exists(opened), again=Exists(before)).order_by("due_on", "pk")[:SHOWN]
    today = timezone.localdate()
    return [
        WaitingReview(
            row,
            f"{row.request.agency.state_name}'s tables {named(row.request)}",
            row.due_on < today,
            row.opened,
            row.again,
        )
        for row in rows
    ]


def answered_by_state(person: Person) -> QuerySet[PartnerReview]:
    """What the state answered, the newest first; void answers stay, marked."""
    answered = with_void(reviews_for(person)).exclude(verdict=PartnerReview.Verdict.OPEN).order_by("-answered_at")
    return answered.select_related(None).select_related("request__agency", "package", "answered_by")


def consents_of(person: Person) -> QuerySet[StandingConsent]:
    """The state's consents in advance, the newest first."""
    return StandingConsent.objects.filter(agency=person.agency_id).select_related("given_by", "ended_by")
