"""The ledger in the application: what a release adds, who reads it, and that no two releases ignore each other."""

import json
import threading
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection

from disclosure import parameters
from disclosure.core.ledger import archive
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.protection import audit_history
from disclosure.models import LedgerEntry, ProtectedScope
from disclosure.selectors import releases
from disclosure.services import gathering, ledger, tables
from disclosure.services.gathering import Gathered, Lineage
from requests_app import hooks
from requests_app.models import DataRequest, Event, Job, Package, Person
from requests_app.models.jobs import JobState
from requests_app.policies import Denied, newest_package
from requests_app.services.life import jobs, requests, workflow
from requests_app.services.packages import files, packages
from requests_app.states import Kind, State
from tests import factories
from tests.pages import hold_quarters
from tests.unit.disclosure.core.wages import employers

CHANGED = 120
COUNTIES = ("44001", "44003", "44005")
INDUSTRIES = ("441110", "442110", "445110", "448110")
Table = dict[tuple[str, ...], str]


def contributions() -> pa.Table:
    """Retail employers of three counties, few or many to a cell."""
    random = np.random.default_rng(8)
    rows = [
        (county, industry, f"{county}{industry}{place}", int(count), int(count) * int(random.integers(4_000, 9_000)))
        for county in COUNTIES
        for industry in INDUSTRIES
        for place, count in enumerate(random.lognormal(2.5, 1.0, random.integers(1, 14)).astype(int) + 1)
    ]
    return employers(rows)


def gathered() -> Gathered:
    """What every request finds."""
    return Gathered(contributions(), Lineage(["44"], ["44"], 1))


def corrected(table: pa.Table, changed: int) -> pa.Table:
    """The same employers in a corrected load: some report other wages."""
    random, wages = np.random.default_rng(changed), table["wages"].to_numpy().copy()
    which = random.choice(len(wages), changed, replace=False)
    wages[which] = (wages[which] * random.uniform(1.05, 1.5, changed)).astype(int)
    return table.set_column(table.column_names.index("wages"), "wages", pa.array(wages))


def entries() -> list[Entry]:
    """Every table that the ledger keeps, the newest first."""
    kept = LedgerEntry.objects.order_by("-package_id").values_list("table", flat=True)
    return [archive.unpack(bytes(data)) for data in kept if data is not None]


@pytest.fixture(autouse=True)
def universe(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody asks about the same employers."""
    hold_quarters()
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: gathered())


def built(people: dict[str, Person], **design: object) -> DataRequest:
    """A macro request with a package, ready to be released."""
    made = factories.draft(people, Kind.MACRO, states=["44"], quarters=[20161])
    requests.save_section(
        made, "tables", {"design": factories.DESIGN | design}, actor=people["coordinator"], seen_version=1
    )
    request = factories.decided(made, people)
    build(request)
    return ready(request, people)


def ready(request: DataRequest, people: dict[str, Person]) -> DataRequest:
    """The package is signed off and cleared."""
    package = newest_package(request)
    assert package is not None
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    factories.place(request, State.READY_FOR_RELEASE)
    return request


def build(request: DataRequest) -> None:
    """The waiting build, done."""
    while job := Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING).first():
        jobs.run(job.pk)
    request.refresh_from_db()
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all()]


def release(request: DataRequest, people: dict[str, Person]) -> DataRequest:
    """The Release Officer sends the package."""
    return workflow.transition(request, "release", actor=people["release_officer"])


def shown(package: Package) -> Table:
    """Each cell of a package's table with its mark."""
    assert package.tables is not None
    read = json.loads(b"".join(files.read(package.tables)))
    return {tuple(codes): code for table in read for codes, _, code in table["rows"]}


def record(request: DataRequest) -> dict[str, object]:
    """The disclosure record of the newest package's table."""
    package = newest_package(request)
    assert package is not None
    assert package.workbench is not None
    return json.loads(b"".join(files.read(package.workbench)))["tables"]["table_1"]  # type: ignore[no-any-return]


def test_a_package_counts_once_it_is_released(people: dict[str, Person]) -> None:
    first = built(people)
    assert LedgerEntry.objects.count() == 1
    assert releases.released() == []
    release(first, people)
    assert [one.package.request_id for one in releases.released()] == [first.pk]
    entry = archive.unpack(bytes(LedgerEntry.objects.get().table or b""))
    package = newest_package(first)
    assert package is not None
    by_key = dict(zip(entry.keys, entry.statuses, strict=True))
    assert {key for key, status in by_key.items() if status != "F"} == {
        k for k, c in shown(package).items() if c == "N"
    }


def test_second_request_is_protected_with_the_first(people: dict[str, Person]) -> None:
    first = release(built(people), people)
    second = built(people, industry_level=6)
    assert record(second)["history"] == record(second)["history"]
    history = record(second)["history"]
    assert isinstance(history, dict)
    assert history["releases"] == [f"{first.number}, package 1"]
    before, after = (newest_package(one) for one in (first, second))
    assert before is not None
    assert after is not None
    again = {key: code for key, code in shown(after).items() if key in shown(before)}
    assert again == {key: code for key, code in shown(before).items() if key in again}


def three_releases(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """By county and 3-digit industry; the quarter once more by 6 digits of state totals; by county from a corrected
    load with 120 employers changed."""
    many = many_employers()
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: Gathered(many, Lineage(["44"], ["44"], 1)))
    release(built(people), people)
    release(built(people, area_level="state", industry_level=6), people)
    after = corrected(many, CHANGED)
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: Gathered(after, Lineage(["44"], ["44"], 1)))
    release(built(people), people)
    return entries()


