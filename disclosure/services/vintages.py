"""A request's tables stay with the loads they were first made from, until a person says otherwise.

A request pins the vintages it used (product.md). Where one of them is no longer in use when the tables are built again,
the build fails and says so; the Program Analyst who then repeats it has been told exactly that, and decides by it that
the request rests on the loads in use now. The earlier pins stay, with the package that was made from them.
"""

from collections.abc import Collection, Iterable

from matching.holdings import pins
from matching.models import Holding, Kind, PinnedLoad, PinStep
from requests_app.fips import STATE_NAMES
from requests_app.models import DataRequest
from requests_app.services.life.jobs import JobFailed

NAMED = 10
# Steps that begin a build of the tables, or end it without any.
STEPS = (
    "begin_building", "finish_matching", "repeat_building", "redesign", "accept_design", "withdraw_cells", "rebuild",
    "fail",
)  # fmt: skip
Cell = tuple[str, int, str]  # state, quarter, kind


def check(request: DataRequest, used: Iterable[Holding], kinds: Collection[Kind], states: Collection[str]) -> None:
    """`JobFailed` where `used` are other loads of the `states` than the request's tables rest on and nobody has agreed
    to that."""
    changed = _changed(request, used, kinds, states)
    if not changed:
        return
    words = _words(changed)
    if not _is_agreed(request, words):
        raise JobFailed(words)


def _changed(
    request: DataRequest, used: Iterable[Holding], kinds: Collection[Kind], states: Collection[str]
) -> list[tuple[PinnedLoad, int | None]]:
    """Each pinned load that is not read now, with the version that is, or None where none is in use."""
    now: dict[Cell, Holding] = {(one.state, one.quarter, one.kind): one for one in used}
    tables = PinnedLoad.objects.filter(
        request_number=request.number, step=PinStep.TABLES, kind__in=kinds, state__in=states
    )
    changed = []
    for pin in sorted(pins.newest_run(tables), key=lambda one: (one.state, one.quarter, one.kind)):
        instead = now.get((pin.state, pin.quarter, pin.kind))
        if instead is None or instead.load_id != pin.load_id:
            changed.append((pin, instead.version if instead else None))
    return changed


def _words(changed: list[tuple[PinnedLoad, int | None]]) -> str:
    lines = [
        f"{Kind(pin.kind).label} of {STATE_NAMES.get(pin.state, pin.state)}, {pin.quarter // 10} Q{pin.quarter % 10}: "
        f"version {pin.version}, now {f'version {version}' if version else 'none'}"
        for pin, version in changed[:NAMED]
    ]
    more = f"; and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return (
        f"The data these tables were made from are no longer in use ({'; '.join(lines)}{more}). "
        "Repeat the build to make the tables from what is in use now."
    )


def _is_agreed(request: DataRequest, words: str) -> bool:
    """The build was repeated after it had failed with just these words."""
    about_builds = request.decisions.filter(transition__in=STEPS).order_by("-decided_at", "-id")
    newest = [(one.transition, one.reason) for one in about_builds[:2]]
    return [name for name, _ in newest] == ["repeat_building", "fail"] and newest[1][1] == words
