"""Who may work on a request's review and decision, and who may ask and answer questions about it."""

from requests_app.models import Claim, ConflictStatement, DataRequest, Person
from requests_app.models.questions import Question, Side
from requests_app.policies import Denied, check_may_act, check_not_suspended, permitted
from requests_app.reading import once_a_reading
from requests_app.request_rows import last_decision, there_is
from requests_app.separation import TWO_PERSONS
from requests_app.standing import roles_of, roles_on
from requests_app.states import ENDED, Role, State

# The states in which a role has a part of the work, from the first day to its end.
PART_OF: dict[State, Role] = {
    State.SUBMITTED: Role.PROGRAM_ANALYST,
    State.IN_REVIEW: Role.PROGRAM_ANALYST,
    State.RETURNED: Role.PROGRAM_ANALYST,
    State.RECOMMENDED: Role.APPROVING_OFFICIAL,
    State.APPEALED: Role.APPROVING_OFFICIAL,
}
REVIEWERS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})


@once_a_reading
def open_claim(request: DataRequest) -> Claim | None:
    """Who has the part of the work that is on now; None where nobody has claimed it."""
    role = PART_OF.get(request.status)
    claims = request.claims.filter(role=role or "", ended_at__isnull=True)
    return claims.select_related("person__agency").first()


@once_a_reading
def stated_conflict(person: Person, request: DataRequest) -> bool | None:
    """Whether the person has stated a conflict of interest on the request; None where they have stated nothing."""
    if not there_is(request).conflicts:
        return None
    newest = ConflictStatement.objects.filter(request=request, person=person).order_by("-stated_at", "-id")
    return newest.values_list("has_conflict", flat=True).first()


def check_reviewer(person: Person, request: DataRequest) -> None:
    """The person holds the role whose part is on, nothing has stopped them or the request."""
    role = PART_OF.get(request.status)
    if role is None:
        raise Denied("The request is neither in review nor being decided on.")
    if role not in roles_of(person):
        raise Denied(f"This part is done by: {role.label}.")
    check_not_suspended(request)
    check_may_act(person)


def check_claim(person: Person, request: DataRequest) -> None:
    """A reviewer without a conflict of interest, who did not recommend what is now decided."""
    check_reviewer(person, request)
    if stated_conflict(person, request):
        raise Denied(TWO_PERSONS["conflict_of_interest"].refusal)
    if request.status is State.RECOMMENDED:
        last = last_decision(request, "recommend")
        if last and last.decided_by_id == person.pk:
            raise Denied(TWO_PERSONS["decide"].refusal)


def check_staff(person: Person) -> None:
    """Notes and templates are BLS's reviewers' own."""
    if not roles_of(person) & REVIEWERS:
        raise Denied("This is for BLS's Program Analysts and Approving Officials.")
    check_may_act(person)


def side_of(person: Person) -> Side:
    """The side the person asks and answers for."""
    return Side.BLS if person.agency.is_bls else Side.STATE


def check_talk(person: Person, request: DataRequest) -> None:
    """BLS's reviewers and the request's team ask and answer, from its submission to its end."""
    wanted = REVIEWERS if person.agency.is_bls else {Role.COORDINATOR, Role.AGENT}
    if not roles_on(person, request) & wanted:
        raise Denied("Questions are asked and answered by BLS's reviewers and the request's coordinators and agents.")
    if request.status is State.DRAFT:
        raise Denied("BLS sees this request once it is signed. Ask by email until then.")
    if request.status in ENDED - {State.DENIED}:
        raise Denied("This request has ended; what was asked stays readable.")
    check_may_act(person)


def check_settle(person: Person, question: Question) -> None:
    """The side that asked says when a question is settled."""
    check_talk(person, question.request)
    if question.settled_at:
        raise Denied("This question is settled.")
    if question.asked_of == side_of(person):
        raise Denied("The side that asked settles a question. Answer it instead.")


can_review = permitted(check_reviewer)
can_claim = permitted(check_claim)
can_talk = permitted(check_talk)
can_settle = permitted(check_settle)
