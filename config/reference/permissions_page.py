"""The page of permissions: which role can take which step in which state, and the rules beside the transition table."""

import inspect
from collections.abc import Callable
from types import ModuleType

from config.reference import words
from config.reference.markdown import page, rule_of, table
from matching.services import cohort_files
from requests_app import people_policies, policies, separation
from requests_app.pre_release import check_pre_release
from requests_app.states import ALL_KINDS, TRANSITIONS, Role, State, Transition
from requests_app.views.people.person_acts import ACTS

INTRODUCTION = """
A step is offered to a role in a state, and refused to every other. State roles act on their own agency's requests
only. What must hold besides the role is said in [states.md](states.md). What a person may not see at all is answered
as if it did not exist.
"""
NO_STEPS = "Takes no step of a request."


def permissions_page() -> str:
    """Role by state, then the rules that are no transition."""
    return page(
        "Permissions",
        INTRODUCTION,
        *(block for role in Role for block in _of_role(role)),
        "## What is no step of a request",
        "Rules of `requests_app/policies.py` and of uploading, each of which refuses with its reasons.",
        table(["Rule", "In words"], ([f"`{check.__name__}`", rule_of(check)] for check in _checks(policies))),
        "## People, roles and agreements",
        "Rules of `requests_app/people_policies.py`, and of quarters before their release.",
        table(["Rule", "In words"], ([f"`{check.__name__}`", rule_of(check)] for check in _about_people())),
        "What is offered on a person's page; where it is about an Administrator, an Approving Official stands in.",
        table(["Act", "Offered to"], ([act.label, _roles(act.roles)] for act in ACTS.values())),
        *_separation(),
    )


def _roles(roles: frozenset[Role]) -> str:
    return ", ".join(role.label for role in Role if role in roles)


def _separation() -> list[str]:
    """What `requests_app/separation.py` keeps apart."""
    apart = ([f"{rule.one.label} and {rule.other.label}", rule.why] for rule in separation.NEVER_TOGETHER)
    two = ([rule.first, rule.second, rule.refusal] for rule in separation.TWO_PERSONS.values())
    return [
        "## Roles one person does not hold together",
        table(["Roles", "Why"], apart),
        "## What takes two persons",
        table(["One person", "Another", "Who tries both is told"], two),
    ]


def _of_role(role: Role) -> list[str]:
    name = "The system" if role is Role.SYSTEM else role.label
    rows = [[state.label, _steps(role, state)] for state in State if _steps(role, state)]
    return [f"## {name}", table(["State", "Steps"], rows) if rows else NO_STEPS]


def _steps(role: Role, state: State) -> str:
    return ", ".join(_named(step) for step in TRANSITIONS if state in step.sources and role in step.roles)


def _named(step: Transition) -> str:
    kinds = "" if step.kinds == ALL_KINDS else f" ({words.kinds(step.kinds)})"
    return f"{step.label}{kinds}"


def _checks(module: ModuleType) -> list[Callable[..., object]]:
    """The policies that people meet, in the order in which they stand; the ones of a transition are the table's."""
    found: list[Callable[..., object]] = [
        check for name, check in vars(module).items()
        if name.startswith("check_") and name not in {"check_role", "check_transition"} and inspect.isfunction(check)
        and check.__module__ == module.__name__
    ]  # fmt: skip
    return [*found, cohort_files.check_upload] if module is policies else found


def _about_people() -> list[Callable[..., object]]:
    """The rules about people, and the one about quarters before their release."""
    return [*_checks(people_policies), check_pre_release]
