"""Kinds, roles, states and sentences of the workflow as the reference pages write them."""

from collections.abc import Iterable

from requests_app.states import ALL_KINDS, Kind, Role, State


def kinds(named: Iterable[Kind]) -> str:
    """The word all, or the kinds in the instructions' order."""
    wanted = set(named)
    return "all" if wanted == ALL_KINDS else ", ".join(kind.label.lower() for kind in Kind if kind in wanted)


def roles(named: Iterable[Role]) -> str:
    """Titles in the order of `Role`."""
    wanted = set(named)
    return ", ".join("the system" if role is Role.SYSTEM else role.label for role in Role if role in wanted)


def states(named: Iterable[State]) -> str:
    """States in the order of a request's life."""
    wanted = set(named)
    return ", ".join(state.label.lower() for state in State if state in wanted)


def about_any_state(sentence: str) -> str:
    """A sentence of the pages, with “the requesting state” in the place of a state's name."""
    filled = sentence.format(state="the requesting state")
    return ". ".join(part[:1].upper() + part[1:] for part in filled.split(". "))
