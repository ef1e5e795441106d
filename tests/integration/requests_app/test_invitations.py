"""Invited, never registered: the one-time link, what ends with it, and that nothing keeps it."""

import io
import logging
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import logs
from requests_app.demo import signin
from requests_app.models import Agency, Event, Person
from requests_app.policies import Denied
from requests_app.services.people import invitations, people
from requests_app.standing import roles_of
from requests_app.states import Role
from tests.pages import signed_in

PASSWORD = "a sentence only she would write"
LINK = re.compile(r"https?://[^/]+(/accounts/invitation/\S+)")
INVITED = {"name": "Nina Costa", "email": "nina@ri.example", "title": "Analyst", "employment": "contractor"}


@pytest.fixture
def link(people: dict[str, Person]) -> str:
    """The address in the mail that an Administrator's invitation sent."""
    answer = signed_in(people["administrator"]).post(
        reverse("invite"), INVITED | {"agency": people["coordinator"].agency_id}
    )
    assert answer.status_code == 302
    return link_of(mail.outbox[-1].body)


def link_of(text: str) -> str:
    found = LINK.search(text)
    assert found
    return found[1]


def set_password(address: str, password: str = PASSWORD) -> int:
    return Client().post(address, {"new_password1": password, "new_password2": password}).status_code


def test_invited_person_sets_a_password_once_and_then_a_second_factor(link: str) -> None:
    person = Person.objects.get(email="nina@ri.example")
    assert (person.employment, person.has_usable_password(), mail.outbox[-1].to) == (
        "contractor",
        False,
        [person.email],
    )
    assert "Set your password" in Client().get(link).content.decode()
    assert set_password(link, "short") == 400
    assert set_password(link) == 302
    assert [set_password(link), Client().get(link).status_code] == [410, 410]
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    client = signed_in(person)
    session = client.session
    session["second_factor_known"] = False
    session.save()
    assert client.get(reverse("home"))["Location"] == reverse("mfa_activate_totp")


def test_only_the_administrator_invites_and_nobody_twice(people: dict[str, Person], link: str) -> None:
    with pytest.raises(Denied, match="Only the Administrator invites"):
        people_invite(people["approving_official"])
    form = INVITED | {"agency": people["coordinator"].agency_id, "email": "NINA@ri.example"}
    again = signed_in(people["administrator"]).post(reverse("invite"), form)
    assert again.status_code == 400
    assert "has an account already" in again.content.decode()


def people_invite(actor: Person) -> None:
    people.invite("x@bls.example", "X Y", actor.agency, actor=actor)


def test_link_ends_after_seven_days(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now()  # noqa: DTZ005  as Django's generator counts
    for days, status in ((6.9, 200), (7.1, 410)):
        later = now + timedelta(days=days)
        monkeypatch.setattr(invitations.tokens, "_now", lambda later=later: later)
        assert Client().get(link).status_code == status


def test_new_link_ends_the_password_the_sessions_and_the_old_link(people: dict[str, Person]) -> None:
    rosa, administrator = people["coordinator"], people["administrator"]
    signin.let_in({"coordinator": rosa})
    old = link_of(invitations.make_link(rosa))
    client = signed_in(rosa)
    assert client.get(reverse("home")).status_code == 200
    act = reverse("person_act", args=[rosa.public_id, "send-link"])
    assert signed_in(administrator).post(act).status_code == 302
    assert client.get(reverse("home"))["Location"].startswith("/accounts/login/")
    rosa.refresh_from_db()
    assert not rosa.has_usable_password()
    assert set_password(old) == 410
    assert set_password(link_of(mail.outbox[-1].body)) == 302


def test_reset_factor_takes_every_authenticator_and_the_password(people: dict[str, Person]) -> None:
    rosa = people["coordinator"]
    signin.let_in({"coordinator": rosa})
    act = reverse("person_act", args=[rosa.public_id, "reset-factor"])
    assert signed_in(people["program_analyst"]).post(act).status_code == 403
    assert signed_in(people["administrator"], minutes_ago=10).post(act)["Location"].startswith("/accounts/2fa/")
    assert Authenticator.objects.filter(user=rosa).exists()
    assert signed_in(people["administrator"]).post(act).status_code == 302
    assert not Authenticator.objects.filter(user=rosa).exists()
    assert Event.objects.get(kind="person.reset_factor").detail == {"authenticators": 1}


def test_disabled_account_is_out_with_the_next_request_and_back_when_enabled(people: dict[str, Person]) -> None:
    rosa, administrator = people["coordinator"], people["administrator"]
    client = signed_in(rosa)
    disable(rosa, administrator)
    assert client.get(reverse("home"))["Location"].startswith("/accounts/login/")
    with pytest.raises(Denied, match="disabled"):
        invitations.send_link(rosa, actor=administrator)
    enable(rosa, administrator)
    rosa.refresh_from_db()
    assert (rosa.is_active, roles_of(rosa)) == (True, {Role.COORDINATOR})
    assert rosa.enabled_at
    assert timezone.now() - rosa.enabled_at < timedelta(minutes=1)


def test_link_stands_in_no_table_no_event_and_no_log(link: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = link.rstrip("/").rpartition("/")[2]
    Client().get(link)
    Client().get(link + "x/")
    Client().post(link, {})
    assert token not in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
        tables = [row for row in cursor.fetchall() if row[0] in ("workflow", "events", "summaries", "public")]
        for schema, table in tables:
            cursor.execute(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone() == (0,), table


def test_log_line_of_any_library_loses_the_link(link: str) -> None:
    stream = io.StringIO()
    handler = logs.MaskingHandler(stream)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    for message in (f"Not Found: {link}", f'"GET {link} HTTP/1.1" 410', f"see http://localhost:8000{link}?a=b"):
        handler.handle(logging.makeLogRecord({"msg": message, "levelno": logging.WARNING, "levelname": "WARNING"}))
    assert link.split("/")[4] not in stream.getvalue()
    assert stream.getvalue().count("/accounts/invitation/[masked]") == 3


def test_mail_that_cannot_be_sent_is_said_and_changes_nothing_else(
    people: dict[str, Person], tmp_path: Path, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]  nobody listens there
    form = INVITED | {"agency": people["coordinator"].agency_id}
    answer = signed_in(people["administrator"]).post(reverse("invite"), form, follow=True)
    assert "could not be sent" in answer.content.decode()
    assert Person.objects.filter(email="nina@ri.example").exists()


@pytest.mark.django_db
def test_first_administrator_is_made_once_with_a_link_that_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEY", "the web process's")
    call_command("invite_administrator", "leo@bls.example", name="Leo Tan")
    person = Person.objects.get(email="leo@bls.example")
    assert (roles_of(person), person.agency.is_bls, Agency.objects.count()) == ({Role.ADMINISTRATOR}, True, 1)
    call_command("invite_administrator", "leo@bls.example", name="Leo Tan")
    assert set_password(link_of(capsys.readouterr().out)) == 302
    with pytest.raises(CommandError, match="is the Administrator already"):
        call_command("invite_administrator", "eve@bls.example", name="Eve")


@pytest.mark.django_db
def test_first_administrator_needs_the_key_that_signs_links(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CommandError, match="docker compose run --rm web"):
        call_command("invite_administrator", "leo@bls.example", name="Leo Tan")


def disable(person: Person, actor: Person) -> None:
    people.disable(person, actor=actor, reason="On leave.")


def enable(person: Person, actor: Person) -> None:
    people.enable(person, actor=actor, reason="Back.")
