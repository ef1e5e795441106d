"""Pages of loads that the loader made of real files: loaded, corrected, undone."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.holdings import pins
from matching.loads.loading import load_establishments, load_wage_records
from matching.loads.withdrawal import undo_load
from matching.models import Holding, Kind, PinStep
from requests_app.models import Person
from requests_app.states import State
from tests import factories
from tests.integration.matching.load_files import establishments, records, specimen
from tests.pages import hold_quarters, signed_in

pytestmark = pytest.mark.django_db
People = dict[str, Person]


def wages(folder: Path, *more: dict[str, Any], name: str = "r.csv") -> Path:
    """Sixty persons of three accounts; one record twice, and one line whose wage cannot be read."""
    plain = [{"ssn": specimen(n), "uin": n % 3 + 1, "wage": 9_000 + n, "hours": 400} for n in range(10, 70)]
    return records(folder / name, *plain, plain[0], {"wage": "x"}, *more)


def said(people: People, version: int = 1, kind: Kind = Kind.WAGE_RECORDS, key: str = "data_steward") -> str:
    answer = signed_in(people[key]).get(reverse("load", args=["44", 20161, kind, version]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_pages_say_what_the_loader_found(people: People, tmp_path: Path) -> None:
    load_establishments(establishments(tmp_path / "est_44_20161.csv", {"uin": 1}, {"uin": 2}))
    load_wage_records(wages(tmp_path))
    page = said(people)
    for words in (
        "The wage is not whole dollars", "1.6%", "Repeated record", "1 record", "No establishment",
        "The account&#x27;s only unit", "Not known: no establishment record", "Not held",
    ):  # fmt: skip
        assert words in page, words
    assert "Employment, month 3" in said(people, kind=Kind.ESTABLISHMENTS)
    found = signed_in(people["data_steward"]).get(reverse("holding_list")).context["map"]
    assert [(row.name, cell.words) for row in found.rows for cell in row.cells if cell.mark] == [
        ("Rhode Island", "initial, findings nobody has looked at")
    ]


def test_corrected_and_undone_loads_name_the_request_made_from_them(people: People, tmp_path: Path) -> None:
    hold_quarters()
    factories.place(request := factories.submitted(people), State.MATCHING)
    Holding.objects.all().delete()
    load_wage_records(wages(tmp_path))
    _, used = pins.made_from(["44"], [20161], list(Kind), lambda: None)
    pins.pin(request.number, PinStep.MATCH, used, timezone.now())
    assert "Requests made from this load" in said(people)
    load_wage_records(wages(tmp_path, {"ssn": specimen(99), "wage": 5}, name="corrected.csv"))
    assert "Requests made from another version" in said(people, 2)
    url = reverse("request", args=[request.number])
    assert "Replaced: revision 1 is in use" in signed_in(people["coordinator"]).get(url).content.decode()
    undo_load(Kind.WAGE_RECORDS, "44", 20161)
    assert "Still in use" in signed_in(people["coordinator"]).get(url).content.decode()
    history = signed_in(people["data_steward"]).get(reverse("holding", args=["44", 20161])).content.decode()
    for words in ("Undone", "In use", "Load of wage records undone", "By hand"):
        assert words in history
