"""People as BLS and the coordinators of their agency see them: who is there, what stops them, what lapses next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from requests_app.models import (
    AgentAgreement,
    DataRequest,
    Membership,
    Mou,
    Person,
    PreReleaseListing,
    Recertification,
    RequestAgent,
    Separation,
    Training,
)
from requests_app.standing import (
    EXCLUDED_EMPLOYMENT,
    acting_problems,
    agreement_in_force,
    in_force,
    roles_of,
    training_ends_on,
)
from requests_app.states import Role

# Who at BLS works on people's records; a coordinator sees those of their own agency.
WORKS_ON_PEOPLE = frozenset({Role.ADMINISTRATOR, Role.APPROVING_OFFICIAL, Role.PROGRAM_ANALYST})
SOON = timedelta(days=60)
# Roles whose holders see no data: nothing but a closed account keeps them from their work.
SEE_NO_DATA = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
YEAR = timedelta(days=365)

LAPSING = "lapsing"
MISSING = {
    "agreement": "No agreement in force",
    "training": "No training in date",
    "mou": "The agency's MOU is not in force",
    "left": "Left",
    "employment": "Employment that is excluded",
    "disabled": "Account disabled",
    "role": "No role",
}


class Anniversary(Func):
    """The first anniversary of a day, as `standing.training_ends_on` has it (28 February for a leap day)."""

    template = "(%(expressions)s + interval '1 year')::date"
    output_field = DateField()


def people_seen(viewer: Person) -> QuerySet[Person]:
    """Everybody for BLS's staff who work on people's records; their own agency's people for a coordinator."""
    roles = roles_of(viewer)
    if roles & WORKS_ON_PEOPLE:
        return Person.objects.select_related("agency")
    if Role.COORDINATOR in roles:
        return Person.objects.select_related("agency").filter(agency=viewer.agency_id)
    return Person.objects.none()


def with_facts(people: QuerySet[Person], today: date) -> QuerySet[Person]:
    """People with what a list says of them: the facts of `standing.clearance_problems`, a row at a time."""
    mine = {"person": OuterRef("pk")}
    agreements = AgentAgreement.objects.filter(agreement_in_force(today), **mine)
    trainings = Training.objects.filter(accepted_at__isnull=False, completed_on__lte=today, **mine)
    leaving = Separation.objects.filter(withdrawn_at__isnull=True, **mine)
    mous = Mou.objects.filter(in_force(today, "effective_on", "ends_on"), agency=OuterRef("agency"))
    roles = Membership.objects.filter(in_force(today, "starts_on", "ends_on"), **mine)
    return people.annotate(
        has_agreement=Exists(agreements),
        agreement_ends=Subquery(agreements.order_by(F("ends_on").desc(nulls_first=True)).values("ends_on")[:1]),
        training_ends=Anniversary(Subquery(trainings.order_by("-completed_on").values("completed_on")[:1])),
        last_day=Subquery(leaving.order_by("last_day").values("last_day")[:1]),
        mou_ends=Subquery(mous.order_by("-effective_on").values("ends_on")[:1]),
        has_role=Exists(roles),
        role_ends=Subquery(roles.filter(ends_on__isnull=False).order_by("ends_on").values("ends_on")[:1]),
    ).prefetch_related(Prefetch("memberships", roles_in_force(today), to_attr="roles_now"))


def roles_in_force(today: date) -> QuerySet[Membership]:
    """The memberships that hold today."""
    return Membership.objects.filter(in_force(today, "starts_on", "ends_on")).order_by("role")


def missing_q(what: str, today: date) -> Q:
    """The people (of `with_facts`) to whom a line of MISSING applies."""
    return {
        "agreement": Q(has_agreement=False),
        "training": Q(training_ends__isnull=True) | Q(training_ends__lt=today),
        "mou": Q(agency__fips__isnull=False, mou_ends__isnull=True),
        "left": Q(last_day__lt=today),
        "employment": Q(employment__in=EXCLUDED_EMPLOYMENT),
        "disabled": Q(is_active=False),
        "role": Q(has_role=False),
    }[what]


def lapses_soon_q(today: date) -> Q:
    """The people of whom something lapses within sixty days."""
    soon = (today, today + SOON)
    found = Q(pk__in=[])
    for name in LAPSES:
        found |= Q(**{f"{name}__range": soon})
    return found


