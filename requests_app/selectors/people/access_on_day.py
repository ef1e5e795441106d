"""Who had access to what on a given day: to one request, everybody; of one person, every request; each with its basis.

“Cleared” is what the one guard before every opening would have said (`standing.acting_problems`). It is looked at when
the day ended, today now; who was cleared for a part of the day only is said so, because they had access.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app.models import DataRequest, Decision, Event, PartnerReview, Person, RequestAgent, Suspension
from requests_app.selectors.audit import accounting
from requests_app.selectors.audit.accounting import Disclosure
from requests_app.selectors.life.answers import Answer
from requests_app.selectors.life.requests import SEES_ALL
from requests_app.selectors.people.standing_then import Records, Then, records_of
from requests_app.states import STATE_ROLES, Role, State
from requests_app.templatetags.formats import day as day_words
from requests_app.templatetags.formats import moment as moment_words

AT_MOST = 200
INSTANT = timedelta(microseconds=1)
READS_RECORDS = frozenset({Role.AUDITOR})
READS_ONLY = " (record page, no data)"


class Cleared(StrEnum):
    """Whether nothing stopped the person that day; the values are words of `status`."""

    YES = "cleared"
    PART = "cleared_for_a_part"
    NO = "not_cleared"


@dataclass(frozen=True)
class Day:
    """A day as moments: its start, and its end or now."""

    day: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, day: date, now: datetime) -> "Day":
        """Midnight to midnight, local time; today ends now."""
        start = timezone.make_aware(datetime.combine(day, time.min))
        next_start = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        return cls(day, start, min(next_start - INSTANT, now))

    @property
    def is_past(self) -> bool:
        """The day has ended."""
        return self.day < timezone.localdate()

    def moments(self, changes: Iterable[datetime]) -> list[datetime]:
        """The end, the start, and each moment of the day just before and at which something changed."""
        within = {at for at in changes if self.start < at <= self.end}
        return [self.end, self.start, *sorted(within | {at - INSTANT for at in within})]


@dataclass(frozen=True)
class Access:
    """One person's access on that day: by which roles, whether cleared, and on what that rests."""

    person: Person
    roles: tuple[str, ...]
    cleared: Cleared
    stopped_by: tuple[str, ...]
    basis: tuple[Answer, ...]


@dataclass(frozen=True)
class RequestOnDay:
    """A request on a day: where it stood, who had access, and what was opened."""

    request: DataRequest
    state: State | None
    suspended: tuple[str, ...]
    people: tuple[Access, ...]
    opened: tuple[Disclosure, ...]


@dataclass(frozen=True)
class Seen:
    """A request a person had access to that day, by which role, and where it stood."""

    request: DataRequest
    state: State
    why: str


@dataclass(frozen=True)
class PersonOnDay:
    """A person on a day: their standing, what they could see, and what they opened."""

    access: Access
    sees_all: bool
    reads_records: bool
    requests: tuple[Seen, ...]
    more: bool
    opened: tuple[Disclosure, ...]


# -- a request -----------------------------------------------------------------------------------------------------


def of_request(request: DataRequest, day: Day) -> RequestOnDay:
    """Everybody who had access to the request at some time of the day, those who were cleared first."""
    state = states_at([request], day.end)[request.pk]
    agents, reviews = list(request.agents.select_related("person", "named_by")), _reviews(request)
    submitted = request.decisions.exclude(to_state=State.DRAFT).order_by("decided_at").first()
    found = []
    for records in records_of(_candidates(request, agents, reviews)):
        named = [row for row in agents if row.person_id == records.person.pk]
        asked = [row for row in reviews if row.agency_id == records.person.agency_id]
        found.append(_access(records, day, _counting(request, submitted, records.person, named, asked), named, asked))
    people = sorted(filter(None, found), key=lambda access: (list(Cleared).index(access.cleared), access.person.name))
    return RequestOnDay(request, state, _suspended(request, day), tuple(people), _opened(day, request=request.number))


def _candidates(request: DataRequest, agents: list[RequestAgent], reviews: list[PartnerReview]) -> QuerySet[Person]:
    """Whoever could have had a role on the request: BLS, the agency, agents, the agencies asked to review."""
    agencies = {request.agency_id, *(row.agency_id for row in reviews)}
    near = Q(agency__fips__isnull=True) | Q(agency__in=agencies) | Q(pk__in=[row.person_id for row in agents])
    return Person.objects.filter(near, memberships__isnull=False).distinct().order_by("name")


