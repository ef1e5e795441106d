"""Whatever lapses stops the person at their next request, in an open session too; mended, they go on."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app import standing
from requests_app.models import Incident, Mou, Person
from requests_app.models.people import Employment
from requests_app.standing import training_ends_on
from requests_app.states import State
from tests import factories
from tests.pages import signed_in

Lapse = Callable[[Person, date], None]


def a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year - 1, day=28)


def date_fields(name: str, day: date) -> dict[str, int]:
    return {f"{name}_year": day.year, f"{name}_month": day.month, f"{name}_day": day.day}


def training_expires(person: Person, today: date) -> None:
    """Its last day was yesterday: it ended at midnight."""
    factories.lapse(person.trainings.all(), completed_on=a_year_before(today - timedelta(days=1)))


def agreement_is_revoked(person: Person, _today: date) -> None:
    factories.lapse(person.agreements.all(), revoked_at=timezone.now(), revoked_by=person)


def mou_lapses(person: Person, today: date) -> None:
    factories.lapse(Mou.objects.filter(agency=person.agency), ends_on=today - timedelta(days=1))


def line_ends(person: Person, today: date) -> None:
    factories.lapse(person.section_ii_g_lines.all(), listed_until=today - timedelta(days=1))


def person_leaves(person: Person, today: date) -> None:
    person.separations.create(
        last_day=today - timedelta(days=1), why="left", notified_at=timezone.now(), notified_by=person
    )


def becomes_a_detailee(person: Person, _today: date) -> None:
    Person.objects.filter(pk=person.pk).update(employment=Employment.DETAILEE)


LAPSES: list[tuple[Lapse, str]] = [
    (training_expires, "confidentiality training is older than a year"),
    (agreement_is_revoked, "has no signed agent agreement in force"),
    (mou_lapses, "has no MOU in force"),
    (line_ends, "is not listed in Section II.G"),
    (person_leaves, "last day at Rhode Island Labor Market Information was"),
    (becomes_a_detailee, "is an assignee or detailee"),
]
STATEMENT = {"what": "The package.", "copies": 1, "backups": "None.", "method": "purge", "attested": "on"}
every_lapse = pytest.mark.parametrize(("lapse", "reason"), LAPSES, ids=[lapse.__name__ for lapse, _ in LAPSES])


@every_lapse
def test_lapse_stops_an_open_session_with_the_reason(lapse: Lapse, reason: str, people: dict[str, Person]) -> None:
    coordinator, request = people["coordinator"], factories.draft(people)
    client, section = signed_in(coordinator), reverse("form_section", args=[request.number, "project"])
    assert client.get(section).status_code == 200

    lapse(coordinator, timezone.localdate())

    refusal = client.post(section, {"seen_version": 1, "title": "Another title"})
    assert refusal.status_code == 403
    assert reason in refusal.content.decode()
    assert client.post(reverse("start_request")).status_code == 403
    assert request.sections.get(name="project").version == 1
    read = client.get(reverse("request", args=[request.number]))
    assert read.status_code == 200
    assert "You can read, but do nothing else for now" in read.content.decode()


@every_lapse
def test_stopped_person_still_reports_an_incident_and_confirms_destruction(
    lapse: Lapse, reason: str, people: dict[str, Person]
) -> None:
    request, package = factories.with_package(people, State.DESTRUCTION_DUE)
    client = signed_in(people["coordinator"])
    lapse(people["coordinator"], timezone.localdate())

    reported = client.post(reverse("report_incident"), {"request": request.number, "what_is_known": "A lost disk."})
    assert reported.status_code == 302
    assert Incident.objects.get().request == request

    address, day = reverse("destruction", args=[request.number]), timezone.localdate()
    stated = client.post(address, STATEMENT | {"package": package.pk, **date_fields("destroyed_on", day)})
    assert stated.status_code == 302, stated.content.decode()
    assert client.post(address).status_code == 302
    request.refresh_from_db()
    assert request.status is State.DESTRUCTION_CONFIRMED


def test_training_counts_through_its_anniversary(people: dict[str, Person]) -> None:
    coordinator, today = people["coordinator"], timezone.localdate()
    factories.lapse(coordinator.trainings.all(), completed_on=a_year_before(today))
    assert standing.acting_problems(coordinator, today) == []
    assert standing.acting_problems(coordinator, today + timedelta(days=1)) != []
    assert training_ends_on(date(2024, 2, 29)) == date(2025, 2, 28)


def test_renewed_training_ends_the_stop(people: dict[str, Person]) -> None:
    coordinator = people["coordinator"]
    client = signed_in(coordinator)
    training_expires(coordinator, timezone.localdate())
    assert client.post(reverse("start_request")).status_code == 403
    now = timezone.now()
    coordinator.trainings.create(
        completed_on=timezone.localdate(),
        submitted_at=now,
        submitted_by=coordinator,
        accepted_at=now,
        accepted_by=people["administrator"],
    )
    assert client.post(reverse("start_request")).status_code == 302
