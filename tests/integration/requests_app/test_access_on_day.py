"""Who had access on a day: for now it says what the live guard says; of past days, what counted then."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from requests_app.models import DataRequest, Membership, Person, Separation
from requests_app.models.people import Employment
from requests_app.selectors.life.requests import SEES_ALL
from requests_app.selectors.people import access_on_day as selector
from requests_app.selectors.people.access_on_day import Access, Cleared, Day
from requests_app.selectors.people.standing_then import records_of
from requests_app.services.event_log import events
from requests_app.services.life import requests
from requests_app.standing import acting_problems, roles_of, roles_on
from requests_app.states import Kind, Role, State
from tests import factories
from tests.pages import signed_in

pytestmark = pytest.mark.django_db
People = dict[str, Person]
ONE_DAY = timedelta(days=1)


def today() -> date:
    return timezone.localdate()


def a_year_before(last: date) -> date:
    """The day on which training was completed that counts until `last`."""
    return (last - timedelta(days=366)) if (last.month, last.day) == (2, 29) else last.replace(year=last.year - 1)


def at(days_ago: int, hour: int = 12) -> datetime:
    """A moment of a day in the past."""
    return timezone.make_aware(datetime.combine(today() - timedelta(days=days_ago), time(hour)))


def day(days_ago: int) -> Day:
    return Day.of(today() - timedelta(days=days_ago), timezone.now())


def revoke(person: Person, when: datetime) -> None:
    factories.lapse(person.agreements.all(), revoked_at=when, revoked_by=person)


def leave(person: Person, last_day: date, notified: datetime, withdrawn: datetime | None = None) -> None:
    Separation.objects.create(
        person=person, last_day=last_day, why="left", notified_at=notified, notified_by=person,
        withdrawn_at=withdrawn, withdrawn_by=person if withdrawn else None,
    )  # fmt: skip


def switch(person: Person, kind: str, when: datetime, *, active: bool) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=active)
    events.record(kind, actor=None, subject=f"person {person.pk}", at=when)


SITUATIONS: dict[str, Callable[[Person], object]] = {
    "nothing lapsed": lambda person: None,
    "training too old": lambda person: factories.lapse(
        person.trainings.all(), completed_on=today() - timedelta(days=400)
    ),
    "training of a year ago today": lambda person: factories.lapse(
        person.trainings.all(), completed_on=a_year_before(today())
    ),
    "training not accepted": lambda person: factories.lapse(
        person.trainings.all(), accepted_at=None, accepted_by=None
    ),
    "agreement revoked just now": lambda person: revoke(person, timezone.now()),
    "agreement ended yesterday": lambda person: factories.lapse(person.agreements.all(), ends_on=today() - ONE_DAY),
    "agreement ends today": lambda person: factories.lapse(person.agreements.all(), ends_on=today()),
    "agreement not filed": lambda person: factories.lapse(person.agreements.all(), filed_at=None, filed_by=None),
    "role ended yesterday": lambda person: factories.lapse(person.memberships.all(), ends_on=today() - ONE_DAY),
    "role ends today": lambda person: factories.lapse(person.memberships.all(), ends_on=today()),
    "role begins tomorrow": lambda person: factories.lapse(person.memberships.all(), starts_on=today() + ONE_DAY),
    "MOU lapsed": lambda person: factories.lapse(person.agency.mous.all(), ends_on=today() - ONE_DAY),
    "line of II.G ended": lambda person: factories.lapse(
        person.section_ii_g_lines.all(), listed_until=today() - ONE_DAY
    ),
    "left yesterday": lambda person: leave(person, today() - ONE_DAY, at(3)),
    "leaves today": lambda person: leave(person, today(), at(3)),
    "leaving withdrawn": lambda person: leave(person, today() - ONE_DAY, at(3), at(1)),
    "disabled": lambda person: switch(person, "person.disable", timezone.now(), active=False),
    "disabled and enabled": lambda person: (
        switch(person, "person.disable_idle", at(2), active=False), switch(person, "person.enable", at(1), active=True),
    ),
    "a detailee": lambda person: Person.objects.filter(pk=person.pk).update(employment=Employment.DETAILEE),
}  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_of_today_it_says_what_the_live_guard_says_of_everybody(situation: str, people: People) -> None:
    """Every person of the cast in turn; asked anew, as the next page would."""
    checked = 0
    for person in people.values():
        SITUATIONS[situation](person)
    for records in records_of(Person.objects.all()):
        then, live = records.at(timezone.now()), Person.objects.get(pk=records.person.pk)
        assert then.roles == roles_of(live), live
        assert len(then.problems) == len(acting_problems(live)), (live, then.problems, acting_problems(live))
        checked += 1
    assert checked == len(people)


@pytest.mark.parametrize("situation", ["nothing lapsed", "role ended yesterday", "disabled", "MOU lapsed"])
def test_of_today_the_people_of_a_request_are_those_the_live_rules_name(situation: str, people: People) -> None:
    request = factories.draft(people)
    requests.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=True)
    factories.place(request, State.SUBMITTED)
    request.decisions.create(transition="submit", from_state="draft", to_state="submitted", decided_at=timezone.now())
    for key in ("coordinator", "program_analyst"):
        SITUATIONS[situation](people[key])
    counting = SEES_ALL | {Role.AUDITOR, Role.COORDINATOR, Role.AGENT, Role.OUTPUT_REVIEWER}
    expected = {
        person.name: (bool(roles), bool(roles) and not acting_problems(person))
        for person in Person.objects.all()
        if (roles := roles_on(person, request) & counting)
    }
    found = {line.person.name: (True, line.cleared is Cleared.YES) for line in of_request(request, 0)}
    ended_today = {name for name, (_, cleared) in found.items() if name not in expected}
    assert {name: said for name, said in found.items() if name not in ended_today} == expected
    assert all(line.cleared is not Cleared.YES for line in of_request(request, 0) if line.person.name in ended_today)


def of_request(request: DataRequest, days_ago: int) -> list[Access]:
    return list(selector.of_request(request, day(days_ago)).people)


def line_of(request: DataRequest, person: Person, days_ago: int) -> Access | None:
    found = [line for line in of_request(request, days_ago) if line.person == person]
    return found[0] if found else None


@pytest.fixture
def long_ago(people: People) -> DataRequest:
    """A request of the past: everything about it and its people was recorded forty days ago."""
    request = factories.draft(people, Kind.MICRO)
    requests.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=False)
    factories.place(request, State.IN_REVIEW)
    then = at(40)
    for name, to in (("submit", "submitted"), ("start_review", "in_review")):
        request.decisions.create(transition=name, from_state="draft", to_state=to, decided_at=then)
    factories.lapse(DataRequest.objects.all(), created_at=then)
    request.agents.update(named_at=then)
    for person in people.values():
        factories.lapse(person.memberships.all(), granted_at=then, starts_on=timezone.localdate(then))
        factories.lapse(person.agreements.all(), filed_at=then, signed_at=then)
        factories.lapse(person.trainings.all(), accepted_at=then, completed_on=timezone.localdate(then))
        factories.lapse(person.section_ii_g_lines.all(), added_at=then, listed_from=timezone.localdate(then))
        if not person.agency.is_bls:
            factories.lapse(person.agency.mous.all(), recorded_at=then)
    request.refresh_from_db()
    return request


# What happened five days ago, and whether the coordinator was cleared six, five and four days ago.
ENDINGS: dict[str, tuple[Callable[[Person], object], tuple[Cleared | None, Cleared | None, Cleared | None]]] = {
    "agreement revoked": (lambda person: revoke(person, at(5)), (Cleared.YES, Cleared.PART, Cleared.NO)),
    "disabled": (
        lambda person: switch(person, "person.disable", at(5), active=False), (Cleared.YES, Cleared.PART, None),
    ),
    "role ended at once": (
        lambda person: factories.lapse(
            person.memberships.all(), ends_on=day(6).day, ended_at=at(5), ended_by=person
        ),
        (Cleared.YES, Cleared.PART, None),
    ),
    "role ended with the day": (
        lambda person: factories.lapse(person.memberships.all(), ends_on=day(5).day, ended_at=at(5), ended_by=person),
        (Cleared.YES, Cleared.YES, None),
    ),
    "last day": (lambda person: leave(person, day(5).day, at(9)), (Cleared.YES, Cleared.YES, Cleared.NO)),
    "left, and told too late": (
        lambda person: leave(person, day(20).day, at(5)), (Cleared.YES, Cleared.PART, Cleared.NO),
    ),
    "training ran out": (
        lambda person: factories.lapse(
            person.trainings.all(), completed_on=a_year_before(day(5).day)
        ),
        (Cleared.YES, Cleared.YES, Cleared.NO),
    ),
    "line of II.G ended": (
        lambda person: factories.lapse(person.section_ii_g_lines.all(), listed_until=day(5).day),
        (Cleared.YES, Cleared.YES, Cleared.NO),
    ),
    "MOU ended": (
        lambda person: factories.lapse(person.agency.mous.all(), ends_on=day(5).day),
        (Cleared.YES, Cleared.YES, Cleared.NO),
    ),
    "training accepted late": (
        lambda person: factories.lapse(person.trainings.all(), accepted_at=at(5)),
        (Cleared.NO, Cleared.YES, Cleared.YES),
    ),
    "agreement filed late": (
        lambda person: factories.lapse(person.agreements.all(), filed_at=at(5)),
        (Cleared.NO, Cleared.YES, Cleared.YES),
    ),
    "MOU recorded late": (
        lambda person: factories.lapse(person.agency.mous.all(), recorded_at=at(5)),
        (Cleared.NO, Cleared.YES, Cleared.YES),
    ),
    "role given": (
        lambda person: factories.lapse(person.memberships.all(), granted_at=at(5)), (None, Cleared.YES, Cleared.YES),
    ),
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_of_past_days_it_says_what_counted_then(ending: str, people: People, long_ago: DataRequest) -> None:
    happen, expected = ENDINGS[ending]
    happen(people["coordinator"])
    found = [line_of(long_ago, people["coordinator"], days_ago) for days_ago in (6, 5, 4)]
    assert tuple(line.cleared if line else None for line in found) == expected
    others = line_of(long_ago, people["program_analyst"], 4)
    assert others is not None
    assert others.cleared is Cleared.YES


def test_detailee_of_today_was_an_employee_before(people: People, long_ago: DataRequest) -> None:
    person = people["coordinator"]
    Person.objects.filter(pk=person.pk).update(employment=Employment.DETAILEE)
    events.record(
        "person.change_employment", actor=None, subject=f"person {person.pk}", at=at(5),
        detail={"from": "employee", "to": "detailee"},
    )  # fmt: skip
    lines = [line_of(long_ago, person, days_ago) for days_ago in (6, 5, 4)]
    assert [line and line.cleared for line in lines] == [Cleared.YES, Cleared.PART, Cleared.NO]


def test_basis_names_who_gave_it(people: People, long_ago: DataRequest) -> None:
    factories.lapse(Membership.objects.all(), granted_by=people["administrator"])
    line = line_of(long_ago, people["agent"], 3)
    assert line is not None
    basis = {row.key: row.value for row in line.basis}
    assert basis["Role"].startswith("Agent, given ")
    assert basis["Role"].endswith(" by Leo Tan")
    assert basis["Named on the request"].endswith(" by Rosa Almeida")
    assert "filed" in basis["Agreement"]
    assert set(basis) >= {"Role", "Named on the request", "Agreement", "Training", "MOU"}
    coordinator = line_of(long_ago, people["coordinator"], 3)
    assert coordinator is not None
    assert "Section II.G" in {row.key for row in coordinator.basis}


def test_agent_who_was_removed_had_access_before(people: People, long_ago: DataRequest) -> None:
    long_ago.agents.update(removed_at=at(5))
    found = [line_of(long_ago, people["agent"], days_ago) for days_ago in (6, 5, 4)]
    assert [line and line.cleared for line in found] == [Cleared.YES, Cleared.PART, None]


def test_nobody_had_access_before_the_request_was_there(people: People, long_ago: DataRequest) -> None:
    answer = selector.of_request(long_ago, day(41))
    assert (answer.state, answer.people) == (None, ())
    assert selector.of_request(long_ago, day(39)).state == State.IN_REVIEW


def test_draft_is_seen_by_its_state_alone(people: People, long_ago: DataRequest) -> None:
    with factories.behind_the_triggers():
        long_ago.decisions.update(decided_at=at(10))
    assert {line.person.agency.postal for line in of_request(long_ago, 20)} == {"RI"}
    assert {line.person.agency.postal for line in of_request(long_ago, 9)} == {"RI", "BLS"}


def test_person_with_a_state_role_has_the_requests_of_that_day(people: People, long_ago: DataRequest) -> None:
    theirs = selector.of_person(people["coordinator"], day(3))
    assert [(seen.request, seen.state, seen.why) for seen in theirs.requests] == [
        (long_ago, State.IN_REVIEW, "Project Coordinator")
    ]
    assert theirs.access.cleared is Cleared.YES
    assert selector.of_person(people["coordinator_de"], day(3)).requests == ()
    assert selector.of_person(people["coordinator"], day(45)).requests == ()
    assert selector.of_person(people["program_analyst"], day(3)).sees_all
    auditor = selector.of_person(people["auditor"], day(3))
    assert (auditor.sees_all, auditor.reads_records) == (False, True)


def test_queries_do_not_grow_with_the_people(people: People, long_ago: DataRequest) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            selector.of_request(long_ago, day(3))
        return len(captured)

    few = queries()
    for number in range(8):
        person = Person.objects.create_user(f"more{number}@bls.example", agency=people["auditor"].agency, name="More")
        person.memberships.create(role="program_analyst", starts_on=day(30).day, granted_at=at(30))
    assert queries() == few <= 20


# -- the page ------------------------------------------------------------------------------------------------------


def test_page_answers_for_a_request_and_for_a_person(people: People, long_ago: DataRequest) -> None:
    client, url = signed_in(people["auditor"]), reverse("access_on_day")
    page = client.get(url, {"day": str(today()), "request": long_ago.number.lower()}).content.decode()
    for words in ("Rosa Almeida", "Cleared", "Section II.G", "In review at BLS"):
        assert words in page
    page = client.get(url, {"day": str(today()), "person": "Rosa"}).content.decode()
    assert long_ago.number in page
    page = client.get(url, {"day": str(today()), "person": people["coordinator"].public_id}).content.decode()
    assert "Rosa Almeida on" in page


QUESTIONS = {
    "nothing asked": ({"day": "2026-11-01"}, "Give a request number, or a person: one of the two."),
    "both asked": (
        {"day": "2026-11-01", "request": "WR-1", "person": "Rosa"},
        "Give a request number, or a person: one of the two.",
    ),
    "tomorrow": ({"day": "2999-01-01", "person": "Rosa"}, "Choose today or an earlier day."),
    "no request": ({"day": "2026-11-01", "request": "WR-2026-999999"}, "There is no record of a request"),
    "nobody": ({"day": "2026-11-01", "person": "Zebulon"}, "Nobody is called Zebulon."),
    "several": ({"day": "2026-11-01", "person": "a"}, "Whom do you mean?"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_that_has_no_answer_says_what_to_do(name: str, people: People) -> None:
    query, words = QUESTIONS[name]
    answer = signed_in(people["auditor"]).get(reverse("access_on_day"), query)
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_draft_is_no_answer_for_the_auditor(people: People) -> None:
    draft = factories.draft(people)
    query = {"day": str(today()), "request": draft.number}
    page = signed_in(people["auditor"]).get(reverse("access_on_day"), query).content.decode()
    assert "Drafts have none" in page
    assert draft.title not in page
