"""Everything on record about one person: what they hold, what they signed, what stops them; nothing is left out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Model

from requests_app.agreements.validity import UNDER_WAY, AgreementStanding, standing_on
from requests_app.models import (
    AgentAgreement,
    DataRequest,
    Membership,
    Person,
    PreReleaseListing,
    Separation,
    Training,
)
from requests_app.selectors.holdings.documents import READERS
from requests_app.selectors.life.requests import visible_to
from requests_app.selectors.people.people import SOON, certified_until, requests_of, stops
from requests_app.standing import is_listed, mou_of, roles_of, training_ends_on
from requests_app.states import Role


@dataclass(frozen=True)
class RoleLine:
    """A role held, now or before: from when to when, given and ended by whom, last looked at when."""

    record: Membership
    role: str
    when: str  # now, later or over
    looked_at: datetime


@dataclass(frozen=True)
class Step:
    """One step of an agreement: what, when it was taken, by whom; not taken yet where `at` is empty."""

    words: str
    at: datetime | None
    by: str = ""


@dataclass(frozen=True)
class AgreementLine:
    """An agreement with its steps."""

    record: AgentAgreement
    standing: AgreementStanding
    steps: list[Step]

    @property
    def look(self) -> str:
        """The status the page shows."""
        return LOOKS.get(self.standing, "waiting")


LOOKS = {
    AgreementStanding.IN_FORCE: "active",
    AgreementStanding.ENDED: "closed",
    AgreementStanding.REVOKED: "revoked",
}


@dataclass(frozen=True)
class TrainingLine:
    """A training: counts until, and who accepted it."""

    record: Training
    ends_on: date
    look: str
    words: str
    readable: bool


@dataclass(frozen=True)
class NamedRequest:
    """A request the person is named on; its page where the viewer sees it."""

    number: str
    status: str
    part: str
    visible: bool


@dataclass(frozen=True)
class PersonFacts:
    """One person's page."""

    person: Person
    today: date
    roles: list[RoleLine]
    agreements: list[AgreementLine]
    trainings: list[TrainingLine]
    separations: list[Separation]
    pre_release: list[dict[str, Any]]
    requests: list[NamedRequest]
    stops: list[str]
    factors: int
    section_ii_g: bool | None

    def records(self, model: type[Model]) -> list[Any]:
        """The person's records of one kind that something can be done about."""
        held: dict[type[Model], list[Any]] = {
            Membership: [line.record for line in self.roles],
            AgentAgreement: [line.record for line in self.agreements],
            Training: [line.record for line in self.trainings],
            Separation: self.separations,
            PreReleaseListing: [line["record"] for line in self.pre_release],
        }
        return held[model]

    @property
    def to_sign(self) -> AgreementLine | None:
        """The agreement that waits for the person to read or sign it."""
        mine = {AgreementStanding.FOR_READING, AgreementStanding.FOR_SIGNATURE}
        return next((line for line in self.agreements if line.standing in mine), None)

    @property
    def under_way(self) -> bool:
        """An agreement is on its way to being in force."""
        return any(line.standing in UNDER_WAY for line in self.agreements)


def facts_of(person: Person, viewer: Person, today: date) -> PersonFacts:
    """Everything on record about `person`, as `viewer` may read it, in a number of queries that does not grow."""
    roles = _roles(person, today)
    lines = person.pre_release_listings.select_related("added_by").order_by("-listed_from")
    return PersonFacts(
        person=person,
        today=today,
        roles=roles,
        agreements=[_agreement(one, today) for one in _agreements(person)],
        trainings=[_training(one, today, viewer) for one in _trainings(person)],
        separations=list(person.separations.select_related("notified_by", "withdrawn_by").order_by("-notified_at")),
        pre_release=[_listing(line, today) for line in lines],
        requests=_requests(person, viewer),
        stops=stops(person, today),
        factors=Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES).count(),
        section_ii_g=is_listed(person, today) if _needs_listing(person, roles, today) else None,
    )


def _needs_listing(person: Person, roles: list[RoleLine], today: date) -> bool:
    coordinates = any(line.record.role == Role.COORDINATOR and line.when == "now" for line in roles)
    return coordinates and mou_of(person.agency, today) is not None


def _roles(person: Person, today: date) -> list[RoleLine]:
    rows = person.memberships.select_related("granted_by", "ended_by").prefetch_related("recertifications")
    return [_role(row, today) for row in rows.order_by("-starts_on", "role")]


def _role(row: Membership, today: date) -> RoleLine:
    over = row.ends_on is not None and row.ends_on < today
    when = "over" if over else "later" if row.starts_on > today else "now"
    looked_at = max([row.granted_at, *(one.certified_at for one in row.recertifications.all())])
    return RoleLine(row, Role(row.role).label, when, looked_at)


def _agreements(person: Person) -> list[AgentAgreement]:
    by = ("nominated_by", "official_signed_by", "filed_by", "revoked_by", "person")
    return list(person.agreements.select_related(*by).order_by("-nominated_at"))


def _agreement(one: AgentAgreement, today: date) -> AgreementLine:
    steps = [
        Step("Nominated", one.nominated_at, one.nominated_by.name),
        Step("Signed for BLS", one.official_signed_at, one.official_signed_by.name if one.official_signed_by else ""),
        Step("Duties read", one.cipsea_read_at, one.person.name),
        Step("Signed", one.signed_at, one.signed_name),
        Step("Filed", one.filed_at, one.filed_by.name if one.filed_by else ""),
    ]
    if one.revoked_at:
        taken = [step for step in steps if step.at]
        by = f"{getattr(one.revoked_by, 'name', '')}: {one.revoked_why}"
        steps = [*taken, Step("Revoked", one.revoked_at, by)]
    return AgreementLine(one, standing_on(one, today), steps)


def _trainings(person: Person) -> list[Training]:
    rows = person.trainings.select_related("evidence", "accepted_by", "submitted_by", "person")
    return list(rows.defer("evidence__content").order_by("-completed_on"))


def _training(one: Training, today: date, viewer: Person) -> TrainingLine:
    ends_on = training_ends_on(one.completed_on)
    look, words = "valid", "Counts"
    if one.accepted_at is None:
        look, words = "waiting", "Waits for BLS to accept it"
    elif ends_on < today:
        look, words = "lapsed", "Older than a year"
    elif ends_on - today <= SOON:
        look, words = "lapses_soon", "Lapses soon"
    readable = one.evidence is not None and (
        one.evidence.uploaded_by_id == viewer.pk or bool(READERS & roles_of(viewer))
    )
    return TrainingLine(one, ends_on, look, words, readable)


def _listing(line: PreReleaseListing, today: date) -> dict[str, Any]:
    over = line.listed_until is not None and line.listed_until < today
    lapsed = certified_until(line) < today
    look = ("closed", "Ended") if over else ("lapsed", "Not certified for a year") if lapsed else ("active", "Listed")
    return {"record": line, "certified_until": certified_until(line), "look": look[0], "words": look[1]}


def _requests(person: Person, viewer: Person) -> list[NamedRequest]:
    found = list(requests_of(person)[:100])
    seen = set(visible_to(viewer).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    return [_named(one, person, one.pk in seen) for one in found]


def _named(one: DataRequest, person: Person, visible: bool) -> NamedRequest:
    part = "Coordinator" if one.coordinator_id == person.pk else "Agent"
    return NamedRequest(one.number, one.state, part, visible)
