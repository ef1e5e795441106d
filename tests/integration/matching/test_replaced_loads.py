"""A corrected load names the requests that were made from the one before; their analysts and the stewards are told."""

import pytest
from django.utils import timezone

from matching.holdings.pins import pin
from matching.loads.loading import load_wage_records
from matching.models import Holding, PinnedLoad, PinStep
from matching.services.replaced_loads import mark_in_use, tell_of_replaced_loads
from requests_app import hooks
from requests_app.models import DataRequest, Event, Notice
from requests_app.states import State
from tests.factories import request_at
from tests.integration.matching.load_files import records

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_made_from_it(people, tmp_path) -> DataRequest:
    """A request whose match was made from the first load of Rhode Island's first quarter, and one that was not."""
    load_wage_records(records(tmp_path / "first.csv", {}))
    load_wage_records(records(tmp_path / "next.csv", {}, quarter=20162))
    request, other = (request_at(State.SUBMITTED, people, states=["44"]) for _ in range(2))
    pin(request.number, PinStep.MATCH, Holding.objects.filter(quarter=20161), timezone.now())
    pin(other.number, PinStep.MATCH, Holding.objects.filter(quarter=20162), timezone.now())
    Notice.objects.all().delete()
    return request


def told() -> list[tuple[str, str]]:
    """To whom, and about which request or page."""
    rows = Notice.objects.order_by("pk").select_related("person", "request")
    return [(row.person.email, row.request.number if row.request else row.path) for row in rows]


def test_a_corrected_load_names_the_requests_concerned(request_made_from_it, people, tmp_path):
    number = request_made_from_it.number
    assert load_wage_records(records(tmp_path / "corrected.csv", {"wage": 7})).concerned == [number]
    event = Event.objects.get(kind="holding.replaced")
    assert (event.request_number, event.subject) == (number, "wage_records 44 20161 version 2")
    hooks.tenders["replaced_loads"]()
    assert told() == [
        (people["data_steward"].email, "/holdings/44/20161/"), (people["program_analyst"].email, number),
    ]  # fmt: skip
    steward, analyst = Notice.objects.order_by("pk").values_list("text", flat=True)
    assert steward == (
        "Wage records of state 44, 2016 Q1: version 1 was taken out of use, version 2 is in use now. "
        f"Made from the version before: {number}."
    )
    assert analyst.startswith(f"{number} was made from a load that changed. Wage records of state 44")


def test_everyone_is_told_once(request_made_from_it, tmp_path):
    load_wage_records(records(tmp_path / "corrected.csv", {"wage": 7}))
    tell_of_replaced_loads()
    before = told()
    tell_of_replaced_loads()
    assert load_wage_records(records(tmp_path / "again.csv", {"wage": 8})).concerned == []
    tell_of_replaced_loads()
    assert told() == before
    assert PinnedLoad.objects.filter(told_at__isnull=False).count() == 1


def test_a_load_that_came_back_into_use_is_no_longer_replaced(request_made_from_it, tmp_path):
    load_wage_records(records(tmp_path / "corrected.csv", {"wage": 7}))
    mark_in_use([PinnedLoad.objects.get(request_number=request_made_from_it.number).load_id])
    tell_of_replaced_loads()
    assert told() == []


def test_the_same_file_again_concerns_nobody(request_made_from_it, tmp_path):
    assert load_wage_records(tmp_path / "first.csv").concerned == []
    tell_of_replaced_loads()
    assert (told(), Event.objects.filter(kind="holding.replaced").count()) == ([], 0)
