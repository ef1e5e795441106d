"""Sessions lock and end by themselves; time passes by making the record of the last activity older."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app import tasks
from requests_app.demo import signin
from requests_app.models import Event, Person
from requests_app.models.requests import FormSection
from requests_app.services.life import requests as service
from requests_app.services.sign_in import sessions
from requests_app.views.sign_in.sessions import marker
from tests.pages import signed_in
from tests.second_factor import lasting_code

LOCKED = reverse("session_locked")


@pytest.fixture
def rosa(people: dict[str, Person]) -> Person:
    signin.let_in({key: people[key] for key in ("coordinator", "agent")})
    return people["coordinator"]


@pytest.fixture
def client(rosa: Person) -> Client:
    return signed_in(rosa)


def record(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def idle(client: Client, minutes: float) -> None:
    UserSession.objects.filter(pk=record(client).pk).update(last_seen_at=timezone.now() - timedelta(minutes=minutes))


def signed_in_for(client: Client, hours: float) -> None:
    UserSession.objects.filter(pk=record(client).pk).update(created_at=timezone.now() - timedelta(hours=hours))


def as_browser(client: Client, page: str, typed: dict[str, Any]) -> Any:
    """As a form is sent by a browser, unless it holds files."""
    return client.post(page, urlencode(typed), content_type="application/x-www-form-urlencoded")


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="session.").order_by("seq").values_list("kind", flat=True))


def unlock(client: Client, page: str = "/home/") -> Any:
    return client.post(LOCKED, {"code": lasting_code(), "next": page})


def test_session_goes_on_before_its_limit(client: Client) -> None:
    idle(client, 14.9)
    assert client.get(reverse("home")).status_code == 200
    assert timezone.now() - record(client).last_seen_at < timedelta(seconds=30)
    assert kinds() == []


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
@pytest.mark.parametrize("name", ["home", "request_list", "mfa_index", "account_change_password", "start"])
def test_any_request_of_an_idle_session_leads_to_the_lock(client: Client, name: str, method: str) -> None:
    idle(client, 15)
    response = getattr(client, method)(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(LOCKED)


def test_locked_session_stays_locked_whatever_is_asked(client: Client) -> None:
    idle(client, 16)
    client.get(reverse("home"))
    for name in ("home", "session_stay", "session_state", "request_list"):
        client.post(reverse(name)) if name == "session_stay" else client.get(reverse(name))
    idle(client, 1)  # as if another request had noted activity
    assert client.get(reverse("home"))["Location"].startswith(LOCKED)
    assert kinds() == ["session.lock"]


def test_code_unlocks_and_leads_back(client: Client) -> None:
    idle(client, 20)
    asked = client.get(reverse("request_list"))
    page = client.get(asked["Location"])
    assert "Your session is locked" in page.content.decode()
    assert reverse("request_list") not in page.content.decode().split("<main")[0]  # no navigation
    assert unlock(client, reverse("request_list"))["Location"] == reverse("request_list")
    assert client.get(reverse("request_list")).status_code == 200
    assert kinds() == ["session.lock", "session.unlock"]


def test_wrong_code_does_not_unlock_and_five_lock_the_factor(client: Client) -> None:
    idle(client, 20)
    for _ in range(5):
        assert client.post(LOCKED, {"code": "000000"}).status_code == 200
    unlock(client)
    assert client.get(reverse("home"))["Location"].startswith(LOCKED)


def test_unlocking_leads_to_no_other_site(client: Client) -> None:
    idle(client, 20)
    client.get(reverse("home"))
    assert unlock(client, "//evil.example/")["Location"] == "/"


def test_what_was_typed_is_sent_after_unlocking(client: Client, rosa: Person) -> None:
    number = service.start_draft(actor=rosa).number
    page = reverse("form_section", args=[number, "project"])
    idle(client, 20)
    locked = as_browser(client, page, {"title": "Nurses who left", "seen_version": "0"})
    assert locked["Location"].startswith(LOCKED)
    kept = unlock(client, reverse("session_resend"))
    shown = client.get(kept["Location"]).context
    assert shown["page"] == page
    as_browser(client, shown["page"], dict(shown["pairs"]) | {shown["mark"]: "yes"})
    assert FormSection.objects.get(name="project").data["title"] == "Nurses who left"
    assert client.get(reverse("session_resend"))["Location"] == reverse("home")


def test_passwords_typed_into_a_locked_session_are_not_kept(client: Client) -> None:
    idle(client, 20)
    as_browser(client, reverse("account_change_password"), {"oldpassword": "secret one"})
    assert "secret one" not in str(dict(client.session))


def test_forged_form_leaves_nothing_in_a_locked_session(rosa: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(rosa).cookies
    idle(strict, 20)
    assert as_browser(strict, reverse("start_request"), {"title": "forged"}).status_code == 403
    assert "forged" not in str(dict(strict.session))


def test_page_that_refreshes_itself_is_no_activity(client: Client, rosa: Person) -> None:
    progress = reverse("request_progress", args=[service.start_draft(actor=rosa).number])
    idle(client, 10)
    client.get(progress, headers={"HX-Request": "true"})
    assert timezone.now() - record(client).last_seen_at > timedelta(minutes=9)
    client.get(progress, headers={"HX-Request": "true", "WR-By-Person": "yes"})
    assert timezone.now() - record(client).last_seen_at < timedelta(minutes=1)
    idle(client, 16)
    here = "http://testserver/requests/?state=draft"
    answer = client.get(progress, headers={"HX-Request": "true", "HX-Current-URL": here})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{LOCKED}?next=%2Frequests%2F%3Fstate%3Ddraft"


@pytest.mark.parametrize(("minutes", "hours"), [(30, 1), (0, 12), (20, 12)])
def test_session_ends_and_says_why(client: Client, minutes: float, hours: float) -> None:
    idle(client, minutes)
    signed_in_for(client, hours)
    response = client.get(reverse("home"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "Your session ended" in response.content.decode()
    assert kinds() == ["session.end"]
    assert not UserSession.objects.exists()


def test_limits_are_settings(client: Client, settings: Settings) -> None:
    settings.SESSION_LOCK_MINUTES, settings.SESSION_END_MINUTES = 2, 4
    idle(client, 3)
    assert client.get(reverse("home"))["Location"].startswith(LOCKED)
    idle(client, 5)
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))


def test_session_without_a_record_is_over(client: Client) -> None:
    UserSession.objects.all().delete()
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))


def test_session_without_a_factor_ends_instead_of_locking(client: Client, rosa: Person) -> None:
    rosa.authenticator_set.all().delete()  # type: ignore[attr-defined]
    idle(client, 15)
    assert client.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert kinds() == ["session.lock", "session.end"]


def test_scheduler_locks_and_ends_sessions_nobody_comes_back_to(client: Client, people: dict[str, Person]) -> None:
    clients = {minutes: signed_in(people["agent"]) for minutes in (14, 16, 31)}
    for minutes, one in clients.items():
        idle(one, minutes)
    tasks.sweep_sessions()
    tasks.sweep_sessions()
    assert kinds() == ["session.end", "session.lock"]
    assert not Session.objects.filter(session_key=clients[31].cookies["sessionid"].value).exists()
    assert clients[16].get(reverse("home"))["Location"].startswith(LOCKED)
    assert clients[14].get(reverse("home")).status_code == 200


def test_state_tells_what_is_left_and_is_no_activity(client: Client) -> None:
    idle(client, 10)
    told = client.get(reverse("session_state")).json()
    assert told["state"] == "open"
    assert 290 <= told["seconds"] <= 300
    assert told["session"]
    assert client.post(reverse("session_stay")).json()["seconds"] >= 890
    idle(client, 15)
    assert client.get(reverse("session_state")).json()["state"] == "locked"
    assert Client().get(reverse("session_state")).json() == {"state": "ended", "session": "", "seconds": 0}


def test_state_counts_the_end_of_the_day_too(client: Client) -> None:
    signed_in_for(client, 11.95)
    assert client.get(reverse("session_state")).json()["seconds"] <= 180


def test_new_password_keeps_this_session_and_its_beginning(client: Client, rosa: Person) -> None:
    other = signed_in(rosa)
    signed_in_for(client, 5)
    before = record(client).created_at
    old = signin.password_of(signin.player_of("coordinator"))
    new = "a long new pass phrase"
    client.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})
    assert record(client).created_at == before
    assert client.get(reverse("home")).status_code == 200
    assert other.get(reverse("home"))["Location"].startswith(reverse("account_login"))


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0"


def test_own_sessions_are_listed_and_end_at_their_next_request(
    client: Client, rosa: Person, people: dict[str, Person]
) -> None:
    other, third, stranger = signed_in(rosa), signed_in(rosa), signed_in(people["agent"])
    UserSession.objects.filter(pk=record(other).pk).update(user_agent=FIREFOX)
    page = client.get(reverse("usersessions_list"))
    assert [row["current"] for row in page.context["rows"]] == [True, False, False]
    assert "Firefox on Windows" in page.content.decode()
    firefox = next(row["marker"] for row in page.context["rows"] if "Firefox" in row["device"])
    client.post(reverse("usersessions_list"), {"session": firefox})
    assert other.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert third.get(reverse("home")).status_code == 200
    client.post(reverse("usersessions_list"))
    assert third.get(reverse("home"))["Location"].startswith(reverse("account_login"))
    assert [one.get(reverse("home")).status_code for one in (client, stranger)] == [200, 200]
    assert kinds() == ["session.end", "session.end"]
    assert Event.objects.filter(kind="session.end").last().actor_id == rosa.pk  # type: ignore[union-attr]


def test_nobody_ends_the_session_of_somebody_else(client: Client, people: dict[str, Person]) -> None:
    stranger = signed_in(people["agent"])
    assert client.post(reverse("usersessions_list"), {"session": marker(record(stranger))}).status_code == 404
    assert stranger.get(reverse("home")).status_code == 200


def test_signing_out_leaves_no_record(client: Client) -> None:
    client.post(reverse("account_logout"))
    assert not UserSession.objects.exists()


def test_lock_and_activity_at_once_leave_the_lock(client: Client) -> None:
    now = timezone.now()
    stale = record(client)
    sessions.lock(record(client), now)
    sessions.note_activity(stale, now + timedelta(minutes=1))
    assert sessions.standing(record(client), now) is sessions.Standing.LOCKED
    assert record(client).last_seen_at < now + timedelta(seconds=30)
