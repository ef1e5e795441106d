"""The status sentence and the step line of a request, in plain words (ux.md, principle 3)."""

from collections.abc import Collection
from dataclasses import dataclass

from requests_app.models import DataRequest, Person
from requests_app.selectors.life.requests import Action
from requests_app.selectors.life.turns import NEVER_AWAITED
from requests_app.states import ENDED, Kind, State
from requests_app.targets import due_on
from requests_app.templatetags.formats import due

S = State
# For the requesting agency, and for everybody else; {state} is the requesting state's name.
SENTENCES: dict[State, tuple[str, str]] = {
    S.DRAFT: ("Your agency is drafting this request; BLS sees it once it is signed.", "{state} is drafting."),
    S.SUBMITTED: (
        "BLS has your request and will start its review.",
        "{state} has submitted this request; its review has not started.",
    ),
    S.IN_REVIEW: ("BLS is reviewing your request.", "A Program Analyst is reviewing {state}'s request."),
    S.RETURNED: (
        "BLS has returned your request with questions. Answer them in the form, then sign it again.",
        "BLS has returned this request with questions; {state} has it.",
    ),
    S.RECOMMENDED: (
        "BLS has reviewed your request; an Approving Official decides next.",
        "A Program Analyst recommends {state}'s request; an Approving Official decides.",
    ),
    S.APPROVED: (
        "BLS has approved your request. The system is preparing the next step.",
        "The request is approved. The system is preparing the next step.",
    ),
    S.DENIED: ("BLS has denied your request. You may appeal.", "The request is denied. {state} may appeal."),
    S.APPEALED: ("BLS is considering your appeal.", "{state} has appealed; an Approving Official decides."),
    S.DENIED_FOR_GOOD: ("BLS has denied your request for good.", "The request is denied for good."),
    S.AWAITING_COHORT: (
        "BLS has approved your request and waits for your cohort files.",
        "{state} has been asked for its cohort files.",
    ),
    S.MATCHING: (
        "The system is matching your cohort with the wage records.",
        "The system is matching {state}'s cohort with the wage records.",
    ),
    S.BUILDING: ("The system is building your package.", "The system is building {state}'s package."),
    S.FAILED: (
        "The work on your package stopped. BLS knows and can start it again.",
        "The work on this request failed or was stopped. A Program Analyst starts it again.",
    ),
    S.DISCLOSURE_REVIEW: (
        "BLS is checking that your tables identify nobody.",
        "Two Disclosure Analysts check that the tables identify nobody.",
    ),
    S.PARTNER_REVIEW: (
        "The states whose records were used are reviewing your tables before release.",
        "The states whose records were used are reviewing {state}'s tables before release.",
    ),
    S.READY_FOR_RELEASE: (
        "Your package is ready. A Release Officer at BLS sends it next.",
        "The package is ready; a Release Officer sends it.",
    ),
    S.RELEASED: ("BLS has released your package.", "The package has been released to {state}."),
    S.SHARING_REVIEW: (
        "The states whose records were used are reviewing your tables before you share them outside your agency.",
        "The states whose records were used are reviewing {state}'s tables before they are shared.",
    ),
    S.CLEARED_TO_SHARE: (
        "The partner states have agreed: you may share these tables outside your agency.",
        "The partner states have agreed; {state} may share these tables.",
    ),
    S.IN_USE: (
        "Your agency holds these data. They must be destroyed by the agreed date.",
        "{state} holds these data until they are destroyed.",
    ),
    S.DESTRUCTION_DUE: (
        "Destroy every copy of these data, then confirm it here.",
        "{state} must destroy every copy of these data and confirm it.",
    ),
    S.DESTRUCTION_CONFIRMED: (
        "You have confirmed the destruction. BLS checks the confirmation.",
        "{state} has confirmed the destruction; a Program Analyst checks it.",
    ),
    S.CLOSED: ("This request is finished.", "This request is finished."),
    S.EXPIRED: ("The approval has expired because it was not used.", "The approval has expired unused."),
    S.WITHDRAWN: ("Your agency has withdrawn this request.", "{state} has withdrawn this request."),
}

# Where the step that is waited for is not the first thing to do.
TO_DO: dict[State, str] = {S.RELEASED: "It is your turn: open the package; when you have it, go on below."}
# What the viewer does before the step that is waited for can be taken.
TO_DO_FIRST: dict[State, str] = {
    S.DRAFT: "It is your turn: finish the form, then sign it.",
    S.RETURNED: "It is your turn: answer in the form, then sign it again.",
    S.AWAITING_COHORT: "It is your turn: send each file that is missing, then start matching.",
    S.DISCLOSURE_REVIEW: "It is your turn: one analyst signs the tables off, another confirms.",
}

