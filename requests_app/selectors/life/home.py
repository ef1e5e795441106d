"""The home page: what waits for a person, what they wait for and who has it, and what they hold until when."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone

from requests_app import hooks, standing
from requests_app.bls_review_policies import PART_OF, REVIEWERS, side_of
from requests_app.models import (
    Claim,
    DataRequest,
    Decision,
    Delivery,
    Destruction,
    Package,
    PartnerReview,
    Person,
    Question,
    RequestAgent,
    SignOff,
)
from requests_app.selectors.form.amendments import waiting_for_decision
from requests_app.selectors.life.overdue import overdue_work
from requests_app.selectors.life.requests import visible_to
from requests_app.selectors.life.turns import WORK, Work, awaited_roles, holder, named
from requests_app.selectors.outputs.outputs import output_work
from requests_app.selectors.people.people_work import PeopleWork, people_work
from requests_app.states import BEFORE_RELEASE, ENDED, STATE_ROLES, Kind, Role, State
from requests_app.targets import due_on

AT_MOST = 50
# As lists of what is looked for, because an index finds no row by what it is not.
FOLLOWED = frozenset(State) - ENDED - {State.IN_USE}
HELD = frozenset(State) - ENDED - BEFORE_RELEASE


@dataclass(frozen=True)
class WorkItem:
    """One line of a home list: a sentence, who has it or since when, until when, and one way to go on."""

    sentence: str
    id: str
    since: datetime
    url: str
    action: str
    due: date | None = None
    late: bool = False
    who: str = ""

    @property
    def urgency(self) -> tuple[bool, datetime]:
        """Late first, then the oldest."""
        return (not self.late, self.since)


@dataclass(frozen=True)
class Home:
    """The three lists of a home page."""

    waits_for_me: list[WorkItem]
    i_wait_for: list[WorkItem]
    i_hold: list[WorkItem]


def home(person: Person) -> Home:
    """Everything of a person's home page, in a number of queries that does not grow with the requests."""
    roles = standing.roles_of(person)
    mine, second = _awaiting(person, roles)
    answers = [*_partner_reviews(person, roles), *_objections(person, roles), *_amendments(roles)]
    others_work = [
        *answers,
        *_uploads(person, roles),
        *_about_outputs(person, roles),
        *_questions(person, roles),
        *_about_people(person, roles),
        *_about_holdings(person, roles),
        *map(_line, overdue_work(roles)),
    ]
    waiting = sorted([*mine, *others_work], key=lambda item: item.urgency)
    shown = {item.id for item in waiting}
    others = [item for item in [*second, *_followed(person, roles)] if item.id not in shown]
    return Home(waiting, list({item.id: item for item in reversed(others)}.values())[::-1], _held(person, roles))


