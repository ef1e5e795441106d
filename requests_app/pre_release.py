"""Quarters before their official release: used by, and shown to, only those on the dated pre-release list.

The keeper of the wage records says when a quarter is released (hooks.provider("before_release")); a quarter without a
date counts as released. The list is in services/people/pre_release.py.
"""

from collections.abc import Sequence

from django.utils import timezone

from requests_app import form, hooks
from requests_app.fips import STATE_NAMES
from requests_app.hooks import guard
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.request_rows import agents
from requests_app.standing import on_pre_release_list


def unreleased_quarters(request: DataRequest) -> list[str]:
    """The states and quarters the request asks for that are held, but not officially released today, in words."""
    provide = hooks.providers.get("before_release")
    if provide is None:
        return []
    asked = form.read(request)
    found: list[tuple[str, int]] = provide(asked.states, asked.quarters, timezone.localdate())
    if not found:
        return []
    return [f"{STATE_NAMES.get(state, state)} {quarter // 10} Q{quarter % 10}" for state, quarter in found]


def check_pre_release(person: Person, unreleased: Sequence[str]) -> None:
    """Before their official release, quarters are used by and shown to people on the pre-release list only."""
    if unreleased and not on_pre_release_list(person, timezone.localdate()):
        raise Denied(
            f"{person.name} is not on the pre-release list, and the official release is still to come: "
            f"{', '.join(unreleased)}. Wait for it, or ask BLS to list {person.name}."
        )


@guard("pre_release_listed")
def pre_release_listed(request: DataRequest, person: Person | None) -> list[str]:
    """Where a quarter is used before its official release, everyone named is on the pre-release list."""
    unreleased = unreleased_quarters(request)
    if not unreleased:
        return []
    named = [row.person for row in agents(request)]
    team = {one.pk: one for one in [request.coordinator, *named, *([person] if person else [])]}
    problems = []
    for one in team.values():
        try:
            check_pre_release(one, unreleased)
        except Denied as denied:
            problems += denied.reasons
    return problems
