"""Separation of duty as data: the roles nobody holds together, and what always takes two persons.

`people_policies` and `guards` enforce what stands here, and docs/generated/permissions.md shows it; nothing else says
who may not. Three people at BLS can hold every role within these rules (a test shows one such office).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from requests_app.states import Role


@dataclass(frozen=True)
class NeverTogether:
    """Two roles that one person does not hold on the same day, and why."""

    one: Role
    other: Role
    why: str


@dataclass(frozen=True)
class TwoPersons:
    """What one person does and another must do; `refusal` is said to somebody who tries both."""

    first: str
    second: str
    refusal: str


_NO_DATA = "The Administrator sees no data, and gives nobody, themself included, the right to."
NEVER_TOGETHER: tuple[NeverTogether, ...] = (
    NeverTogether(Role.ADMINISTRATOR, Role.PROGRAM_ANALYST, _NO_DATA),
    NeverTogether(Role.ADMINISTRATOR, Role.DISCLOSURE_ANALYST, _NO_DATA),
    NeverTogether(Role.ADMINISTRATOR, Role.RELEASE_OFFICER, _NO_DATA),
    NeverTogether(Role.ADMINISTRATOR, Role.DATA_STEWARD, _NO_DATA),
)
TWO_PERSONS: dict[str, TwoPersons] = {
    "decide": TwoPersons(
        "recommends approval of a request",
        "approves, denies or sends it back",
        "You recommended this request, so another Approving Official must decide it.",
    ),
    "appeal": TwoPersons(
        "denies a request",
        "decides on the appeal against it",
        "You denied this request, so another Approving Official must decide on the appeal.",
    ),
    "conflict_of_interest": TwoPersons(
        "states a conflict of interest on a request",
        "reviews it and decides on it",
        "You stated a conflict of interest on this request, so another person must do this.",
    ),
    "confirm_package": TwoPersons(
        "signs a package off first",
        "confirms it",
        "You signed this package off first; a second Disclosure Analyst must confirm it.",
    ),
    "release": TwoPersons(
        "approves a request",
        "releases its package",
        "You approved this request, so another Release Officer must release its package.",
    ),
    "review_for_own_state": TwoPersons(
        "asks for the data (the requesting state)",
        "reviews the output before it leaves the agency (every other state searched)",
        "Your state asked for this output, so the other states review it.",
    ),
    "own_agreement": TwoPersons(
        "signs an agent agreement as the agent",
        "nominates them, signs it for BLS, files it, ends or revokes it",
        "This agreement is your own, so another person must do this.",
    ),
    "own_training": TwoPersons(
        "completed a training",
        "records or accepts its evidence",
        "This training is your own, so another person must accept it.",
    ),
    "own_account": TwoPersons(
        "holds an account, a role, or a line of the pre-release list",
        "gives, changes, certifies or ends it",
        "This is about yourself, so another person must do it.",
    ),
}


def conflicts(role: Role, held: Iterable[Role]) -> list[str]:
    """Why somebody who holds `held` is not given `role`; empty where nothing stands against it."""
    others = set(held)
    return [
        f"One person does not hold {rule.one.label} and {rule.other.label} together. {rule.why}"
        for rule in NEVER_TOGETHER
        if role in (rule.one, rule.other) and others & ({rule.one, rule.other} - {role})
    ]
