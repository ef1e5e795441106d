"""The public grid: held and officially released, the same for everybody, and who is a partner today."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from matching.models import Kind, Status
from requests_app.models import Mou, Person
from tests import factories
from tests.integration.matching.holdings import hold, in_days
from tests.pages import signed_in

People = dict[str, Person]


def shown(query: str = "", client: Client | None = None) -> Any:
    answer = (client or Client()).get(f"/held/{query}")
    assert answer.status_code == 200
    return answer


def marks(answer: Any) -> dict[tuple[str, int], str]:
    """The mark of each state and quarter that is held."""
    found = answer.context["map"]
    return {
        (row.name, quarter): cell.mark
        for row in found.rows
        for quarter, cell in zip(found.quarters, row.cells, strict=True)
        if cell.mark
    }


def test_only_released_wage_records_in_use_stand_in_it(people: People) -> None:
    hold("44", 20161)
    hold("44", 20162, release=in_days(0), version=2)
    hold("44", 20163, release=in_days(1))
    hold("44", 20164, status=Status.UNDONE)
    hold("10", 20161, Kind.ESTABLISHMENTS)
    answer = shown()
    assert marks(answer) == {("Rhode Island", 20161): "I", ("Rhode Island", 20162): "R1"}
    assert answer.context["map"].without == ["Delaware"]


def test_whoever_looks_sees_the_same_and_nothing_of_quality(people: People) -> None:
    hold("44", 20161, edits={"high_wages": 12}, rejected=3)
    pages = [shown(), *(shown(client=signed_in(people[key])) for key in ("data_steward", "coordinator"))]
    for page in pages:
        assert marks(page) == {("Rhode Island", 20161): "I"}
        assert "findings" not in page.content.decode()
        assert "rejected" not in page.content.decode()
        assert "/holdings/44/" not in page.content.decode()


def test_state_and_years_narrow_it(people: People) -> None:
    for quarter in (20091, 20161):
        hold("44", quarter)
    hold("10", 20161)
    assert set(marks(shown())) == {("Rhode Island", 20161), ("Delaware", 20161)}  # the newest five years
    assert set(marks(shown("?first=2009&last=2009"))) == {("Rhode Island", 20091)}
    assert set(marks(shown("?state=10"))) == {("Delaware", 20161)}
    assert "Choose a last year that is not before" in shown("?first=2016&last=2009").content.decode()


def test_partners_are_the_states_whose_mou_is_in_force(people: People) -> None:
    assert shown().context["partners"] == ["Delaware", "Rhode Island"]
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.lapse(Mou.objects.filter(agency__fips="10"), ends_on=yesterday)
    answer = shown()
    assert answer.context["partners"] == ["Rhode Island"]
    assert "in force: Rhode Island." in answer.content.decode()


@pytest.mark.django_db
def test_it_is_a_page_before_anything_is_held() -> None:
    answer = shown()
    assert "Nothing is held here" in answer.content.decode()
    assert "No state has a Memorandum" in answer.content.decode()
