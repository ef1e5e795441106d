"""Packages, their opening and their destruction in the browser."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Destruction, Event, Package, Person
from requests_app.services.event_log import openings
from requests_app.states import State
from tests import factories
from tests.pages import signed_in


@pytest.fixture
def worker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interactive worker, without its queue: every opening is answered at once."""
    ask = openings._ask

    def ask_and_answer(*args: Any) -> Any:
        opening = ask(*args)
        openings.answer(opening.pk)
        return opening

    monkeypatch.setattr(openings, "_ask", ask_and_answer)


def address(name: str, package: Package) -> str:
    return reverse(name, args=[package.request.number, package.pk])


@pytest.mark.usefixtures("worker_answers")
def test_download_hands_out_the_reviewed_bytes(people: dict[str, Person]) -> None:
    _, package = factories.with_package(people, State.IN_USE)
    client = signed_in(people["coordinator"])
    assert "Download" in client.get(address("package", package)).content.decode()
    response = client.post(address("package_download", package))
    assert b"".join(response.streaming_content) == factories.PACKAGE_BYTES  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == f'attachment; filename="{package.file.name}"'
    assert response["Cache-Control"] == "no-store"
    assert package.file.openings.get().person == people["coordinator"]


def test_download_with_a_stale_second_factor_goes_to_the_package_page(people: dict[str, Person]) -> None:
    _, package = factories.with_package(people, State.IN_USE)
    client = signed_in(people["coordinator"], minutes_ago=6)
    response = client.post(address("package_download", package))
    assert response["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not package.file.openings.exists()


@pytest.mark.parametrize("key", ["program_analyst", "release_officer"])
def test_download_is_refused_to_bls_with_the_reason(key: str, people: dict[str, Person]) -> None:
    _, package = factories.with_package(people, State.IN_USE)
    response = signed_in(people[key]).post(address("package_download", package))
    assert response.status_code == 403
    assert "This is for: Project Coordinator, Agent, of this request." in response.content.decode()
    assert Event.objects.get(kind="attempt.refused").subject == "package_download"


def test_package_that_is_not_released_is_not_there_for_the_state(people: dict[str, Person]) -> None:
    request, package = factories.with_package(people, State.READY_FOR_RELEASE, delivered=False)
    client = signed_in(people["coordinator"])
    assert client.get(address("package", package)).status_code == 404
    assert client.post(address("package_download", package)).status_code == 404
    assert package.sha256 not in client.get(reverse("request", args=[request.number])).content.decode()
    assert client.get(reverse("package", args=[request.number, "0" * 26])).status_code == 404


def test_hub_says_why_a_package_cannot_be_opened_any_more(people: dict[str, Person]) -> None:
    request, _ = factories.with_package(people, State.DESTRUCTION_DUE)
    page = signed_in(people["coordinator"]).get(reverse("request", args=[request.number])).content.decode()
    assert "The package can be opened once BLS has released it, and until its destruction is confirmed." in page


def statement(package: Package, **changes: str) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "what_it_is": package.pk,
        "what": "The package and two extracts",
        "copies": "3",
        "backups": "None were made.",
        "method": "purge",
        "destroyed_on_month": str(today.month),
        "destroyed_on_day": str(today.day),
        "destroyed_on_year": str(today.year),
        "attested": "on",
        **changes,
    }


@pytest.fixture
def holder(people: dict[str, Person]) -> Client:
    return signed_in(people["coordinator"])


def test_destruction_is_stated_for_the_package_then_confirmed(people: dict[str, Person], holder: Client) -> None:
    request, package = factories.with_package(people, State.DESTRUCTION_DUE)
    page = reverse("destruction", args=[request.number])
    assert holder.get(page).status_code == 200
    holder.post(page, statement(package))
    assert Destruction.objects.get().confirmed_by == people["coordinator"]
    shown = holder.get(page)
    assert shown.context["action"].enabled
    assert "The package and two extracts" in shown.content.decode()
    holder.post(page)
    request.refresh_from_db()
    assert request.status is State.DESTRUCTION_CONFIRMED
    analyst = signed_in(people["program_analyst"])
    for place in (
        reverse("request", args=[request.number]),
        reverse("step", args=[request.number, "acknowledge_destruction"]),
    ):
        assert "The package and two extracts" in analyst.get(place).content.decode()


@pytest.mark.parametrize("wrong", [{"attested": ""}, {"what": ""}, {"copies": "0"}, {"destroyed_on_year": "2999"}])
def test_destruction_statement_that_is_not_whole_is_not_kept(
    wrong: dict[str, str], people: dict[str, Person], holder: Client
) -> None:
    request, package = factories.with_package(people, State.DESTRUCTION_DUE)
    typed = {name: value for name, value in statement(package, **wrong).items() if value}
    response = holder.post(reverse("destruction", args=[request.number]), typed)
    assert response.status_code == 400
    assert "There is a problem" in response.content.decode()
    assert Destruction.objects.get().confirmed_at is None


def test_home_lists_the_package_held_and_its_day(people: dict[str, Person], holder: Client) -> None:
    request, package = factories.with_package(people, State.IN_USE)
    [item] = holder.get(reverse("home")).context["home"].i_hold
    assert (item.id, item.due) == (request.number, package.destruction.due_on)
