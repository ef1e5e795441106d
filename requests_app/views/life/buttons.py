"""A request's next steps as buttons: at most one primary, the others outlined, the final ones plain links."""

from dataclasses import dataclass

from django.urls import reverse

from requests_app.models import DataRequest
from requests_app.selectors.life.requests import Action
from requests_app.selectors.life.steps import DANGEROUS, OWN_PAGE, SECOND_CHOICE, awaited_first
from requests_app.selectors.life.turns import NEVER_AWAITED
from requests_app.states import State

REVIEW_PAGE = frozenset(
    {"recommend", "return_to_state", "approve", "send_back", "deny", "accept_appeal", "uphold_denial"}
)


@dataclass(frozen=True)
class Button:
    """One button: where it leads, how it looks, and why it cannot be pressed."""

    id: str
    label: str
    url: str
    style: str
    reasons: tuple[str, ...] = ()

    @property
    def enabled(self) -> bool:
        """True where nothing stands in the way."""
        return not self.reasons


def buttons(request: DataRequest, found: list[Action]) -> list[Button]:
    """The hub's buttons: the review or form page first where the work is done there, then each step of its own."""
    made, steps = [], awaited_first(found)
    names = {action.transition.name for action in steps}
    if "submit" in names:
        words = "Continue the form" if request.status is State.DRAFT else "Answer in the form"
        made.append(Button("form", words, reverse("form", args=[request.number]), ""))
    if names & REVIEW_PAGE:
        words = "Continue review" if "recommend" in names else "Decide"
        made.append(Button("review", words, reverse("review", args=[request.number]), ""))
    own = [action for action in steps if action.transition.name not in REVIEW_PAGE | {"submit"}]
    return made + [step_button(request, action, primary=not made and place == 0) for place, action in enumerate(own)]


def step_button(request: DataRequest, action: Action, *, primary: bool) -> Button:
    """The button of one step."""
    step = action.transition
    page = OWN_PAGE.get(step.name)
    url = reverse(page, args=[request.number]) if page else reverse("step", args=[request.number, step.name])
    style = "" if primary and step.name not in NEVER_AWAITED | SECOND_CHOICE else "outline"
    if step.name in DANGEROUS:
        style = "unstyled"
    # The page of its own says what is missing there, so its button always leads there.
    return Button(step.name, step.label, url, style, () if page else tuple(action.reasons))
