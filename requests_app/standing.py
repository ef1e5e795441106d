"""What a person is on a given day: the roles they hold, whether they are cleared, and what has stopped them.

Everything is computed from dated records when it is asked for, so access ends at midnight by itself and comes back with
the record that mends it. While one page is read it is asked once (reading.py). The rules that use these facts are in
policies.py.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import dateformat, timezone

from requests_app.models import (
    Agency,
    AgentAgreement,
    DataRequest,
    Membership,
    Mou,
    MouCoordinator,
    Notice,
    PartnerReview,
    Person,
    PreReleaseListing,
    Separation,
    Training,
)
from requests_app.models.people import Employment
from requests_app.reading import is_reading, learn, once_a_reading
from requests_app.states import Role
from requests_app.written_once import WrittenOnce

EXCLUDED_EMPLOYMENT = {Employment.IPA_ASSIGNEE, Employment.DETAILEE}


def in_force(today: date, start: str, end: str) -> Q:
    """The rows whose dates, both included, hold `today`; an empty end means until further notice."""
    return Q(**{f"{start}__lte": today}) & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": today}))


def roles_of(person: Person, today: date | None = None) -> frozenset[Role]:
    """The roles the person holds on `today`; none for an account that is not active."""
    if not person.is_active:
        return frozenset()
    day = today or timezone.localdate()
    if is_reading():
        return frozenset(map(Role, records_of(person, day).roles))
    held = person.memberships.filter(in_force(day, "starts_on", "ends_on")).values_list("role", flat=True)
    return frozenset(map(Role, held))


@once_a_reading
def roles_on(person: Person, request: DataRequest, today: date | None = None) -> frozenset[Role]:
    """The roles that count on this request: BLS's always, a coordinator's at their agency, an agent's where named.

    An output reviewer's where their state is, or was, asked about one of its packages.
    """
    held = roles_of(person, today)
    counts = {
        Role.COORDINATOR: lambda: person.agency_id == request.agency_id,
        Role.AGENT: lambda: person.has_perm("requests_app.work_on", request),
        Role.OUTPUT_REVIEWER: lambda: PartnerReview.objects.filter(request=request, agency=person.agency_id).exists(),
    }
    return frozenset(role for role in held if role not in counts or counts[role]())


def mou_of(agency: Agency, today: date) -> Mou | None:
    """The agency's MOU in force on `today`, if any."""
    if is_reading():
        return _mous(today).get(str(agency.fips))
    return agency.mous.filter(in_force(today, "effective_on", "ends_on")).order_by("-effective_on").first()


def mous_of(states: Iterable[str], today: date) -> dict[str, Mou]:
    """The MOUs in force on `today` of the states' agencies, by FIPS code; a state without one is absent."""
    found = _mous(today)
    return {fips: found[fips] for fips in states if fips in found}


def agencies_of(states: Collection[str], today: date) -> list[Agency]:
    """The agencies of the states, by FIPS code; those with an MOU in force are known with it."""
    found = {fips: mou.agency for fips, mou in mous_of(states, today).items()}
    if without := set(states) - set(found):
        found |= {str(agency.fips): agency for agency in Agency.objects.filter(fips__in=without)}
    return [found[fips] for fips in sorted(found)]


@once_a_reading
def _mous(today: date) -> dict[str, Mou]:
    found = Mou.objects.filter(in_force(today, "effective_on", "ends_on"), agency__fips__isnull=False)
    return {str(mou.agency.fips): mou for mou in found.select_related("agency").order_by("effective_on")}


@dataclass(frozen=True)
class Records:
    """What a person's dated records say of one day.

    `last_day` is that of a notice of separation, once it has passed; `trained_on` is of the newest training BLS
    accepted; `is_listed` is Section II.G of the MOU in force; `certified_on` is of the newest line of the pre-release
    list; `has_unread` is of notices, as of now.
    """

    roles: list[str]
    last_day: date | None
    has_agreement: bool
    trained_on: date | None
    mou_id: str | None
    is_listed: bool
    certified_on: date | None
    has_unread: bool


@once_a_reading
def records_of(person: Person, day: date) -> Records:
    """All of them in one query: every page asks for them."""
    found = RECORDS.rows(pk=person.pk, day=day)
    if not found:
        raise Person.DoesNotExist
    return Records(**found[0])


def learn_records(people: Iterable[Person], day: date) -> None:
    """The records of many people in one query, where a page goes on to ask for each person's."""
    if not is_reading():
        return
    by_pk = {person.pk: person for person in people}
    for row in _records(day).filter(pk__in=by_pk).values("pk", *NAMES):
        learn(records_of, by_pk[row.pop("pk")], day, fact=Records(**row))


def with_records(people: QuerySet[Person], day: date) -> list[Person]:
    """The people, whose records of the day are known from the same query."""
    found = list(_annotated(people, day))
    for person in found:
        learn(records_of, person, day, fact=Records(**{name: getattr(person, name) for name in NAMES}))
    return found