# Until when, in every state that has a target.
UNTIL: dict[State, str] = {
    S.SUBMITTED: "The review is to start by {due}.",
    S.IN_REVIEW: "The review is to be done by {due}.",
    S.RETURNED: "The answers are due by {due}.",
    S.RECOMMENDED: "A decision is due by {due}.",
    S.APPEALED: "A decision is due by {due}.",
    S.AWAITING_COHORT: "The files are due by {due}.",
    S.FAILED: "The work is to go on by {due}.",
    S.DISCLOSURE_REVIEW: "The check is to be done by {due}.",
    S.READY_FOR_RELEASE: "It is to be sent by {due}.",
    S.RELEASED: "The next step is due by {due}.",
    S.CLEARED_TO_SHARE: "The next step is due by {due}.",
    S.DESTRUCTION_CONFIRMED: "The confirmation is to be checked by {due}.",
}

ASKED = {S.DRAFT, S.RETURNED}
REVIEWED = {S.SUBMITTED, S.IN_REVIEW, S.RECOMMENDED, S.APPEALED}
RELEASED = {S.READY_FOR_RELEASE, S.RELEASED}
SHARED = {S.SHARING_REVIEW, S.CLEARED_TO_SHARE}
PATHS: dict[Kind, tuple[tuple[str, set[State]], ...]] = {
    Kind.MACRO: (
        ("Ask", ASKED),
        ("Review", REVIEWED),
        ("Build", {S.APPROVED, S.BUILDING, S.FAILED}),
        ("Protect", {S.DISCLOSURE_REVIEW}),
        ("Partner states", {S.PARTNER_REVIEW}),
        ("Release", RELEASED | SHARED),
        ("Closed", {S.CLOSED}),
    ),
    Kind.MICRO_TO_MACRO: (
        ("Ask", ASKED),
        ("Review", REVIEWED),
        ("Cohort files", {S.APPROVED, S.AWAITING_COHORT}),
        ("Match and build", {S.MATCHING, S.BUILDING, S.FAILED}),
        ("Protect", {S.DISCLOSURE_REVIEW}),
        ("Partner states", {S.PARTNER_REVIEW}),
        ("Release", RELEASED | SHARED),
        ("Closed", {S.CLOSED}),
    ),
    Kind.MICRO: (
        ("Ask", ASKED),
        ("Review", REVIEWED),
        ("Cohort files", {S.APPROVED, S.AWAITING_COHORT}),
        ("Match and build", {S.MATCHING, S.BUILDING, S.FAILED}),
        ("Release", RELEASED),
        ("Use", {S.IN_USE}),
        ("Destroy", {S.DESTRUCTION_DUE, S.DESTRUCTION_CONFIRMED}),
        ("Closed", {S.CLOSED}),
    ),
}


@dataclass(frozen=True)
class StatusSentence:
    """What is happening, until when it is to be done, and what is asked of the viewer."""

    sentence: str
    detail: str


@dataclass(frozen=True)
class Step:
    """One step of the line: complete, current or upcoming."""

    label: str
    state: str


def status_sentence(request: DataRequest, viewer: Person, actions: Collection[Action]) -> StatusSentence:
    """The sentence at the top of every page of the request, for this viewer."""
    ours, theirs = SENTENCES[request.status]
    words = ours if viewer.agency_id == request.agency_id else theirs
    detail = f"{_until_when(request)} {_asked_of_viewer(request, actions)}".strip()
    return StatusSentence(words.format(state=request.agency.state_name), detail)


def _until_when(request: DataRequest) -> str:
    """The step's target; nothing where the state has none, or while the request is suspended."""
    day = None if request.suspended_reason else due_on(request.status, request.state_since)
    return UNTIL.get(request.status, "This step is due by {due}.").format(due=due(day)) if day else ""


def _asked_of_viewer(request: DataRequest, actions: Collection[Action]) -> str:
    if request.status in ENDED:
        return ""
    mine = [action for action in actions if action.transition.name not in NEVER_AWAITED]
    if request.suspended_reason:
        return f"It is suspended: {request.suspended_reason}"
    if any(action.enabled and action.transition.name == "withdraw_cells" for action in actions):
        return "It is your turn: a state objects to cells of these tables."
    if any(action.enabled for action in mine):
        return TO_DO.get(request.status, "It is your turn.")
    if mine:
        return TO_DO_FIRST.get(request.status, "It is your turn, but something stands in the way; it is said below.")
    return "You need do nothing now."


def step_line(request: DataRequest) -> list[Step]:
    """The steps of the request's kind; empty before it has one, and where it left the line (denied, withdrawn)."""
    if not request.kind:
        return []
    path = PATHS[Kind(request.kind)]
    now = next((place for place, (_, states) in enumerate(path) if request.status in states), None)
    if now is None:
        return []
    ended = request.status is State.CLOSED
    return [
        Step(label, "complete" if place < now or ended else "current" if place == now else "upcoming")
        for place, (label, _) in enumerate(path)
    ]
