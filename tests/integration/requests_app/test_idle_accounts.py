"""Accounts nobody signs in to are disabled, by the sweep and at the door."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app import system_use, tasks
from requests_app.demo import signin
from requests_app.models import Event, Person
from requests_app.services.people import accounts


@pytest.fixture
def rosa(people: dict[str, Person]) -> Person:
    signin.let_in({"coordinator": people["coordinator"]})
    return people["coordinator"]


def unused(person: Person, **days: float | None) -> None:
    now = timezone.now()
    ago = {name: now - timedelta(days=number) if number is not None else None for name, number in days.items()}
    Person.objects.filter(pk=person.pk).update(**ago)
    person.refresh_from_db()


CASES = [
    ({"date_joined": 91, "last_login": None, "enabled_at": None}, True),
    ({"date_joined": 400, "last_login": 90.01, "enabled_at": None}, True),
    ({"date_joined": 400, "last_login": 89.9, "enabled_at": None}, False),
    ({"date_joined": 400, "last_login": 200, "enabled_at": 10}, False),
    ({"date_joined": 400, "last_login": 100, "enabled_at": 95}, True),
    ({"date_joined": 89, "last_login": None, "enabled_at": None}, False),
]


@pytest.mark.parametrize(("days", "idle"), CASES)
def test_sweep_and_person_agree_on_who_is_idle(rosa: Person, days: dict[str, float | None], idle: bool) -> None:
    unused(rosa, **days)
    assert accounts.is_idle(rosa, timezone.now()) is idle
    assert accounts.disable_idle_accounts(timezone.now()) == int(idle)
    assert Person.objects.get(pk=rosa.pk).is_active is not idle


def test_sweep_disables_once_and_records_it(rosa: Person) -> None:
    unused(rosa, date_joined=400, last_login=100)
    tasks.disable_idle_accounts()
    tasks.disable_idle_accounts()
    event = Event.objects.get(kind="person.disable_idle")
    assert (event.actor, event.subject, event.detail["days"]) == ("The system", f"person {rosa.pk}", 90)


def test_idle_account_is_closed_at_the_door_before_any_sweep(rosa: Person, client: Client) -> None:
    unused(rosa, date_joined=400, last_login=90)
    password = signin.password_of(signin.player_of("coordinator"))
    typed = {"login": rosa.email, "password": password, "notice": system_use.VERSION}
    assert client.post(reverse("account_login"), typed)["Location"] == reverse("account_inactive")
    assert not Person.objects.get(pk=rosa.pk).is_active