def _records(day: date) -> Any:
    return _annotated(Person.objects.all(), day).values(*NAMES)


def _annotated(people: QuerySet[Person], day: date) -> Any:
    mine = {"person": OuterRef("pk")}
    mou = Mou.objects.filter(in_force(day, "effective_on", "ends_on"), agency=OuterRef("agency"))
    listed = MouCoordinator.objects.filter(in_force(day, "listed_from", "listed_until"), mou=OuterRef("mou_id"), **mine)
    passed = Separation.objects.filter(withdrawn_at__isnull=True, last_day__lt=day, **mine)
    accepted = Training.objects.filter(accepted_at__isnull=False, completed_on__lte=day, **mine)
    pre_release = PreReleaseListing.objects.filter(in_force(day, "listed_from", "listed_until"), **mine)
    return people.annotate(mou_id=Subquery(mou.order_by("-effective_on").values("pk")[:1])).annotate(
        roles=ArraySubquery(Membership.objects.filter(in_force(day, "starts_on", "ends_on"), **mine).values("role")),
        last_day=Subquery(passed.order_by("last_day").values("last_day")[:1]),
        has_agreement=Exists(AgentAgreement.objects.filter(agreement_in_force(day), **mine)),
        trained_on=Subquery(accepted.order_by("-completed_on").values("completed_on")[:1]),
        is_listed=Exists(listed),
        certified_on=Subquery(pre_release.order_by("-certified_on").values("certified_on")[:1]),
        has_unread=Exists(Notice.objects.filter(read_at__isnull=True, **mine)),
    )


NAMES = tuple(Records.__annotations__)
RECORDS = WrittenOnce(lambda pk, day: _records(day).filter(pk=pk), pk=-1, day=date.min)


def training_ends_on(completed_on: date) -> date:
    """The last day training counts: its first anniversary (28 February for a leap day)."""
    try:
        return completed_on.replace(year=completed_on.year + 1)
    except ValueError:
        return completed_on.replace(year=completed_on.year + 1, day=28)


def clearance_problems(person: Person, today: date) -> list[str]:
    """What keeps the person from confidential data today: the one guard before every opening, for everyone.

    Also what stops them from working on requests at all (`check_may_act`): access ends by itself when any of it
    lapses, and comes back when it is mended.
    """
    return _clearance_problems(person, records_of(person, today), today)


def _clearance_problems(person: Person, records: Records, today: date) -> list[str]:
    problems = []
    if not person.is_active:
        problems.append(f"{person.name}'s account is not active.")
    if records.last_day:
        last_day = dateformat.format(records.last_day, "j F Y")
        problems.append(f"{person.name}'s last day at {person.agency.name} was {last_day}.")
    if person.employment in EXCLUDED_EMPLOYMENT:
        problems.append(
            f"{person.name} is an assignee or detailee; the request instructions do not let them open wage records."
        )
    if not records.has_agreement:
        problems.append(f"{person.name} has no signed agent agreement in force; ask BLS to file one.")
    if records.trained_on is None or today > training_ends_on(records.trained_on):
        problems.append(f"{person.name}'s confidentiality training is older than a year; complete it again.")
    if not person.agency.is_bls and records.mou_id is None:
        problems.append(f"{person.agency.name} has no MOU in force.")
    return problems


def agreement_in_force(today: date) -> Q:
    """The agreements that count on `today`: filed, not revoked, not ended."""
    ended = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    return Q(revoked_at__isnull=True, filed_at__isnull=False, signed_at__date__lte=today) & ended


def acting_problems(person: Person, today: date | None = None) -> list[str]:
    """What stops the person from doing anything about requests today; reading what they see goes on.

    Clearance, and for a coordinator the line in Section II.G. Confirming destruction and reporting an incident do not
    ask this, and neither does the work of the Administrator and the Auditor, who see no data.
    """
    day = today or timezone.localdate()
    records = records_of(person, day)
    problems = _clearance_problems(person, records, day)
    is_coordinator = person.is_active and Role.COORDINATOR in records.roles
    if is_coordinator and records.mou_id and not records.is_listed:
        problems.append(not_listed(person))
    return problems


def is_listed(person: Person, today: date) -> bool:
    """The person stands in Section II.G of their agency's MOU on `today`."""
    return records_of(person, today).is_listed


def not_listed(person: Person) -> str:
    """Why somebody who is not in Section II.G is stopped, and what to do."""
    return f"{person.name} is not listed in Section II.G of {person.agency.name}'s MOU today; ask BLS to add the name."


def on_pre_release_list(person: Person, today: date) -> bool:
    """The person may use and see data before their official release: a line of the dated list, certified this year."""
    certified_on = records_of(person, today).certified_on
    return certified_on is not None and today <= training_ends_on(certified_on)
