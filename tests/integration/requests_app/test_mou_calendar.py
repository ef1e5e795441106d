"""What the calendar does to MOUs at midnight in Washington: reminders and lapses, once each, also late or twice."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from requests_app import standing
from requests_app.models import Agency, Event, Mou, Notice, Person
from requests_app.services.partners import mou_calendar, mous, partners, suspensions
from requests_app.tasks import sweep
from tests import factories
from tests.integration.requests_app.partner_records import at, maine, terms

DATES = {"effective_on": "2026-01-01", "ends_on": "2026-12-31"}


@pytest.fixture
def mou(people: dict[str, Person]) -> Mou:
    """Maine's, from New Year's Day to New Year's Eve."""
    return Mou.objects.create(agency=maine(people), **DATES, **terms().columns())


def said(kind: str) -> list[Event]:
    return list(Event.objects.filter(kind=kind, subject="agency ME").order_by("seq"))


def told(people: dict[str, Person], key: str = "administrator") -> int:
    return Notice.objects.filter(person=people[key], path="/partners/ME/").count()


def in_force(agency: Agency) -> bool:
    from django.utils import timezone

    return standing.mou_of(agency, timezone.localdate()) is not None


def test_lapse_is_told_once_from_midnight_in_new_york(
    mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    Mou.objects.filter(pk=mou.pk).update(reminded_days=7)
    at("2026-12-31T23:59:59", monkeypatch)  # 1 January in UTC since five hours
    mou_calendar.follow()
    assert (in_force(mou.agency), said("mou.lapse"), told(people)) == (True, [], 0)
    at("2027-01-01T00:00:00", monkeypatch)
    mou_calendar.follow()
    mou_calendar.follow()
    at("2027-03-01T12:00:00", monkeypatch)
    mou_calendar.follow()
    mou.refresh_from_db()
    assert (in_force(mou.agency), len(said("mou.lapse")), told(people)) == (False, 1, 1)
    assert told(people, "program_analyst") == 1
    assert mou.lapse_recorded_at.isoformat() == "2027-01-01T05:00:00+00:00"


def test_lapse_suspends_and_renewal_lets_go_on(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    request, agency = factories.draft(people), people["coordinator"].agency
    factories.lapse(agency.mous.all(), **DATES)
    at("2027-01-01T00:00:00", monkeypatch)
    mou_calendar.follow()
    suspensions.follow_mous()
    request.refresh_from_db()
    assert "has no MOU in force" in request.suspended_reason
    assert (
        Notice.objects.filter(person=people["coordinator"], path="/home/", text__contains="none follows").count() == 1
    )
    days = {"effective_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
    mous.renew_mou(agency.mous.get(), actor=people["administrator"], terms=terms(), **days)
    suspensions.follow_mous()
    request.refresh_from_db()
    assert request.suspended_reason == ""


def test_mou_followed_on_the_next_day_does_not_lapse(
    mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    Mou.objects.create(agency=mou.agency, effective_on="2027-01-01", ends_on="2027-12-31", **terms().columns())
    for moment in ("2026-12-20T12:00:00", "2027-01-01T00:00:00", "2027-01-02T12:00:00"):
        at(moment, monkeypatch)
        mou_calendar.follow()
        assert in_force(mou.agency)
    assert (said("mou.lapse"), said("mou.remind"), told(people)) == ([], [], 0)


def test_mou_followed_after_a_gap_lapses(mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    Mou.objects.create(agency=mou.agency, effective_on="2027-01-02", ends_on="2027-12-31", **terms().columns())
    at("2026-12-25T09:00:00", monkeypatch)
    mou_calendar.follow()
    at("2027-01-01T09:00:00", monkeypatch)
    mou_calendar.follow()
    assert (len(said("mou.remind")), len(said("mou.lapse"))) == (1, 1)


def test_reminders_go_out_once_at_90_60_30_and_7_days(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    Mou.objects.create(agency=maine(people), effective_on="2026-07-01", ends_on="2027-06-30", **terms().columns())
    for left in range(100, -1, -1):
        day = date(2027, 6, 30) - timedelta(days=left)
        for hour in ("00:00:00", "23:59:59"):
            at(f"{day}T{hour}", monkeypatch)
            mou_calendar.follow()
    assert [event.detail["days_left"] for event in said("mou.remind")] == [90, 60, 30, 7]
    assert told(people) == 4


@pytest.mark.parametrize(("first", "then"), [("2026-11-20T12:00:00", "2026-12-02T12:00:00")])
def test_missed_reminder_is_sent_late_and_not_made_up_for_twice(
    first: str, then: str, mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    at(first, monkeypatch)  # the reminders of 90 and 60 days were both missed: one goes out
    mou_calendar.follow()
    at(then, monkeypatch)
    mou_calendar.follow()
    assert [event.detail["days_left"] for event in said("mou.remind")] == [41, 29]
    assert "in 41 days, on 31 December 2026" in Notice.objects.filter(path="/partners/ME/").earliest("pk").text


def test_amended_mou_is_not_reminded_of_again(
    mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    at("2026-12-01T12:00:00", monkeypatch)
    mou_calendar.follow()
    days = {"effective_on": date(2026, 12, 2), "ends_on": mou.ends_on}
    mous.amend_mou(mou, actor=people["administrator"], terms=terms(), **{**days, "ends_on": date(2026, 12, 31)})
    at("2026-12-03T12:00:00", monkeypatch)
    mou_calendar.follow()
    assert (len(said("mou.remind")), said("mou.lapse")) == (1, [])


def test_end_is_reminded_of_though_an_amendment_lies_between(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = maine(people)
    Mou.objects.create(agency=agency, effective_on="2026-01-01", ends_on="2026-12-19", **terms().columns())
    Mou.objects.create(agency=agency, effective_on="2026-12-20", ends_on="2026-12-31", **terms().columns())
    at("2026-12-01T12:00:00", monkeypatch)
    mou_calendar.follow()
    assert [event.detail["days_left"] for event in said("mou.remind")] == [30]


def test_mou_taken_back_before_it_began_neither_reminds_nor_lapses(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    Mou.objects.create(agency=maine(people), effective_on="2026-12-01", ends_on="2026-11-30", **terms().columns())
    for moment in ("2026-11-25T12:00:00", "2026-12-05T12:00:00"):
        at(moment, monkeypatch)
        mou_calendar.follow()
    assert said("mou.remind") + said("mou.lapse") == []


def test_mou_recorded_when_it_was_over_has_no_lapse_to_tell_of(people: dict[str, Person]) -> None:
    actor, agency = people["administrator"], maine(people)
    days = {"effective_on": date(2020, 1, 1), "ends_on": date(2022, 12, 31)}
    mous.record_mou(agency, actor=actor, terms=terms(), **days)
    mou_calendar.follow()
    assert said("mou.lapse") == []


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    agency = maine(people)
    Mou.objects.create(agency=agency, **DATES, **terms().columns())
    at("2026-12-29T12:00:00", monkeypatch)
    _twice_at_once(mou_calendar.follow)
    at("2027-01-01T00:00:01", monkeypatch)
    _twice_at_once(mou_calendar.follow)
    assert (len(said("mou.remind")), len(said("mou.lapse")), told(people)) == (1, 1, 2)


def _twice_at_once(act: object) -> None:
    together = threading.Barrier(2)

    def run() -> None:
        try:
            together.wait(timeout=60)
            act()  # type: ignore[operator]
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=150)


def test_sweep_follows_the_calendar(mou: Mou, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_app.services.life.queue.send", lambda *_args, **_rest: None)
    at("2027-01-01T00:00:00", monkeypatch)
    sweep()
    assert len(said("mou.lapse")) == 1


def test_statement_and_contacts(people: dict[str, Person]) -> None:
    from requests_app.policies import Denied
    from tests.integration.requests_app.partner_records import in_days
    from tests.papers import upload

    agency, actor = people["coordinator"].agency, people["administrator"]
    days = {"year": in_days(0).year, "signed_by": "The director"}
    partners.record_statement(agency, actor=actor, signed_on=in_days(-1), upload=upload(), **days)
    with pytest.raises(Denied, match="future"):
        partners.record_statement(agency, actor=actor, signed_on=in_days(1), upload=upload(), **days)
    desk = {"name": "Desk", "email": "desk@ri.example", "phone": "401 555 0100"}
    contact = partners.add_contact(agency, actor=actor, purpose="incident", **desk)
    partners.end_contact(contact, actor=actor)
    with pytest.raises(Denied, match="ended already"):
        partners.end_contact(contact, actor=actor)
    kinds = ["agency.record_statement", "agency.add_contact", "agency.end_contact"]
    assert list(Event.objects.filter(subject="agency RI").order_by("seq").values_list("kind", flat=True)) == kinds
