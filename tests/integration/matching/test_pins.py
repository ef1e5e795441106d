"""Results name the loads they were made from: exactly those that were visible all the while they were made."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from disclosure.services import gathering
from disclosure.services.gathering import Gathered, Lineage
from matching.holdings import pins
from matching.models import Holding, Kind, PinnedLoad, PinStep, Status
from requests_app.models import Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs
from requests_app.services.life.jobs import JobFailed
from requests_app.states import Kind as PackageKind
from tests import factories
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import hold_quarters


def replace(load_id: int, by: int) -> None:
    """A corrected file takes the place of a load."""
    old = Holding.objects.get(load_id=load_id)
    Holding.objects.filter(load_id=load_id).update(status=Status.SUPERSEDED)
    old.load_id, old.version, old.status = by, old.version + 1, Status.VISIBLE
    old.save(force_insert=True)


@pytest.fixture
def held(db: None) -> list[int]:
    """Rhode Island's two quarters, as loads."""
    hold_quarters()
    wanted = Holding.objects.filter(state="44", quarter__in=[20161, 20162]).order_by("quarter")
    return list(wanted.values_list("load_id", flat=True))


def steadily(make: Callable[[], int]) -> tuple[int, list[Holding]]:
    return pins.made_from(["44"], [20161, 20162], list(Kind), make)


def test_steady_holdings_are_read_once_and_named(held: list[int]) -> None:
    made, used = steadily(lambda: 7)
    assert (made, [one.load_id for one in used]) == (7, held)


def test_load_replaced_meanwhile_is_read_again(held: list[int]) -> None:
    calls: list[int] = []

    def make() -> int:
        calls.append(1)
        if len(calls) == 1:
            replace(held[0], 901)
        return len(calls)

    made, used = steadily(make)
    assert (made, [one.load_id for one in used]) == (2, [901, held[1]])


def test_load_that_came_and_went_is_read_again(held: list[int]) -> None:
    calls: list[int] = []

    def make() -> int:
        calls.append(1)
        if len(calls) == 1:
            replace(held[0], 901)
            Holding.objects.filter(load_id=901).update(status=Status.UNDONE)
            Holding.objects.filter(load_id=held[0]).update(status=Status.VISIBLE)
        return len(calls)

    assert steadily(make)[0] == 2


def test_loads_that_never_rest_fail_in_plain_words(held: list[int]) -> None:
    newest = [held[0]]

    def make() -> int:
        newest.append(900 + len(newest))
        replace(newest[-2], newest[-1])
        return 0

    with pytest.raises(JobFailed, match="being loaded anew"):
        steadily(make)
    assert len(newest) == 1 + pins.TRIES


def test_pin_of_a_load_replaced_before_it_was_kept_says_so(held: list[int]) -> None:
    _, used = steadily(lambda: 0)
    replace(held[0], 901)
    now = timezone.now()
    pins.pin("WR-2026-000001", PinStep.MATCH, used, now)
    told = dict(PinnedLoad.objects.values_list("load_id", "replaced_at"))
    assert told == {held[0]: now, held[1]: None}


def test_newest_run_counts_for_each_step(held: list[int]) -> None:
    _, used = steadily(lambda: 0)
    first, second = timezone.now(), timezone.now()
    pins.pin("WR-2026-000001", PinStep.MATCH, used, first)
    pins.pin("WR-2026-000001", PinStep.TABLES, used, first, 1)
    pins.pin("WR-2026-000001", PinStep.TABLES, used[:1], second, 2)
    rests_on = pins.newest_run(PinnedLoad.objects.filter(request_number="WR-2026-000001"))
    assert sorted((one.step, one.load_id) for one in rests_on) == [
        ("match", held[0]), ("match", held[1]), ("tables", held[0]),
    ]  # fmt: skip


def test_built_tables_pin_both_kinds_they_were_read_from(
    people: dict[str, Person], held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Gathered(contributions(), Lineage(["10", "44"], ["44"], 1))
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: made)
    Holding.objects.create(
        load_id=800, state="44", quarter=20161, kind=Kind.ESTABLISHMENTS, version=1, status=Status.VISIBLE, rows=10,
        rejected=0, unmatchable=0, loaded_at=timezone.now(),
    )  # fmt: skip
    request = factories.approved(people, PackageKind.MACRO)
    for job in Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING):
        jobs.run(job.pk)
    found = PinnedLoad.objects.filter(request_number=request.number, step=PinStep.TABLES, package_version=1)
    asked = Holding.objects.filter(state__in=["10", "44"], quarter__in=[20161, 20162])
    assert set(found.values_list("load_id", flat=True)) == set(asked.values_list("load_id", flat=True))
    assert found.count() == 5