def many_employers() -> pa.Table:
    """Retail employers, so many that 120 of them may change and some cells stay sensitive."""
    random = np.random.default_rng(3)
    rows = [
        (county, industry, f"{county}{industry}{place}", int(count), int(count) * int(random.integers(4_000, 9_000)))
        for county in (*COUNTIES, "44007", "44009")
        for industry in (*INDUSTRIES, "441120", "445120", "448120")
        for place, count in enumerate(random.lognormal(2.5, 1.0, random.integers(1, 16)).astype(int) + 1)
    ]
    return employers(rows)


def test_three_overlapping_releases_together_give_nothing_away(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, *past = three_releases(people, monkeypatch)
    assert [one.release for one in past] == sorted((one.release for one in past), reverse=True)
    assert audit_history([newest, *past], parameters.current()).clean
    assert 0 < newest.published.sum() < len(newest)


def test_three_releases_that_ignore_each_other_give_cells_away(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "overlapping", lambda _scope, _others: [])
    newest, *past = three_releases(people, monkeypatch)
    assert audit_history([newest, *past], parameters.current()).exact > 0


class Silent:
    """Progress that nobody follows."""

    def report(self, _done: int, _known: int | None = None, _words: str = "") -> None:
        """Say nothing."""


def packed(request: DataRequest) -> str:
    """The hash of the package that would be built now."""
    protected = tables.protect(request, gathered(), Silent())  # type: ignore[arg-type]
    return tables._pack(request, protected.table, "seal").sha256


def test_repeated_build_gives_the_same_bytes_and_a_release_in_between_another_build(people: dict[str, Person]) -> None:
    first, second = built(people), built(people, industry_level=6)
    inputs, alone = tables.inputs_of(second), packed(second)
    release(first, people)
    assert tables.inputs_of(second) != inputs
    assert packed(second) == packed(second) != alone


def test_package_that_does_not_know_of_a_release_is_built_again(people: dict[str, Person]) -> None:
    first, second = built(people), built(people, industry_level=6)
    release(first, people)
    with pytest.raises(Denied, match="released after these were built"):
        release(second, people)
    ledger.tend()
    second.refresh_from_db()
    assert second.status is State.BUILDING
    build(second)
    newest, known = newest_package(second), newest_package(first)
    assert newest is not None
    assert known is not None
    assert ProtectedScope.objects.get(package=newest).releases == [known.sha256]
    assert release(ready(second, people), people).status is State.RELEASED


def test_release_while_a_build_runs_makes_another_build(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = built(people), built(people, industry_level=6)
    factories.place(second, State.DISCLOSURE_REVIEW)
    workflow.transition(second, "redesign", actor=people["disclosure_analyst"], reason="Once more.")
    pack = tables._pack

    def slow(*given: object) -> object:
        monkeypatch.setattr(tables, "_pack", pack)
        release(first, people)
        return pack(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "_pack", slow)
    build(second)
    assert second.packages.count() == 2
    newest, known = newest_package(second), newest_package(first)
    assert newest is not None
    assert known is not None
    assert ProtectedScope.objects.get(package=newest).releases == [known.sha256]


@pytest.mark.django_db(transaction=True)
def test_of_two_overlapping_releases_at_the_same_moment_one_is_refused(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have passed every guard before either has recorded anything."""
    both = [built(people), built(people, industry_level=6)]
    passed = threading.Barrier(2)
    plain = hooks.guards["nothing_came_in_between"]

    def guard(request: DataRequest, person: Person | None) -> list[str]:
        found = plain(request, person)
        passed.wait(30)
        return found

    monkeypatch.setitem(hooks.guards, "nothing_came_in_between", guard)
    outcomes = at_once(*(lambda one=one: release(one, people) for one in both))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DataRequest", "Denied"]
    assert len(releases.released()) == 1
    assert Event.objects.filter(kind="request.release", outcome="refused").count() == 1


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What the calls answered or raised, each in a thread of its own."""
    outcomes = list[object]()

    def run(call: Callable[[], object]) -> None:
        try:
            outcomes.append(call())
        except Exception as problem:  # noqa: BLE001  an outcome, judged by the test
            outcomes.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_request_that_ends_without_a_release_leaves_nothing_in_the_ledger(people: dict[str, Person]) -> None:
    first, second = built(people), built(people, industry_level=6)
    release(first, people)
    workflow.transition(second, "withdraw", actor=people["coordinator"], reason="Not needed any more.")
    ledger.tend()
    assert list(LedgerEntry.objects.values_list("request_number", flat=True)) == [first.number]
