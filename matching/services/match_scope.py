"""What a request may be matched against: the states and quarters that are held, permitted, and released or not yet."""

from collections.abc import Collection
from datetime import date

from matching import store
from matching.models import Holding, Status
from matching.models import Kind as LoadKind
from requests_app import form, guards
from requests_app.fips import STATE_NAMES
from requests_app.hooks import guard, provider
from requests_app.models import DataRequest
from requests_app.reading import once_a_reading


@guard("quarters_are_held")
def quarters_are_held(request: DataRequest, _person: object) -> list[str]:
    """Every state and quarter asked for is held."""
    asked, held = form.read(request), quarters_held()
    return [
        f"State {state} has no wage records for {quarter // 10} Q{quarter % 10}; take out the state or the quarter."
        for state in asked.states
        for quarter in asked.quarters
        if quarter not in held.get(state, [])
    ]


@guard("a_state_may_be_searched")
def a_state_may_be_searched(request: DataRequest, _person: object) -> list[str]:
    """At least one of the states asked for permits the use today."""
    if states_searched(request):
        return []
    return ["No state you asked for has an MOU in force that permits this use today; BLS can tell you more."]


@provider("quarters_held")
def quarters_held() -> dict[str, list[int]]:
    """State FIPS -> quarters (YYYYQ) with visible wage records."""
    held: dict[str, list[int]] = {}
    for holding in _visible():
        if holding.kind == LoadKind.WAGE_RECORDS:
            held.setdefault(holding.state, []).append(holding.quarter)
    return held


@provider("before_release")
def before_release(states: Collection[str], quarters: Collection[int], today: date) -> list[tuple[str, int]]:
    """The states and quarters whose official release lies after `today`; one without a date counts as released."""
    coming = [one for one in _visible() if one.release_date is not None and one.release_date > today]
    return sorted({(one.state, one.quarter) for one in coming if one.state in states and one.quarter in quarters})


@once_a_reading
def _visible() -> tuple[store.HeldQuarter, ...]:
    return tuple(store.holdings())


def states_searched(request: DataRequest) -> list[str]:
    """The states asked for whose MOU is in force today and permits this use: no other's records are read."""
    return [fips for fips, problems in guards.use_problems(request).items() if not problems]


def states_left_out(request: DataRequest) -> dict[str, list[str]]:
    """State -> why it is not searched today, in words for BLS."""
    found = guards.use_problems(request)
    return {STATE_NAMES.get(fips, fips): problems for fips, problems in found.items() if problems}


def visible_loads(states: Collection[str], quarters: Collection[int]) -> list[int]:
    """The loads a match of these quarters would be made from now, as `pins.made_from` names them."""
    visible = Holding.objects.filter(
        status=Status.VISIBLE, state__in=states, quarter__in=quarters, kind__in=list(LoadKind)
    )
    return sorted(visible.values_list("load_id", flat=True))
