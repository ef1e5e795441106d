"""What a search finds, that its indexes can answer it, and lists that are counted to a thousand only."""

from datetime import timedelta

import pytest
from django.core.paginator import EmptyPage
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from requests_app.models import DataRequest, Person
from requests_app.selectors.life.search import search
from requests_app.states import State
from requests_app.views.site import paging
from requests_app.views.site.paging import LongPaginator
from tests import factories
from tests.pages import signed_in

TITLES = ("Wages of licensed nurses", "Nursing students, across state borders", "Welders after training", "")


@pytest.fixture
def numbers(people: dict[str, Person]) -> list[str]:
    """The numbers of requests with these titles."""
    made = [factories.draft(people) for _ in TITLES]
    for request, title in zip(made, TITLES, strict=True):
        DataRequest.objects.filter(pk=request.pk).update(title=title)
    return [request.number for request in made]


def test_search_finds_titles_with_all_the_words(numbers: list[str]) -> None:
    for words, found in {
        "nurse": [0, 1], "licensed nurs": [0], "NURSES wage": [0], "borders, state": [1], "state's": [1], "train": [2],
        "nurses welders": [], "of": [], ":*)' & !": [],
    }.items():  # fmt: skip
        matching = search(DataRequest.objects.all(), words).values_list("number", flat=True)
        assert sorted(matching) == [numbers[place] for place in found], words


def test_search_finds_a_number_by_its_beginning_and_by_its_digits(numbers: list[str]) -> None:
    first, digits = numbers[0], numbers[0][-6:]
    year = first[3:7]
    every = set(numbers)
    for words, found in {
        first: {first}, first.lower(): {first}, first[3:]: {first}, f"  {first} ": {first}, first[:-1]: None,
        digits: {first}, digits.lstrip("0"): {first}, "WR-": every, f"wr{year}-": every, f"WR-{year}": every,
        "WR-1999": set(), "999999": set(),
    }.items():  # fmt: skip
        matching = set(search(DataRequest.objects.all(), words).values_list("number", flat=True))
        assert matching == found if found is not None else first in matching, words


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("WR-2026-000", "number"),
        ("4999", "request_by_serial"),
        ("4999", "request_by_title_words"),
        ("nurses", "request_by_title_words"),
    ],
)
def test_search_is_answered_by_an_index(words: str, index: str, numbers: list[str]) -> None:
    plan = plan_of(search(DataRequest.objects.order_by(), words))
    assert index in plan, plan


@pytest.fixture
def many(people: dict[str, Person]) -> None:
    """So many requests that an order of their own is worth an index; every tenth is closed."""
    person, now = people["coordinator"], timezone.now()
    rows = [
        DataRequest(
            number=f"WR-2020-{place:06}",
            agency=person.agency,
            coordinator=person,
            state=State.CLOSED if place % 10 == 0 else State.DRAFT,
            created_at=now - timedelta(hours=place),
            state_since=now,
        )
        for place in range(1000)
    ]
    with factories.behind_the_triggers():
        DataRequest.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflow.requests_app_datarequest")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        ({}, "request_by_age"),
        ({"agency": 1}, "request_by_agency_and_age"),
        ({"state": "closed"}, "request_by_state_and_age"),
    ],
)
def test_list_is_read_in_the_order_of_an_index(narrowed: dict[str, object], index: str) -> None:
    plan = plan_of(DataRequest.objects.filter(**narrowed)[:26])
    assert index in plan, plan
    assert "Sort" not in plan


def plan_of(found: QuerySet[DataRequest]) -> str:
    """How PostgreSQL would answer where reading the whole table is dear, as it is in a large one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        return str(found.explain())


def test_long_list_is_counted_to_the_limit_and_read_beyond_it(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 3)
    for _ in range(5):
        factories.draft(people)
    pages = LongPaginator(DataRequest.objects.order_by("-number"), 2)
    assert (pages.count, pages.is_longer, pages.num_pages) == (3, True, 2)
    assert [len(pages.page(number)) for number in (1, 2, 3)] == [2, 2, 1]
    assert [pages.page(number).has_next() for number in (1, 2, 3)] == [True, True, False]
    assert pages.page(2).next_page_number() == 3
    for number in (0, -1, 4, 10**30):
        with pytest.raises(EmptyPage):
            pages.page(number)
    assert [pages.get_page(number).number for number in (None, "x", "3", 4, 10**30)] == [1, 1, 3, 2, 2]
    text = signed_in(people["coordinator"]).get(reverse("request_list")).content.decode()
    assert "More than 3 requests" in text


def test_list_of_one_page_is_asked_for_once(people: dict[str, Person]) -> None:
    factories.draft(people)
    pages = LongPaginator(DataRequest.objects.order_by("-number"), 2)
    with CaptureQueriesContext(connection) as captured:
        page = pages.get_page(None)
        assert (len(page), page.has_next(), pages.count, pages.num_pages) == (1, False, 1, 1)
    assert len(captured) == 1


def test_short_list_says_how_many_and_of_how_many_pages(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_app.views.life.requests.PAGE_SIZE", 2)
    for _ in range(3):
        factories.draft(people)
    text = signed_in(people["coordinator"]).get(reverse("request_list"), {"page": "2"}).content.decode()
    assert "3 requests" in text
    assert "Page 2 of 2" in text
    assert "Next" not in text