def _about_people(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Agreements, trainings and roles that wait for the person, their own among them."""
    return list(map(_line, people_work(person, roles, timezone.now(), timezone.localdate())))


def _about_outputs(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Outputs made from micro data that wait for a check or a review."""
    return list(map(_line, output_work(person, roles)))


def _about_holdings(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Loads to look at, quarters that are missing, releases that are near; the keeper of the wage records knows."""
    provide = hooks.providers.get("holdings_work")
    return list(map(_line, provide(person, roles, timezone.now()))) if provide else []


def _line(one: PeopleWork) -> WorkItem:
    return WorkItem(one.sentence, "", one.since, one.url, one.action, due=one.due, late=one.late)


def _awaiting(person: Person, roles: frozenset[Role]) -> tuple[list[WorkItem], list[WorkItem]]:
    """What waits for the person; and apart, what another person must do because of a two-person rule."""
    mine, second = [], []
    for request in _in_my_states(person, roles)[:AT_MOST]:
        work = _work_of(request, person, roles)
        if work is None:
            continue
        if reason := _held_by_another(request, person) or _two_person_reason(request, person):
            second.append(_item(request, holder(request) + f". {reason}", "request", "Open"))
        else:
            mine.append(_own_item(request, work))
    return mine, second


def _in_my_states(person: Person, roles: frozenset[Role]) -> QuerySet[DataRequest]:
    """Requests the person sees in a state where one of their roles is waited for; oldest first."""
    turns = Q(pk__in=[])
    for state in State:
        kinds = [kind for kind in Kind if awaited_roles(state, kind) & roles]
        turns |= Q(state=state, kind__in=[*kinds, ""]) if kinds else Q(pk__in=[])
    newest = Package.objects.filter(request=OuterRef("pk")).order_by("-version").values("pk")[:1]
    recommended = Decision.objects.filter(request=OuterRef("pk"), transition="recommend").order_by("-decided_at")
    due = Destruction.objects.filter(request=OuterRef("pk"), confirmed_at=None).order_by("due_on")
    roles_by_state = [When(state=state, then=Value(role.value)) for state, role in PART_OF.items()]
    part = Case(*roles_by_state, default=Value(""))
    claim = Claim.objects.filter(request=OuterRef("pk"), ended_at__isnull=True, role=OuterRef("part"))
    return (
        visible_to(person)
        .filter(turns)
        .annotate(newest_package=Subquery(newest), part=part)
        .annotate(
            recommended_by=Subquery(recommended.values("decided_by")[:1]),
            signed_by_me=Exists(SignOff.objects.filter(package=OuterRef("newest_package"), person=person)),
            destruction_due=Subquery(due.values("due_on")[:1]),
            claimed_by=Subquery(claim.values("person")[:1]),
            claimed_by_name=Subquery(claim.values("person__name")[:1]),
        )
        .order_by("state_since")
    )


def _work_of(request: DataRequest, person: Person, roles: frozenset[Role]) -> Work | None:
    kind = Kind(request.kind) if request.kind else Kind.MACRO
    for role in sorted(roles & awaited_roles(request.status, kind)):
        if role not in STATE_ROLES or person.agency_id == request.agency_id:
            return WORK[request.status, role]
    return None


def _held_by_another(request: DataRequest, person: Person) -> str:
    name = getattr(request, "claimed_by_name", None)
    return f"{name} has it." if name and getattr(request, "claimed_by", None) != person.pk else ""


def _two_person_reason(request: DataRequest, person: Person) -> str:
    if request.status is State.RECOMMENDED and getattr(request, "recommended_by", None) == person.pk:
        return "You recommended it, so another person decides."
    if request.status is State.DISCLOSURE_REVIEW and getattr(request, "signed_by_me", False):
        return "You signed it off first, so a second analyst confirms."
    return ""


def _own_item(request: DataRequest, work: Work) -> WorkItem:
    due = getattr(request, "destruction_due", None) if request.status is State.DESTRUCTION_DUE else None
    is_overdue = bool(due and due < timezone.localdate())
    due = due or due_on(request.status, request.state_since)
    until_then = ". Your agency cannot submit requests until that is done" if is_overdue else ""
    return WorkItem(
        sentence=work.sentence.format(title=named(request), state=request.agency.state_name) + until_then,
        id=request.number,
        since=request.state_since,
        url=page_url(request, work.page),
        action=work.action,
        due=due,
        late=bool(due and due < timezone.localdate()),
    )


def page_url(request: DataRequest, page: str) -> str:
    """The address of a page of the request: a URL name, or `step:<transition>`."""
    name, _, transition = page.partition(":")
    return reverse(name, args=[request.number, transition] if transition else [request.number])


def _item(request: DataRequest, who: str, page: str, action: str) -> WorkItem:
    return WorkItem(
        sentence=f"{named(request)} of {request.agency.state_name}",
        id=request.number,
        since=request.state_since,
        url=page_url(request, page),
        action=action,
        who=who,
    )


def _partner_reviews(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Reviews the person's state is asked for and has not answered."""
    if Role.OUTPUT_REVIEWER not in roles:
        return []
    states = [State.PARTNER_REVIEW, State.SHARING_REVIEW]
    newest = Package.objects.filter(request=OuterRef("request")).order_by("-version").values("pk")[:1]
    asked = PartnerReview.objects.filter(
        agency=person.agency,
        verdict=PartnerReview.Verdict.OPEN,
        request__state__in=states,
        package=Subquery(newest),
    )
    today = timezone.localdate()
    return [
        WorkItem(
            sentence=f"Review {review.request.agency.state_name}'s tables {named(review.request)}",
            id=review.request.number,
            since=review.asked_at,
            url=reverse("partner_review", args=[review.pk]),
            action="Review",
            due=review.due_on,
            late=review.due_on < today,
        )
        for review in asked.select_related("request__agency").order_by("asked_at")[:AT_MOST]
    ]


def _questions(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Questions of the other side: for the state's team; at BLS for who has the request, or where nobody has it."""
    waiting = Question.objects.filter(settled_at__isnull=True, waits_for=side_of(person))
    if roles & STATE_ROLES:
        waiting = waiting.filter(request__in=visible_to(person).select_related(None), request__agency=person.agency_id)
    elif roles & REVIEWERS:
        claims = Claim.objects.filter(request=OuterRef("request"), ended_at__isnull=True)
        mine = Exists(claims.filter(person=person))
        waiting = waiting.filter(mine | ~Exists(claims) if Role.PROGRAM_ANALYST in roles else mine)
    else:
        return []
    rows = waiting.select_related("request__agency", "asked_by").order_by("due_on")
    today = timezone.localdate()
    return [
        WorkItem(
            sentence=f"Answer {row.asked_by.name}'s question about {named(row.request)}",
            id=row.request.number,
            since=row.waits_since,
            url=reverse("question", args=[row.request.number, row.pk]),
            action="Answer",
            due=row.due_on,
            late=row.due_on < today,
        )
        for row in rows[:AT_MOST]
    ]


def _objections(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Objections to the newest package: cells are withdrawn by analysts, the whole is for the official to decide."""
    wanted = Q(pk__in=[])
    if Role.DISCLOSURE_ANALYST in roles:
        wanted |= ~Q(cells=[])
    if Role.APPROVING_OFFICIAL in roles:
        wanted |= Q(cells=[])
    newest = Package.objects.filter(request=OuterRef("request")).order_by("-version").values("pk")[:1]
    objected = PartnerReview.objects.filter(
        wanted,
        verdict=PartnerReview.Verdict.OBJECTION,
        withdrawn_at__isnull=True,
        package=Subquery(newest),
        request__state__in=[State.PARTNER_REVIEW, State.SHARING_REVIEW],
    )
    rows = objected.select_related("agency", "request__agency").order_by("answered_at")
    return [
        WorkItem(
            sentence=f"Resolve {row.agency.state_name}'s objection to {named(row.request)}",
            id=row.request.number,
            since=row.answered_at or row.asked_at,
            url=page_url(row.request, "request"),
            action="Open",
        )
        for row in rows[:AT_MOST]
    ]


def _amendments(roles: frozenset[Role]) -> list[WorkItem]:
    """Amendments that wait for a decision."""
    if Role.APPROVING_OFFICIAL not in roles:
        return []
    return [
        WorkItem(
            sentence=f"Decide on {row.request.agency.state_name}'s amendment {row.number} of {named(row.request)}",
            id=f"{row.request.number} amendment {row.number}",
            since=row.submitted_at or row.drafted_at,
            url=reverse("amendment", args=[row.request.number, row.number]),
            action="Decide",
        )
        for row in waiting_for_decision()[:AT_MOST]
    ]


def _uploads(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Requests on which the coordinator left the cohort files to this agent, and which wait for them."""
    if Role.AGENT not in roles:
        return []
    named_on = RequestAgent.objects.filter(
        person=person, may_upload=True, removed_at__isnull=True, request__state=State.AWAITING_COHORT
    )
    work = WORK[State.AWAITING_COHORT, Role.COORDINATOR]
    rows = named_on.select_related("request__agency").order_by("request__state_since")
    return [_own_item(row.request, work) for row in rows[:AT_MOST]]


def _followed(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Open requests of the person's own side that somebody else has: the agency's, or those they decided about."""
    if roles == {Role.OUTPUT_REVIEWER}:
        return []  # sees other states' requests only
    seen = visible_to(person).filter(state__in=FOLLOWED)
    if roles & STATE_ROLES:
        seen = seen.filter(agency=person.agency_id)
    else:
        seen = seen.filter(Exists(Decision.objects.filter(request=OuterRef("pk"), decided_by=person)))
    return [_item(request, holder(request), "request", "Open") for request in seen.order_by("state_since")[:AT_MOST]]


def _held(person: Person, roles: frozenset[Role]) -> list[WorkItem]:
    """Packages delivered to the person's agency, on requests they see, with the day the data must be destroyed."""
    if not roles & {Role.COORDINATOR, Role.AGENT}:
        return []
    delivered = Delivery.objects.filter(
        status=Delivery.Status.DELIVERED,
        package__request__agency=person.agency_id,
        package__request__state__in=HELD,
    )
    if Role.COORDINATOR not in roles:
        delivered = delivered.filter(package__request__in=visible_to(person).select_related(None))
    rows = delivered.select_related("package__request__agency", "package__destruction").order_by(
        F("package__destruction__due_on").asc(nulls_last=True), "delivered_at"
    )
    return [_held_item(delivery) for delivery in rows[:AT_MOST]]


def _held_item(delivery: Delivery) -> WorkItem:
    package, request = delivery.package, delivery.package.request
    duty = getattr(package, "destruction", None)
    due = duty.due_on if duty and duty.confirmed_at is None else None
    return WorkItem(
        sentence=f"Package {package.version} of {named(request)}{', to be destroyed' if due else ''}",
        id=request.number,
        since=delivery.delivered_at or datetime.combine(date.min, time.min),
        url=page_url(request, "request"),
        action="Open",
        due=due,
        late=bool(due and due < timezone.localdate()),
        who="" if duty else "Tables; no destruction date",
    )
