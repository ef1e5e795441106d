"""The states of an amendment and the one table of moves between them, beside the request's own (states.py)."""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.states import Role, State


class AmendmentState(StrEnum):
    """Where an amendment stands."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.capitalize()


@dataclass(frozen=True)
class Move:
    """One arrow: who takes it, what happens, whom it tells. A `checked` one needs the change to be possible."""

    name: str
    label: str
    sources: frozenset[AmendmentState]
    target: AmendmentState
    role: Role
    what_happens: str
    tells: Role
    checked: bool = False
    needs_reason: bool = False
    fresh_factor: bool = False

    @property
    def event(self) -> str:
        """The name of the event the move records."""
        return f"amendment.{self.name}"


A = AmendmentState
MOVES = (
    Move(
        "submit",
        "Sign and submit",
        frozenset({A.DRAFTED}),
        A.SUBMITTED,
        Role.COORDINATOR,
        "You sign the amendment, and an Approving Official decides on it. The request goes on meanwhile.",
        tells=Role.APPROVING_OFFICIAL,
        checked=True,
        fresh_factor=True,
    ),
    Move(
        "withdraw",
        "Withdraw the amendment",
        frozenset({A.DRAFTED, A.SUBMITTED}),
        A.WITHDRAWN,
        Role.COORDINATOR,
        "Nothing changes. The amendment stays readable.",
        tells=Role.APPROVING_OFFICIAL,
    ),
    Move(
        "approve",
        "Approve the amendment",
        frozenset({A.SUBMITTED}),
        A.APPROVED,
        Role.APPROVING_OFFICIAL,
        "It takes effect at once. Quarters or states that are added become a request of their own, already approved.",
        tells=Role.COORDINATOR,
        checked=True,
        fresh_factor=True,
    ),
    Move(
        "deny",
        "Deny the amendment",
        frozenset({A.SUBMITTED}),
        A.DENIED,
        Role.APPROVING_OFFICIAL,
        "The request stays as it is, and the state is told why.",
        tells=Role.COORDINATOR,
        needs_reason=True,
        fresh_factor=True,
    ),
)
BY_NAME = {move.name: move for move in MOVES}
# A request that was approved and has not ended: before that the form itself can be changed.
AMENDABLE = frozenset(
    {
        State.APPROVED,
        State.AWAITING_COHORT,
        State.MATCHING,
        State.BUILDING,
        State.FAILED,
        State.DISCLOSURE_REVIEW,
        State.PARTNER_REVIEW,
        State.READY_FOR_RELEASE,
        State.RELEASED,
        State.SHARING_REVIEW,
        State.CLEARED_TO_SHARE,
        State.IN_USE,
    }
)


def moves_from(state: AmendmentState) -> list[Move]:
    """The arrows that leave `state`, in the table's order."""
    return [move for move in MOVES if state in move.sources]
