"""Tables in QCEW's layout, of jobs and of moves are kept in the ledger; published QCEW stands beside establishments."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from django.conf import settings

from disclosure.core.ledger import archive
from disclosure.models import LedgerEntry, ProtectedScope
from disclosure.selectors import releases
from disclosure.services import gathering, ledger
from disclosure.services.gathering import Gathered, Lineage
from matching.core.qcew.published import WITHHELD
from matching.loads.published_qcew import load_published, published_cells
from requests_app.models import Person
from requests_app.policies import newest_package
from requests_app.wording import QCEW_DESIGN
from tests.integration.disclosure.test_ledger import built, record, release, shown
from tests.pages import hold_quarters
from tests.unit.disclosure.core.ledger.test_kinds_of_tables import establishments, jobs, movers

OF_ESTABLISHMENTS = {
    "source": "establishments", "dimensions": ["area", "industry"], "industry_level": 4, "industries": [],
    "measures": ["month3", "avg_wkly_wage"],
}  # fmt: skip
OF_JOBS = {"dimensions": ["area"], "industries": [], "measures": ["accessions"]}
OF_MOVES = {"dimensions": ["area"], "industries": [], "measures": ["moves_within"]}
Make = Callable[[], pa.Table]


def use(patch: pytest.MonkeyPatch, make: Make) -> None:
    """What every request finds."""
    made = Gathered(make(), Lineage(["44"], ["44"], 1))
    patch.setattr(gathering, "gather", lambda _request, _design: made)


@pytest.fixture(autouse=True)
def held(db: None) -> None:
    hold_quarters()


def test_layout_of_qcew_is_protected_with_crossed_tables(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, establishments)
    first = release(built(people, **OF_ESTABLISHMENTS), people)
    second = release(built(people, **QCEW_DESIGN | {"layout": "qcew"}), people)
    assert record(second)["history"]["releases"] == [f"{first.number}, package 1"]  # type: ignore[index]
    package = newest_package(second)
    assert package is not None
    entry = archive.unpack(bytes(LedgerEntry.objects.get(package_id=package.pk).table or b""))
    assert entry.in_layout_of_qcew
    assert [one.source for one in ProtectedScope.objects.order_by("package_id")] == ["establishments"] * 2
    third = built(people, **OF_ESTABLISHMENTS | {"industry_level": 3})
    assert len(record(third)["history"]["releases"]) == 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("design", "make", "source"),
    [(OF_JOBS, lambda: jobs((20161,), (20161,)), "wage_records"), (OF_MOVES, lambda: movers(1), "moves")],
)
def test_tables_of_jobs_and_moves_are_kept(
    design: dict[str, object], make: Make, source: str, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, make)
    first = release(built(people, **design), people)
    assert [releases.kept_scope(one).source for one in releases.released()] == [source]
    second = built(people, **design)
    assert record(second)["history"]["releases"] == [f"{first.number}, package 1"]  # type: ignore[index]
    before, after = newest_package(first), newest_package(second)
    assert before is not None
    assert after is not None
    assert shown(after) == shown(before)


def test_what_qcew_withholds_is_withheld_and_its_file_is_an_input(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, establishments)
    plain = built(people, **OF_ESTABLISHMENTS)
    assert ledger.used(plain)["published"] == []
    load_published(
        settings.BASE_DIR / "data" / "qcew_2016" / "ri" / "2016.q1-q4.44001.csv.gz", lambda _done, _known: None
    )
    assert len(ledger.used(plain)["published"]) == 1
    rows = published_cells("44", 20161).to_pylist()
    hidden = {("20161", row["area_fips"], row["industry_code"]) for row in rows
              if row["status"] == WITHHELD and row["own_code"] == "5"}  # fmt: skip
    beside = built(people, **OF_ESTABLISHMENTS | {"ownerships": ["5"]})
    package = newest_package(beside)
    assert package is not None
    marks = shown(package)
    stand = hidden & set(marks)
    assert stand
    assert {marks[key] for key in stand} == {"N"}
    assert record(beside)["history"]["releases"] == ["Published QCEW"]  # type: ignore[index]
