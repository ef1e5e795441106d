"""What waits for the Data Steward: findings nobody has looked at, quarters that are missing, releases that are near."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from matching.holdings.history import load_url
from matching.holdings.load_page import name_of
from matching.holdings.looks import findings
from matching.holdings.visibility import seen_by
from matching.loads.register import quarter_after
from matching.models import Holding, Kind, LoadLook, LoadQuality, Status
from requests_app.fips import STATE_NAMES
from requests_app.hooks import provider
from requests_app.models import Person
from requests_app.selectors.people.people_work import PeopleWork
from requests_app.states import Role
from requests_app.templatetags.formats import count_of, day, quarter, quarters

AT_MOST = 5
SOON = timedelta(days=30)


@provider("holdings_work")
def holdings_work(person: Person, roles: frozenset[Role], now: datetime) -> list[PeopleWork]:
    """The Data Steward's lines for the home page; a number of queries that does not grow with the holdings."""
    if Role.DATA_STEWARD not in roles:
        return []
    held = list(seen_by(person, timezone.localdate(now)).filter(status=Status.VISIBLE).order_by("state", "quarter"))
    return [*_unlooked(held), *_missing(held), *_releases(held, now)]


def _unlooked(held: Iterable[Holding]) -> Iterator[PeopleWork]:
    """Loads in use whose findings nobody has looked at, the oldest first; the rest as one line with how many."""
    by_load = {one.load_id: one for one in held}
    looked = LoadLook.objects.filter(load_id=OuterRef("load_id"))
    waiting = LoadQuality.objects.filter(~Exists(looked), load_id__in=by_load).order_by("computed_at")
    wait = [load for load, found in findings(list(waiting.values_list("load_id", flat=True))).items() if found.wait]
    holdings = sorted((by_load[load] for load in wait), key=lambda one: one.loaded_at)
    for one in holdings[:AT_MOST]:
        yield PeopleWork(f"Look at what the edits found: {name_of(one)}", one.loaded_at, load_url(one), "Look at it")
    if more := holdings[AT_MOST:]:
        words = f"Look at what the edits found in {count_of(len(more), 'more load')}"
        yield PeopleWork(words, more[0].loaded_at, reverse("holding_list"), "See the holdings")


def _missing(held: Iterable[Holding]) -> Iterator[PeopleWork]:
    """States that lack a quarter which lies between their first and the newest that any state holds."""
    newest: dict[str, int] = {}
    of_state: dict[tuple[str, str], dict[int, Holding]] = defaultdict(dict)
    for one in held:
        newest[one.kind] = max(newest.get(one.kind, 0), one.quarter)
        of_state[one.state, one.kind][one.quarter] = one
    lines = list(_gaps(of_state, newest))
    yield from lines[:AT_MOST]
    if more := lines[AT_MOST:]:
        words = f"Load missing quarters of {count_of(len(more), 'more state')}"
        yield PeopleWork(words, more[0].since, reverse("holding_list"), "See the holdings")


def _gaps(of_state: dict[tuple[str, str], dict[int, Holding]], newest: dict[str, int]) -> Iterator[PeopleWork]:
    for (state, kind), holdings in sorted(of_state.items()):
        lacking = [one for one in _run(min(holdings), newest[kind]) if one not in holdings]
        if lacking:
            words = f"Load {Kind(kind).label.lower()} of {STATE_NAMES.get(state, state)}: {quarters(lacking)} missing"
            query = urlencode({"kind": kind, "state": state})
            since = max(one.loaded_at for one in holdings.values())
            yield PeopleWork(words, since, f"{reverse('holding_list')}?{query}", "See what is held")


def _run(first: int, last: int) -> Iterator[int]:
    """Every quarter from first to last."""
    while first <= last:
        yield first
        first = quarter_after(first)


def _releases(held: Iterable[Holding], now: datetime) -> Iterator[PeopleWork]:
    """Official releases of the next thirty days: until then only people on the pre-release list see the quarter."""
    today, states = timezone.localdate(now), defaultdict(set)
    for one in held:
        if one.release_date and today < one.release_date <= today + SOON:
            states[one.release_date, one.quarter, one.kind].add(one.state)
    for (on, held_quarter, kind), found in sorted(states.items()):
        what = f"{quarter(held_quarter)} {Kind(kind).label.lower()} of {count_of(len(found), 'state')}"
        words = f"{what}: official release on {day(on)}"
        yield PeopleWork(words, now, f"{reverse('holding_list')}?{urlencode({'kind': kind})}", "See them")
