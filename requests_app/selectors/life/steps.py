"""What each step does, said before it is taken; and which of them need a fresh second factor or have their own page."""

from requests_app.models import DataRequest, Person
from requests_app.selectors.life.requests import Action, actions
from requests_app.selectors.life.turns import NEVER_AWAITED

# {state} is the requesting state's name.
WHAT_HAPPENS: dict[str, str] = {
    "submit": "You sign the form, and it goes to BLS. It is fixed from then on.",
    "start_review": "The review starts, and {state} is told.",
    "return_to_state": "{state} gets the form back with your questions, and can change and sign it again.",
    "recommend": "An Approving Official is asked to decide, with your reasons.",
    "send_back": "The request goes back to the Program Analysts with your reasons.",
    "approve": "{state} is told that the request is approved, and the work starts.",
    "deny": "{state} is told that the request is denied and why, and may appeal.",
    "appeal": "BLS considers the decision again in the light of your reasons.",
    "accept_appeal": "The request goes into review again, and {state} is told.",
    "uphold_denial": "The denial becomes final, and {state} is told. This cannot be undone.",
    "begin_matching": "The files are fixed, and the system matches them with the wage records. It starts at once.",
    "stop_work": "The work stops within moments. A Program Analyst can start it again, or {state} can withdraw.",
    "repeat_matching": "The match goes on with the same files; what was matched and still stands is kept.",
    "repeat_building": "The package is built again from the same input.",
    "send_to_partners": "You confirm the review as second analyst, and the states whose records were used are asked.",
    "clear_for_release": "You confirm the review as second analyst, and a Release Officer can send the package.",
    "redesign": "These tables are set aside and built again from the form as it was signed, with the records and rules "
    "in force now. The design stays; to have another, suggest one to {state} in the disclosure review.",
    "accept_design": "The tables are built again by the design BLS suggests. Your form stays as it was signed.",
    "refuse_release": "The tables are not released. {state} is told so and why, and may appeal.",
    "withdraw_cells": "The tables are built again without the cells objected to, and every state is asked again.",
    "release": "The package goes to {state} exactly as it was reviewed. What is downloaded stays with the state.",
    "ask_to_share": "The states whose records were used are asked whether you may share the tables.",
    "close_shared": "The request is finished. It stays readable.",
    "refuse_sharing": "{state} is told that these tables must not leave its agency, and why. It keeps its package.",
    "close_unshared": "The request is finished. The tables stay inside your agency: no state agreed to their sharing.",
    "close": "The request is finished. It stays readable.",
    "finish_use": "The package cannot be opened any more, and you destroy every copy of the data.",
    "order_destruction": "The use ends at once: {state} must destroy every copy today and confirm it.",
    "confirm_destruction": "BLS is told that every copy is destroyed, and checks your statements.",
    "reject_destruction": "{state} must make its statements of destruction again.",
    "acknowledge_destruction": "The request is finished, and the encrypted copies at BLS are destroyed for good.",
    "withdraw": "The request ends here, and the work on it stops. It stays readable, and cannot be taken up again.",
}
FRESH_FACTOR = frozenset(
    {
        "submit",
        "approve",
        "deny",
        "send_to_partners",
        "clear_for_release",
        "release",
        "order_destruction",
        "confirm_destruction",
        "acknowledge_destruction",
        "begin_matching",
    }
)
# Steps that send the work back or stop it: never the page's primary button.
SECOND_CHOICE = frozenset(
    {"close_unshared", "return_to_state", "send_back", "redesign", "reject_destruction", "stop_work"}
)
OWN_PAGE = {"submit": "form_check", "confirm_destruction": "destruction"}
DANGEROUS = frozenset({"deny", "uphold_denial", "refuse_release", "refuse_sharing", "order_destruction", "withdraw"})


def find_action(person: Person, request: DataRequest, name: str) -> Action | None:
    """The step of this name as the person could take it now; None where the table does not offer it to them."""
    return next((action for action in actions(person, request) if action.transition.name == name), None)


def awaited_first(found: list[Action]) -> list[Action]:
    """What is waited for before what may be done at any time, going on before going back, possible before not."""
    return sorted(found, key=lambda action: (*_rank(action.transition.name), not action.enabled))


def _rank(name: str) -> tuple[bool, bool]:
    return (name in NEVER_AWAITED, name in SECOND_CHOICE | DANGEROUS)