def _reviews(request: DataRequest) -> list[PartnerReview]:
    return list(PartnerReview.objects.filter(request=request).select_related("agency", "package"))


Counting = Callable[[Then, datetime], frozenset[Role]]


def _counting(
    request: DataRequest,
    submitted: Decision | None,
    person: Person,
    named: list[RequestAgent],
    asked: list[PartnerReview],
) -> Counting:
    """The roles that counted on the request at a moment: `standing.roles_on` and `visible_to`, then."""

    def counts(then: Then, at: datetime) -> frozenset[Role]:
        if request.created_at > at:
            return frozenset()
        past_draft = submitted is not None and submitted.decided_at <= at
        of_bls = SEES_ALL | READS_RECORDS if past_draft else frozenset()
        on = {
            Role.COORDINATOR: person.agency_id == request.agency_id,
            Role.AGENT: any(_named(row, at) for row in named),
            Role.OUTPUT_REVIEWER: any(row.asked_at <= at for row in asked),
        }
        return frozenset(role for role in then.roles if on.get(role, role in of_bls))

    return counts


def _named(row: RequestAgent, at: datetime) -> bool:
    return row.named_at <= at and (row.removed_at is None or row.removed_at > at)


def _suspended(request: DataRequest, day: Day) -> tuple[str, ...]:
    held = Q(lifted_at__isnull=True) | Q(lifted_at__gt=day.start)
    return tuple(
        Suspension.objects.filter(held, request=request, suspended_at__lte=day.end).values_list("reason", flat=True)
    )


# -- a person ------------------------------------------------------------------------------------------------------


def of_person(person: Person, day: Day) -> PersonOnDay:
    """The person's standing that day, and the requests they had access to; BLS's roles that see all name none."""
    [records] = records_of(Person.objects.filter(pk=person.pk))
    access = _access(records, day, lambda then, _at: then.roles) or Access(person, (), Cleared.NO, (), ())
    roles = frozenset[Role]().union(*(records.at(at).roles for at in day.moments(records.changes())))
    seen = _seen(person, roles, day)
    return PersonOnDay(
        access=access,
        sees_all=bool(roles & SEES_ALL),
        reads_records=bool(roles & READS_RECORDS),
        requests=tuple(seen[:AT_MOST]),
        more=len(seen) > AT_MOST,
        opened=_opened(day, actor=str(person.pk)),
    )


def _seen(person: Person, roles: frozenset[Role], day: Day) -> list[Seen]:
    """The requests of a state's person: of the agency, named on, asked to review; as they stood when the day ended."""
    of_role = {
        Role.COORDINATOR: Q(agency=person.agency),
        Role.AGENT: Q(
            Q(agents__removed_at__isnull=True) | Q(agents__removed_at__gt=day.start),
            agents__person=person,
            agents__named_at__lte=day.end,
        ),
        Role.OUTPUT_REVIEWER: Q(
            packages__partner_reviews__agency=person.agency, packages__partner_reviews__asked_at__lte=day.end
        ),
    }
    found: dict[int, tuple[DataRequest, list[str]]] = {}
    for role in sorted(roles & STATE_ROLES):
        there = DataRequest.objects.filter(of_role[role], created_at__lte=day.end).select_related("agency").distinct()
        for request in there.order_by("-number")[: AT_MOST + 1]:
            found.setdefault(request.pk, (request, []))[1].append(role.label)
    states = states_at([request for request, _ in found.values()], day.end)
    return [
        Seen(request, state, ", ".join(why))
        for request, why in found.values()
        if (state := states[request.pk]) is not None
    ]


# -- both ----------------------------------------------------------------------------------------------------------


