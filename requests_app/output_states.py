"""The states of an output made from micro data, and the one table of the steps between them (product.md)."""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.states import Role


class OutputState(StrEnum):
    """Where an output stands."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    BLS_CHECK = "bls_check"
    PARTNER_REVIEW = "partner_review"
    CLEARED = "cleared"
    RETURNED = "returned"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The state in words."""
        return "BLS check" if self is OutputState.BLS_CHECK else self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class OutputStep:
    """One arrow: who takes it, and whether it needs a reason. What must hold is in services/outputs/steps.py."""

    name: str
    label: str
    sources: frozenset[OutputState]
    target: OutputState
    role: Role
    needs_reason: bool = False


S, R = OutputState, Role
STEPS: tuple[OutputStep, ...] = (
    OutputStep("submit", "Submit to BLS", frozenset({S.DRAFTED}), S.SUBMITTED, R.COORDINATOR),
    OutputStep("finish_checks", "Checked by machine", frozenset({S.SUBMITTED}), S.BLS_CHECK, R.SYSTEM),
    OutputStep("return_unreadable", "Returned by machine", frozenset({S.SUBMITTED}), S.RETURNED, R.SYSTEM, True),
    OutputStep("pass", "Send to the states", frozenset({S.BLS_CHECK}), S.PARTNER_REVIEW, R.DISCLOSURE_ANALYST),
    OutputStep(
        "return", "Return to the state", frozenset({S.BLS_CHECK, S.PARTNER_REVIEW}), S.RETURNED,
        R.DISCLOSURE_ANALYST, True,
    ),
    OutputStep(
        "refuse", "Refuse", frozenset({S.BLS_CHECK, S.PARTNER_REVIEW}), S.REFUSED, R.APPROVING_OFFICIAL, True
    ),
    OutputStep("clear", "Clear to leave", frozenset({S.PARTNER_REVIEW}), S.CLEARED, R.APPROVING_OFFICIAL),
    OutputStep("take_up", "Work on it again", frozenset({S.RETURNED}), S.DRAFTED, R.COORDINATOR),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
