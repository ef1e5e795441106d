"""MOUs: never two on a day, never edited, II.G goes with them, and only the Administrator keeps them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from requests_app import standing
from requests_app.models import Document, Event, Mou, MouCoordinator, Notice, Person
from requests_app.policies import Denied
from requests_app.services.partners import mous, partners
from tests.integration.requests_app.partner_records import in_days, maine, recorded, terms
from tests.papers import upload


def test_agency_is_added_once(people: dict[str, Person]) -> None:
    agency = maine(people)
    assert (agency.postal, agency.state_name) == ("ME", "Maine")
    with pytest.raises(Denied, match="Maine has an agency already"):
        maine(people)
    with pytest.raises(Denied, match="53 states"):
        partners.add_agency("03", "Nowhere", actor=people["administrator"])
    assert Event.objects.get(kind="agency.add").subject == "agency ME"


def test_only_the_administrator_keeps_partners(people: dict[str, Person]) -> None:
    mou = people["coordinator"].agency.mous.get()
    for key in set(people) - {"administrator"}:
        with pytest.raises(Denied, match="Administrators"):
            mous.end_mou(mou, actor=people[key], last_day=in_days(0), why="because")


def test_mou_is_recorded_with_its_terms_and_scan(people: dict[str, Person]) -> None:
    agency, actor = maine(people), people["administrator"]
    said = terms(consent_by_lapse=True, review_business_days=10, delivery_channels=("sftp",))
    days = {"effective_on": in_days(-1), "ends_on": in_days(400)}
    mou = mous.record_mou(agency, actor=actor, terms=said, upload=upload(), **days)
    mou.refresh_from_db()
    assert mous.Terms.of(mou).columns() == said.columns()
    event = Event.objects.get(kind="mou.record")
    assert (event.subject, event.detail["document"]) == ("agency ME", Document.objects.get().pk)
    assert standing.mou_of(agency, in_days(0)) == mou


OVERLAPS = [(-400, -1), (0, 0), (-500, 2000), (100, 1100), (1000, 1000), (-400, -400)]


@pytest.mark.parametrize(("start", "end"), OVERLAPS)
def test_two_mous_never_hold_on_one_day(start: int, end: int, people: dict[str, Person]) -> None:
    agency = people["coordinator"].agency  # whose MOU holds from 400 days ago for 1,400 days
    with pytest.raises(Denied, match="has an MOU from"):
        recorded(agency, people, start, end)
    assert agency.mous.count() == 1


@pytest.mark.parametrize(("start", "end"), [(-900, -401), (1001, 2000)])
def test_mou_next_to_another_is_recorded(start: int, end: int, people: dict[str, Person]) -> None:
    agency = people["coordinator"].agency
    recorded(agency, people, start, end)
    assert agency.mous.count() == 2


def test_everything_wrong_is_said_at_once(people: dict[str, Person]) -> None:
    with pytest.raises(Denied) as refused:
        recorded(
            maine(people), people, 10, 5,
            permitted_activities=("spying",), delivery_channels=("pigeon",), review_business_days=0, gate_place="never",
            security_provisions_attested_on=in_days(1),
        )  # fmt: skip
    said = " ".join(refused.value.reasons)
    for part in ("spying", "pigeon", "1 to 60", "Choose where", "future", "on or after the day it starts"):
        assert part in said


def test_amendment_is_a_row_of_its_own_and_takes_section_ii_g_along(people: dict[str, Person]) -> None:
    agency, actor = people["coordinator"].agency, people["administrator"]
    old = agency.mous.get()
    new = mous.amend_mou(
        old, actor=actor, effective_on=in_days(30), ends_on=old.ends_on, terms=terms(consent_by_lapse=True)
    )
    old.refresh_from_db()
    assert (old.ends_on, old.consent_by_lapse) == (in_days(29), False)
    assert (new.effective_on, new.ends_on, new.consent_by_lapse) == (in_days(30), in_days(1000), True)
    for day in (0, 29, 30, 1000):
        assert standing.is_listed(people["coordinator"], in_days(day)), day
    assert Event.objects.get(kind="mou.amend").detail["amends"] == old.pk


def test_amendment_from_its_first_day_replaces_an_mou_that_has_not_begun(people: dict[str, Person]) -> None:
    agency = maine(people)
    typed_wrong = recorded(agency, people, 10, 100)
    days = {"effective_on": in_days(10), "ends_on": in_days(90)}
    new = mous.amend_mou(typed_wrong, actor=people["administrator"], terms=terms(), **days)
    assert [standing.mou_of(agency, in_days(day)) for day in (9, 10, 90, 91)] == [None, new, new, None]
    recorded(agency, people, 91, 100)


@pytest.mark.parametrize(("start", "why"), [(-1, "days that have passed"), (1001, "from a day in between")])
def test_amendment_changes_neither_the_past_nor_what_follows(start: int, why: str, people: dict[str, Person]) -> None:
    old = people["coordinator"].agency.mous.get()
    days = {"effective_on": in_days(start), "ends_on": in_days(1500)}
    with pytest.raises(Denied, match=why):
        mous.amend_mou(old, actor=people["administrator"], terms=terms(), **days)


def test_amendment_that_is_refused_leaves_the_old_one_as_it_was(people: dict[str, Person]) -> None:
    agency = people["coordinator"].agency
    old = agency.mous.get()
    recorded(agency, people, 1001, 1500)
    with pytest.raises(Denied, match="has an MOU from"):
        mous.amend_mou(
            old, actor=people["administrator"], effective_on=in_days(5), ends_on=in_days(1001), terms=terms()
        )
    old.refresh_from_db()
    assert old.ends_on == in_days(1000)


def test_renewal_lists_who_is_listed_on_the_last_day(people: dict[str, Person]) -> None:
    agency, actor = people["coordinator"].agency, people["administrator"]
    old = agency.mous.get()
    new = mous.renew_mou(old, actor=actor, effective_on=in_days(1001), ends_on=in_days(2000), terms=terms())
    assert list(new.coordinators.values_list("person", "listed_from")) == [(people["coordinator"].pk, in_days(1001))]
    with pytest.raises(Denied, match="the next one starts after that"):
        mous.renew_mou(old, actor=actor, effective_on=in_days(1000), ends_on=in_days(2000), terms=terms())


def test_end_stops_at_once_and_says_so(people: dict[str, Person]) -> None:
    agency, actor = people["coordinator"].agency, people["administrator"]
    mou = agency.mous.get()
    for last_day, why in ((in_days(-2), "x"), (mou.ends_on, "x"), (in_days(3), " ")):
        with pytest.raises(Denied):
            mous.end_mou(mou, actor=actor, last_day=last_day, why=why)
    mous.end_mou(mou, actor=actor, last_day=in_days(-1), why="The state gave notice.")
    assert standing.mou_of(agency, in_days(0)) is None
    assert Event.objects.get(kind="mou.end").detail["reason"] == "The state gave notice."
    told = set(Notice.objects.filter(text__contains="now ends").values_list("person__name", flat=True))
    assert told == {people[key].name for key in ("coordinator", "program_analyst", "administrator")}


def test_mou_that_has_not_begun_can_be_taken_back(people: dict[str, Person]) -> None:
    agency = maine(people)
    mou = recorded(agency, people, 10, 100)
    mous.end_mou(mou, actor=people["administrator"], last_day=in_days(0), why="Recorded for the wrong state.")
    assert standing.mou_of(agency, in_days(10)) is None
    recorded(agency, people, 5, 50)


def test_attestation_and_scan_are_filled_in_once(people: dict[str, Person]) -> None:
    actor, mou = people["administrator"], recorded(maine(people), people, 0, 100)
    mous.complete_mou(mou, actor=actor, attested_on=in_days(-3))
    mous.complete_mou(mou, actor=actor, upload=upload())
    mou.refresh_from_db()
    assert (mou.security_provisions_attested_on, mou.document is not None) == (in_days(-3), True)
    for again in ({"attested_on": in_days(0)}, {"upload": upload()}, {}):
        with pytest.raises(Denied):
            mous.complete_mou(mou, actor=actor, **again)


def test_terms_are_never_edited_in_place(people: dict[str, Person]) -> None:
    mou = people["coordinator"].agency.mous.get()
    with pytest.raises(Exception, match="What is filled in stays"), transaction.atomic():
        Mou.objects.filter(pk=mou.pk).update(review_business_days=1)


@pytest.mark.django_db(transaction=True)
def test_two_who_record_at_once_leave_one_mou(people: dict[str, Person]) -> None:
    agency, start, outcomes = maine(people), threading.Barrier(2), []

    def record() -> None:
        try:
            start.wait(timeout=60)
            outcomes.append(recorded(agency, people, 0, 100).pk)
        except Denied as denied:
            outcomes.append(denied.reasons)
        finally:
            connection.close()

    threads = [threading.Thread(target=record) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=150)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["list", "str"]
    assert agency.mous.count() == Event.objects.filter(kind="mou.record").count() == 1


def test_carried_lines_keep_their_last_day(people: dict[str, Person]) -> None:
    old = people["coordinator"].agency.mous.get()
    line = old.coordinators.get()
    MouCoordinator.objects.filter(pk=line.pk).update(listed_until=in_days(60))
    days = {"effective_on": in_days(30), "ends_on": old.ends_on}
    new = mous.amend_mou(old, actor=people["administrator"], terms=terms(), **days)
    assert new.coordinators.get().listed_until == in_days(60)
    assert not standing.is_listed(people["coordinator"], in_days(60) + timedelta(days=1))