def _access(
    records: Records,
    day: Day,
    counting: Counting,
    named: Sequence[RequestAgent] = (),
    asked: Sequence[PartnerReview] = (),
) -> Access | None:
    """The person's line; None where no role counted at any moment of the day."""
    changes = [*records.changes(), *(at for row in named for at in (row.named_at, row.removed_at) if at)]
    changes += [row.asked_at for row in asked]
    looks = [(at, records.at(at)) for at in day.moments(changes)]
    counted = [(then, roles) for at, then in looks if (roles := counting(then, at))]
    if not counted:
        return None
    end = looks[0][1]
    free = [then for then, _ in counted if not then.problems]
    held_at_end = counting(end, day.end)
    cleared = Cleared.YES if held_at_end and not end.problems else Cleared.PART if free else Cleared.NO
    stopped = end.problems if held_at_end else (*end.problems, "The role had ended")
    shown = end if held_at_end else counted[0][0]
    roles = held_at_end or counted[0][1]
    return Access(
        person=records.person,
        roles=tuple(sorted(role.label + (READS_ONLY if role in READS_RECORDS else "") for role in roles)),
        cleared=cleared,
        stopped_by=tuple(dict.fromkeys(stopped)) if cleared is not Cleared.YES else (),
        basis=(*_basis(records, shown, roles), *_basis_on_request(roles, named, asked, day)),
    )


def _basis(records: Records, then: Then, roles: frozenset[Role]) -> Iterable[Answer]:
    """On what the access rested: who gave the role, agreement, training, MOU and the line in it."""
    for row in then.memberships:
        if row.role in roles:
            by = f" by {row.granted_by.name}" if row.granted_by else ""
            yield Answer("Role", f"{Role(row.role).label}, given {day_words(row.granted_at)}{by}{_until(row.ends_on)}")
    if agreement := then.agreement:
        by = f" by {agreement.filed_by.name}" if agreement.filed_by else ""
        revoked = f"; revoked {moment_words(agreement.revoked_at)}" if agreement.revoked_at else ""
        ends = _until(agreement.ends_on)
        yield Answer("Agreement", f"{agreement.text_version}, filed {day_words(agreement.filed_at)}{by}{ends}{revoked}")
    if training := then.training:
        yield Answer(
            "Training", f"Completed {day_words(training.completed_on)}, accepted {day_words(training.accepted_at)}"
        )
    if then.mou and not records.person.agency.is_bls:
        yield Answer("MOU", f"From {day_words(then.mou.effective_on)} to {day_words(then.mou.ends_on)}")
    if line := then.line:
        by = f"; added by {line.added_by.name}" if line.added_by else ""
        yield Answer("Section II.G", f"Listed from {day_words(line.listed_from)}{_until(line.listed_until)}{by}")
    if left := then.separation:
        yield Answer("Notice of separation", f"{left.get_why_display()}; last day {day_words(left.last_day)}")


def _basis_on_request(
    roles: frozenset[Role], named: Sequence[RequestAgent], asked: Sequence[PartnerReview], day: Day
) -> Iterable[Answer]:
    """What tied the person to this request: named as an agent, their state asked to review."""
    for row in named:
        if row.named_at <= day.end and (row.removed_at is None or row.removed_at > day.start):
            removed = f", removed {moment_words(row.removed_at)}" if row.removed_at else ""
            yield Answer("Named on the request", f"{day_words(row.named_at)} by {row.named_by.name}{removed}")
    if Role.OUTPUT_REVIEWER in roles:
        for review in asked:
            if review.asked_at <= day.end:
                yield Answer("Asked to review", f"Package {review.package.version}, {day_words(review.asked_at)}")


def _until(last: date | None) -> str:
    return f", until {day_words(last)}" if last else ""


def states_at(requests: Iterable[DataRequest], at: datetime) -> dict[int, State | None]:
    """Where each request stood at a moment; None for one that was not there yet."""
    there = {request.pk: State.DRAFT if request.created_at <= at else None for request in requests}
    decided = Decision.objects.filter(request__in=there, decided_at__lte=at).order_by("decided_at", "id")
    for request_id, state in decided.values_list("request", "to_state"):
        there[request_id] = State(state)
    return there


def _opened(day: Day, **wanted: str) -> tuple[Disclosure, ...]:
    """What was opened and delivered that day, the first ones first."""
    found = accounting.disclosures({"since": day.day, "until": day.day, **wanted}).order_by("occurred_at", "seq")
    events: list[Event] = list(found[:AT_MOST])
    return tuple(accounting.lines(events))


def people_called(words: str) -> list[Person]:
    """The people a name, an email, an account number or a public id can mean; some at most."""
    text = words.strip()
    meant = Q(name__icontains=text) | Q(email__icontains=text) | Q(public_id=text)
    if text.isdecimal():
        meant = Q(pk=int(text))
    return list(Person.objects.filter(meant).select_related("agency").order_by("name")[:AT_MOST])
