"""Whose turn it is: derived from the transition table, so that pages and home lists cannot say otherwise."""

from dataclasses import dataclass
from functools import cache

from requests_app.models import DataRequest
from requests_app.states import ENDED, STATE_ROLES, Kind, Role, State, transitions_from

# Steps a person may take at any time without being waited for.
NEVER_AWAITED = frozenset(
    {
        "withdraw",
        "appeal",
        "refuse_release",
        "refuse_sharing",
        "close_unshared",
        "finish_use",
        "order_destruction",
        "withdraw_cells",
        "stop_work",
        "accept_design",
    }
)
PARTNERS_ANSWER = frozenset({State.PARTNER_REVIEW, State.SHARING_REVIEW})


@dataclass(frozen=True)
class Work:
    """What a role is waited for in a state: a sentence about the request, the button's words, the page it opens.

    The sentence is filled with the request's title and the state's name; `page` is a URL name, or `step:<transition>`.
    """

    sentence: str
    action: str
    page: str


S, R = State, Role
WORK: dict[tuple[State, Role], Work] = {
    (S.DRAFT, R.COORDINATOR): Work("Finish and sign {title}", "Continue the form", "form"),
    (S.RETURNED, R.COORDINATOR): Work("Answer BLS's questions about {title}", "Read the questions", "request"),
    (S.SUBMITTED, R.PROGRAM_ANALYST): Work("Review {state}'s request {title}", "Start review", "step:start_review"),
    (S.IN_REVIEW, R.PROGRAM_ANALYST): Work(
        "Finish the review of {state}'s request {title}", "Continue review", "review"
    ),
    (S.RECOMMENDED, R.APPROVING_OFFICIAL): Work("Decide on {state}'s request {title}", "Decide", "review"),
    (S.APPEALED, R.APPROVING_OFFICIAL): Work("Decide on {state}'s appeal about {title}", "Decide", "review"),
    (S.AWAITING_COHORT, R.COORDINATOR): Work("Add the cohort files of {title}", "Add files", "request"),
    (S.FAILED, R.PROGRAM_ANALYST): Work(
        "See why the work on {state}'s request {title} failed", "Look into it", "request"
    ),
    (S.DISCLOSURE_REVIEW, R.DISCLOSURE_ANALYST): Work(
        "Review the tables of {state}'s request {title}", "Open the review", "request"
    ),
    (S.READY_FOR_RELEASE, R.RELEASE_OFFICER): Work(
        "Release the package of {state}'s request {title}", "Release", "step:release"
    ),
    (S.RELEASED, R.COORDINATOR): Work("Open the package of {title} and finish the request", "Open", "request"),
    (S.CLEARED_TO_SHARE, R.COORDINATOR): Work("Close {title}: its tables may be shared", "Close", "step:close_shared"),
    (S.DESTRUCTION_DUE, R.COORDINATOR): Work(
        "Confirm that the data of {title} are destroyed", "Confirm", "destruction"
    ),
    (S.DESTRUCTION_CONFIRMED, R.PROGRAM_ANALYST): Work(
        "Check {state}'s confirmation of destruction for {title}", "Check", "request"
    ),
}


@cache
def awaited_roles(state: State, kind: Kind) -> frozenset[Role]:
    """The roles one of whose steps a request in `state` waits for; SYSTEM where machines have it."""
    steps = [step for step in transitions_from(state, kind) if step.name not in NEVER_AWAITED]
    return frozenset(role for step in steps for role in step.roles)


def kind_of(request: DataRequest) -> Kind:
    """A draft without a package type yet moves as a macro request would."""
    return Kind(request.kind) if request.kind else Kind.MACRO


def holder(request: DataRequest) -> str:
    """Who has the request now, in words: "BLS (Program Analyst)", "the partner states", "nobody: it has ended"."""
    if request.status in ENDED:
        return "Nobody: it has ended"
    if request.status in PARTNERS_ANSWER:
        return "The partner states' Output Reviewers"
    if request.status is State.IN_USE:
        return f"{request.agency.state_name} holds the data"
    people = sorted(awaited_roles(request.status, kind_of(request)) - {Role.SYSTEM})
    if not people:
        return "The system"
    side = request.agency.state_name if people[0] in STATE_ROLES else "BLS"
    return f"{side} ({' or '.join(role.label for role in people)})"


def named(request: DataRequest) -> str:
    """The request's title in quotation marks, or its number where it has no title yet."""
    return f"“{request.title}”" if request.title else request.number
