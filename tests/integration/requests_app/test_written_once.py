"""A query whose text is written once answers as the query it stands for; a request brings what there is of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import request_rows, standing
from requests_app.models import DataRequest, Person
from requests_app.reading import one_reading
from requests_app.request_rows import KINDS, there_is, with_kinds
from requests_app.states import State
from requests_app.written_once import WrittenOnce
from tests import factories


def test_records_are_the_same_written_once_and_each_time(people: dict[str, Person]) -> None:
    today = timezone.localdate()
    for day in (today, today - timedelta(days=4000), today + timedelta(days=4000)):
        with one_reading():
            known = standing.with_records(Person.objects.all(), day)
            each_time = {person.pk: standing.records_of(person, day) for person in known}
        assert {person.pk: standing.records_of(person, day) for person in people.values()} == {
            person.pk: each_time[person.pk] for person in people.values()
        }


def test_stand_in_that_the_query_does_not_hold_is_told(people: dict[str, Person]) -> None:
    query = WrittenOnce(lambda pk: Person.objects.filter(name="").values("pk"), pk=-1)
    with pytest.raises(ValueError, match="without pk"):
        query.rows(pk=people["agent"].pk)


def test_request_brings_what_there_is_of_it(people: dict[str, Person]) -> None:
    request, _ = factories.with_package(people, State.RELEASED)
    agreed = {name: DataRequest.objects.filter(pk=request.pk, pk__in=_having(name)).exists() for name in KINDS}
    [brought] = with_kinds(DataRequest.objects.filter(pk=request.pk))
    with one_reading():
        assert vars(there_is(brought)) == vars(there_is(request)) == agreed
    assert all(vars(request_rows.there_is(request)).values())  # outside a reading all is looked up


def _having(name: str) -> list[int]:
    """The requests of which there is such a row, by the ORM as it is written each time."""
    return list(DataRequest.objects.filter(KINDS[name]()).values_list("pk", flat=True))
