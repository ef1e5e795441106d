"""Every list page, as each role that may come: at most twelve queries, however many rows there are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench import large_office
from bench.list_pages import Page, narrowed_pages, route_pages
from requests_app.models import Person
from requests_app.selectors.life.requests import visible_to
from requests_app.services.sign_in import sessions
from tests.pages import signed_in

AT_MOST = 12


@pytest.fixture(autouse=True)
def activity_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every half minute of a session one page asks one query more: to say that its person is there."""
    monkeypatch.setattr(sessions, "NOTE_SECONDS", 86_400)


@contextmanager
def office(*, requests: int, people: int) -> Iterator[None]:
    """Within it the benchmark's office stands in the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        large_office.fill_rows(cursor, requests=requests, people=people)
        cursor.execute("SET LOCAL session_replication_role = origin")
        yield
        transaction.set_rollback(True)


def queries(cast: dict[str, Person], pages: Iterable[Page]) -> dict[str, int]:
    """How many each page asks; what leads elsewhere is left out."""
    clients = {key: signed_in(person) for key, person in cast.items()}
    found = {}
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            answer = clients[page.player].get(page.path)
        if answer.status_code == 200:
            found[page.key] = len(captured)
    return found


def lists() -> list[Page]:
    """Every list page, as each role that may come, and narrowed."""
    return [page for page in [*route_pages(), *narrowed_pages()] if page.is_list]


def test_list_pages_ask_at_most_twelve_queries_however_many_rows_there_are(people: dict[str, Person]) -> None:
    with office(requests=600, people=60):
        few = queries(people, lists())
    with office(requests=1200, people=120):
        more = queries(people, lists())
    assert len(few) > 60
    assert {key: count for key, count in more.items() if count > AT_MOST} == {}
    # one more: a page beyond the end of a list that goes on is looked for before the last is shown
    assert {key: (few[key], count) for key, count in more.items() if count > few[key] + 1} == {}


def test_a_query_for_every_row_would_be_seen(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "requests_app.views.life.requests.visible_to", lambda person: visible_to(person).select_related(None)
    )
    [page] = [page for page in route_pages() if page.key == "request_list as program_analyst"]
    with office(requests=1200, people=100):
        assert queries(people, [page])[page.key] > AT_MOST
