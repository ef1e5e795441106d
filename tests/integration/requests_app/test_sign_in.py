"""Signing in, as somebody who attacks it would try: locks, what a password alone can do, and what is recorded."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app import system_use
from requests_app.demo import signin
from requests_app.models import Event, Person
from requests_app.views.sign_in import factors
from tests.pages import signed_in
from tests.second_factor import lasting_code

LOGIN = "/accounts/login/"
WRONG = "not the password at all"
LONG_S = "\u017f"  # PostgreSQL's upper case of it is S


@pytest.fixture
def rosa(people: dict[str, Person]) -> Person:
    signin.let_in({"coordinator": people["coordinator"], "agent": people["agent"]})
    return people["coordinator"]


def try_password(email: str, password: str, client: Client | None = None, **more: Any) -> Any:
    typed = {"login": email, "password": password, "notice": system_use.VERSION}
    return (client or Client()).post(LOGIN, typed, **more)


def password() -> str:
    return signin.password_of(signin.player_of("coordinator"))


def code() -> str:
    return lasting_code()


def sign_in(client: Client, email: str, **more: str) -> Any:
    client.post(LOGIN, {"login": email, "password": password(), "notice": system_use.VERSION, **more})
    return client.post(reverse("mfa_authenticate"), {"code": code()})


def is_let_on(response: Any) -> bool:
    return response.status_code == 302 and response["Location"] == reverse("mfa_authenticate")


NOT_HERE = [
    "signup/",
    "password/reset/",
    "password/set/",
    "email/",
    "confirm-email/",
    "login/code/",
    "3rdparty/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", NOT_HERE)
def test_nobody_registers_or_resets_a_password_by_mail(path: str, client: Client) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404
    assert path not in client.get(LOGIN).content.decode()


def test_five_failures_lock_the_account_for_thirty_minutes(rosa: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        assert "not correct" in try_password(rosa.email, WRONG).content.decode()
    locked = try_password(rosa.email, password())
    assert locked.status_code == 200
    assert "Too many failed login attempts" in locked.content.decode()
    now = time.time()
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 29 * 60)
    assert not is_let_on(try_password(rosa.email, password()))
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now + 31 * 60)
    assert is_let_on(try_password(rosa.email, password()))


OTHER_WRITINGS: list[Callable[[str], str]] = [
    str.upper,
    lambda email: f" {email} ",
    lambda email: email.replace("s", LONG_S, 1),
]


@pytest.mark.parametrize("write", OTHER_WRITINGS)
def test_lock_holds_however_the_address_is_written(rosa: Person, write: Callable[[str], str]) -> None:
    for _ in range(5):
        try_password(rosa.email, WRONG)
    assert not is_let_on(try_password(write(rosa.email), password()))


def test_lock_holds_under_every_host_name_and_port(rosa: Person) -> None:
    for port in range(5):
        try_password(rosa.email, WRONG, headers={"host": f"localhost:{port + 1}"})
    assert not is_let_on(try_password(rosa.email, password(), headers={"host": "127.0.0.1:8000"}))


def test_lock_of_one_account_is_not_the_lock_of_another(rosa: Person, people: dict[str, Person]) -> None:
    for _ in range(5):
        try_password(rosa.email, WRONG)
    other = signin.password_of(signin.player_of("agent"))
    assert is_let_on(try_password(people["agent"].email, other))


def test_right_passwords_between_do_not_buy_more_attempts(rosa: Person) -> None:
    for _ in range(4):
        try_password(rosa.email, WRONG)
    assert is_let_on(try_password(rosa.email, password()))
    try_password(rosa.email, WRONG)
    assert not is_let_on(try_password(rosa.email, password()))


def test_five_wrong_codes_lock_the_second_factor(rosa: Person) -> None:
    client = Client()
    assert is_let_on(try_password(rosa.email, password(), client))
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.get(reverse("home")).status_code == 302
    fresh = Client()  # a new session does not help
    try_password(rosa.email, password(), fresh)
    fresh.post(reverse("mfa_authenticate"), {"code": code()})
    assert fresh.get(reverse("home")).status_code == 302


def test_code_is_taken_once(rosa: Person) -> None:
    used = code()
    first, second = Client(), Client()
    for client in (first, second):
        try_password(rosa.email, password(), client)
        client.post(reverse("mfa_authenticate"), {"code": used})
    assert first.get(reverse("home")).status_code == 200
    assert second.get(reverse("home")).status_code == 302


def test_page_does_not_tell_whether_an_account_exists(rosa: Person) -> None:
    pages = [try_password(email, WRONG).content.decode() for email in (rosa.email, "nobody@ri.example")]
    same = [re.sub(r'csrfmiddlewaretoken" value="\w+"|[\w.]+@ri\.example', "", page) for page in pages]
    assert same[0] == same[1]


def test_session_gets_another_key_at_sign_in(rosa: Person) -> None:
    client = Client()
    try_password(rosa.email, password(), client)
    planted = client.cookies["sessionid"].value
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.cookies["sessionid"].value != planted
    assert client.get(reverse("home")).status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_to_no_other_site(rosa: Person, target: str) -> None:
    response = sign_in(Client(), rosa.email, next=target)
    assert response["Location"] == reverse("home")


def test_password_alone_neither_replaces_the_factor_nor_makes_codes(rosa: Person, client: Client) -> None:
    sign_in(client, rosa.email)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session["account_authentication_methods"] = session["account_authentication_methods"]
    session.save()
    asked = client.get(reverse("account_reauthenticate"))
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": password()})
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        response = client.post(reverse(name))
        assert response["Location"].startswith(reverse("mfa_reauthenticate")), name


def test_person_without_a_factor_sets_one_up_before_anything_else(rosa: Person, client: Client) -> None:
    rosa.authenticator_set.all().delete()  # type: ignore[attr-defined]
    try_password(rosa.email, password(), client)
    assert client.get(reverse("home"))["Location"] == reverse("mfa_activate_totp")
    client.post(reverse("account_reauthenticate"), {"password": password()})
    assert "QR code" in client.get(reverse("mfa_activate_totp")).content.decode()


@pytest.mark.parametrize("credential", ["{}", '{"response": {"userHandle": "AAAA"}}', "no JSON"])
def test_passkey_that_is_none_is_refused_and_recorded(rosa: Person, client: Client, credential: str) -> None:
    typed = {"credential": credential, "notice": system_use.VERSION}
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert client.post(reverse("mfa_login_webauthn"), typed)["Location"] == reverse("account_login")
    event = Event.objects.get(kind="person.sign_in")
    assert (event.outcome, event.actor_id, event.detail["reasons"]) == ("refused", None, [factors.WRONG_PASSKEY])


def test_passkey_refused_as_the_second_step_is_recorded(rosa: Person, client: Client) -> None:
    try_password(rosa.email, password(), client)
    client.post(reverse("mfa_authenticate"), {"credential": '{"response": {}}'})
    assert client.get(reverse("home")).status_code == 302
    event = Event.objects.get(kind="person.confirm_factor")
    assert (event.outcome, event.actor_id, event.detail["reasons"]) == ("refused", rosa.pk, [factors.WRONG_PASSKEY])


def test_nobody_signs_in_past_the_notice(rosa: Person, client: Client) -> None:
    response = client.post(LOGIN, {"login": rosa.email, "password": password()})
    assert response["Location"] == LOGIN
    assert client.get(reverse("mfa_authenticate"))["Location"] == LOGIN
    assert Event.objects.get(kind="person.sign_in").detail["reasons"] == ["The system-use notice was not accepted."]


def test_last_factor_stays(rosa: Person, client: Client) -> None:
    sign_in(client, rosa.email)
    session = client.session
    session["account_authentication_methods"] = [
        *session["account_authentication_methods"],
        {"method": "mfa", "at": time.time(), "reauthenticated": True},
    ]
    session.save()
    client.post(reverse("mfa_deactivate_totp"))
    assert rosa.authenticator_set.filter(type="totp").exists()  # type: ignore[attr-defined]


def test_person_who_is_not_active_gets_no_further(rosa: Person, client: Client) -> None:
    Person.objects.filter(pk=rosa.pk).update(is_active=False)
    assert try_password(rosa.email, password(), client)["Location"] == reverse("account_inactive")
    assert Event.objects.get(kind="person.sign_in").detail["reasons"] == ["The account is not active."]


def test_signing_in_and_out_and_every_failure_are_events(rosa: Person, client: Client) -> None:
    try_password(rosa.email, WRONG)
    try_password("nobody@ri.example", WRONG)
    try_password(rosa.email, password(), client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post(reverse("account_logout"))
    recorded = Event.objects.filter(kind__startswith="person.", detail__address="127.0.0.1").order_by("seq")
    assert list(recorded.values_list("kind", "outcome", "subject")) == [
        ("person.sign_in", "refused", f"person {rosa.pk}"),
        ("person.sign_in", "refused", "no account"),
        ("person.confirm_factor", "refused", f"person {rosa.pk}"),
        ("person.confirm_factor", "done", f"person {rosa.pk}"),
        ("person.sign_in", "done", f"person {rosa.pk}"),
        ("person.sign_out", "done", f"person {rosa.pk}"),
    ]
    assert [recorded[0].actor, recorded[0].actor_id] == ["Somebody not signed in", None]
    assert not Event.objects.filter(detail__icontains="nobody@").exists()


def test_person_without_a_password_is_told_so(people: dict[str, Person]) -> None:
    agent = people["agent"]
    agent.set_unusable_password()
    agent.save()
    client = signed_in(agent)
    refusal = client.get(reverse("account_change_password"))
    assert refusal.status_code == 403
    assert "You have no password here." in refusal.content.decode()
    assert reverse("account_change_password") not in client.get(reverse("mfa_index")).content.decode()