def narrow(found: QuerySet[Person], wanted: Mapping[str, Any], today: date) -> QuerySet[Person]:
    """Those of `with_facts` that are asked for; an empty answer asks for nothing."""
    if words := wanted.get("q", "").strip():
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if agency := wanted.get("agency"):
        found = found.filter(agency=agency)
    if role := wanted.get("role"):
        held = Membership.objects.filter(in_force(today, "starts_on", "ends_on"), person=OuterRef("pk"), role=role)
        found = found.filter(Exists(held))
    if missing := wanted.get("missing"):
        found = found.filter(lapses_soon_q(today) if missing == LAPSING else missing_q(missing, today))
    return found


LAPSES = {
    "training_ends": "Training",
    "agreement_ends": "Agreement",
    "role_ends": "A role",
    "mou_ends": "The agency's MOU",
    "last_day": "Last day",
}


@dataclass(frozen=True)
class Lapse:
    """What ends next, and its last day."""

    what: str
    on: date


@dataclass(frozen=True)
class PersonLine:
    """One person of the list."""

    person: Person
    roles: list[str]
    missing: list[str]
    lapses: Lapse | None


def line_of(person: Person, today: date) -> PersonLine:
    """A person of `with_facts` as a line: the same facts in words."""
    roles = [Role(held.role) for held in person.roles_now]  # type: ignore[attr-defined]
    missing = [MISSING[what] for what in _missing_of(person, today) if what != "role" or not roles]
    if roles and set(roles) <= SEE_NO_DATA:  # nothing of it keeps them from their work
        missing = [words for words in missing if words in (MISSING["disabled"], MISSING["left"])]
    ends = [Lapse(words, day) for name, words in LAPSES.items() if (day := getattr(person, name)) and day >= today]
    return PersonLine(person, [role.label for role in roles], missing, min(ends, key=lambda one: one.on, default=None))


def _missing_of(person: Person, today: date) -> list[str]:
    facts: Any = person
    holds = {
        "agreement": not facts.has_agreement,
        "training": facts.training_ends is None or facts.training_ends < today,
        "mou": not person.agency.is_bls and facts.mou_ends is None,
        "left": facts.last_day is not None and facts.last_day < today,
        "employment": person.employment in EXCLUDED_EMPLOYMENT,
        "disabled": not person.is_active,
        "role": not facts.has_role,
    }
    return [what for what, applies in holds.items() if applies]


def requests_of(person: Person) -> QuerySet[DataRequest]:
    """The requests the person is coordinator of, or named on as an agent."""
    named = RequestAgent.objects.filter(person=person, removed_at__isnull=True, request=OuterRef("pk"))
    return DataRequest.objects.filter(Q(coordinator=person) | Exists(named)).order_by("-number")


def to_certify(viewer: Person, today: date) -> QuerySet[Membership]:
    """The roles nobody has looked at for a year, longest first, which the viewer may certify; never their own."""
    looked_at = Recertification.objects.filter(membership=OuterRef("pk")).order_by("-certified_at")
    held = Membership.objects.filter(in_force(today, "starts_on", "ends_on"), person__is_active=True)
    seen = held.annotate(looked_at=Coalesce(Subquery(looked_at.values("certified_at")[:1]), F("granted_at")))
    due = seen.filter(looked_at__lt=timezone.now() - YEAR).exclude(person=viewer)
    if Role.ADMINISTRATOR not in roles_of(viewer, today):  # an Approving Official stands in for Administrators
        administrators = held.filter(role=Role.ADMINISTRATOR).values("person")
        due = due.filter(person__in=administrators)
    return due.select_related("person__agency").order_by("looked_at", "person__name", "pk")


def pre_release_list(today: date) -> QuerySet[PreReleaseListing]:
    """The list as it holds today, by agency and name."""
    lines = PreReleaseListing.objects.filter(in_force(today, "listed_from", "listed_until"))
    return lines.select_related("person__agency").order_by("person__agency__state_name", "person__name")


def certified_until(line: PreReleaseListing) -> date:
    """The last day on which the line counts without being certified anew."""
    return training_ends_on(line.certified_on)


def stops(person: Person, today: date) -> list[str]:
    """What keeps the person from their work today, each with how to mend it; the Administrator's and the Auditor's
    own work only ends with the account."""
    roles = roles_of(person, today)
    if not person.is_active:
        return [f"{person.name}'s account is disabled; the Administrator can enable it."]
    if not roles:
        return [f"{person.name} holds no role today; the Administrator gives one.", *acting_problems(person, today)]
    return [] if roles <= SEE_NO_DATA else acting_problems(person, today)
