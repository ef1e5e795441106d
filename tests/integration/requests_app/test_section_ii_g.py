"""Section II.G: a dated list, the role with the name, an end that says whose work is left, and who takes it over."""

import pytest

from requests_app import policies, standing
from requests_app.models import Event, MouCoordinator, Notice, Person
from requests_app.policies import Denied
from requests_app.selectors.holdings.partners import agency_page, spans
from requests_app.services.life import requests
from requests_app.services.partners import mous, section_ii_g
from requests_app.services.partners.section_ii_g import StandIn
from requests_app.services.people import memberships
from requests_app.states import Role, State
from tests import factories
from tests.integration.requests_app.partner_records import in_days, recorded, terms


def line_of(people: dict[str, Person]) -> MouCoordinator:
    return people["coordinator"].section_ii_g_lines.get()


def test_named_person_gets_the_role_and_stands_in_the_coming_mou_too(people: dict[str, Person]) -> None:
    agent, actor = people["agent"], people["administrator"]
    recorded(agent.agency, people, 1001, 2000)
    beside = StandIn(people["coordinator"], "Front desk", "desk@ri.example", "401 555 0100")
    lines = section_ii_g.add_coordinator(agent.agency, agent, actor=actor, listed_from=in_days(3), stand_in=beside)
    assert [line.listed_from for line in lines] == [in_days(3), in_days(1001)]
    assert lines[0].successor == people["coordinator"]
    assert [standing.is_listed(agent, in_days(day)) for day in (2, 3, 1000, 1001, 2001)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert Role.COORDINATOR in standing.roles_of(agent, in_days(3))
    assert Role.COORDINATOR not in standing.roles_of(agent, in_days(2))
    assert Event.objects.filter(subject="agency RI", kind="section_ii_g.add").count() == 1


def test_listed_coordinator_may_act_and_one_whose_line_ended_may_not(people: dict[str, Person]) -> None:
    coordinator = people["coordinator"]
    policies.check_start_draft(coordinator)
    section_ii_g.end_coordinator(line_of(people), actor=people["administrator"], last_day=in_days(-1))
    with pytest.raises(Denied, match=r"not listed in Section II\.G"):
        policies.check_start_draft(coordinator)


def test_role_that_is_there_is_not_given_again(people: dict[str, Person]) -> None:
    coordinator, actor = people["coordinator"], people["administrator"]
    section_ii_g.end_coordinator(line_of(people), actor=actor, last_day=in_days(5))
    section_ii_g.add_coordinator(coordinator.agency, coordinator, actor=actor, listed_from=in_days(10))
    assert coordinator.memberships.filter(role=Role.COORDINATOR).count() == 1


def test_role_that_begins_later_is_given_until_then(people: dict[str, Person]) -> None:
    agent, actor = people["agent"], people["administrator"]
    memberships.give_role(agent, Role.COORDINATOR, actor=actor, starts_on=in_days(50))
    section_ii_g.add_coordinator(agent.agency, agent, actor=actor, listed_from=in_days(0))
    assert all(Role.COORDINATOR in standing.roles_of(agent, in_days(day)) for day in (0, 49, 50, 500))


def test_line_of_past_days_gives_no_role_today(people: dict[str, Person]) -> None:
    agent = people["agent"]
    days = {"listed_from": in_days(-90), "listed_until": in_days(-30)}
    section_ii_g.add_coordinator(agent.agency, agent, actor=people["administrator"], **days)
    assert standing.is_listed(agent, in_days(-60))
    assert not agent.memberships.filter(role=Role.COORDINATOR).exists()


WRONG = {
    "listed twice": ("coordinator", 0, None, "listed on some of these days already"),
    "of another state": ("coordinator_de", 0, None, "is not of Rhode Island"),
    "last day first": ("agent", 5, 4, "on or after the first"),
    "after the MOU": ("agent", 1001, None, "has no MOU on"),
}


@pytest.mark.parametrize("case", WRONG)
def test_name_that_cannot_be_listed_is_refused_with_the_reason(case: str, people: dict[str, Person]) -> None:
    key, start, end, why = WRONG[case]
    until = in_days(end) if end is not None else None
    with pytest.raises(Denied, match=why):
        section_ii_g.add_coordinator(
            people["coordinator"].agency, people[key], actor=people["administrator"], listed_from=in_days(start),
            listed_until=until,
        )  # fmt: skip


def test_successor_is_another_person_of_the_agency(people: dict[str, Person]) -> None:
    line, actor = line_of(people), people["administrator"]
    for wrong in ("coordinator", "coordinator_de"):
        with pytest.raises(Denied):
            section_ii_g.change_stand_in(line, StandIn(people[wrong]), actor=actor)
    section_ii_g.change_stand_in(line, StandIn(people["agent"], fallback_name="Front desk"), actor=actor)
    line.refresh_from_db()
    assert (line.successor, line.fallback_name) == (people["agent"], "Front desk")
    assert "Tom Becker" in Event.objects.get(kind="section_ii_g.change").detail["words"]


def test_end_counts_in_every_mou_and_keeps_who_ended_it(people: dict[str, Person]) -> None:
    old, actor = line_of(people).mou, people["administrator"]
    mous.amend_mou(old, actor=actor, effective_on=in_days(30), ends_on=old.ends_on, terms=terms())
    section_ii_g.end_coordinator(line_of_first(people), actor=actor, last_day=in_days(10))
    assert not any(standing.is_listed(people["coordinator"], in_days(day)) for day in (11, 30, 31, 999))
    assert standing.is_listed(people["coordinator"], in_days(10))
    first = line_of_first(people)
    assert (first.listed_until, first.ended_by) == (in_days(10), actor)
    section_ii_g.end_coordinator(first, actor=people["administrator"], last_day=in_days(5))
    assert not standing.is_listed(people["coordinator"], in_days(6))


def line_of_first(people: dict[str, Person]) -> MouCoordinator:
    found = people["coordinator"].section_ii_g_lines.order_by("listed_from").first()
    assert found
    return found


def test_end_lies_in_no_past_day_and_happens_once(people: dict[str, Person]) -> None:
    line, actor = line_of(people), people["administrator"]
    with pytest.raises(Denied, match="Days that have passed"):
        section_ii_g.end_coordinator(line, actor=actor, last_day=in_days(-2))
    section_ii_g.end_coordinator(line, actor=actor, last_day=in_days(0))
    with pytest.raises(Denied, match="is not listed after"):
        section_ii_g.end_coordinator(line, actor=actor, last_day=in_days(0))


def test_end_says_which_requests_are_left_and_a_listed_person_takes_them(people: dict[str, Person]) -> None:
    agent, actor, agency = people["agent"], people["administrator"], people["coordinator"].agency
    open_one, ended = factories.draft(people), factories.draft(people)
    factories.place(ended, State.CLOSED)
    left = section_ii_g.end_coordinator(line_of(people), actor=actor, last_day=in_days(-1))
    assert left == [open_one]
    with pytest.raises(Denied, match=r"not listed in Section II\.G today"):
        section_ii_g.hand_over(agency, people["coordinator"], agent, actor=actor)
    section_ii_g.add_coordinator(agency, agent, actor=actor, listed_from=in_days(0))
    section_ii_g.hand_over(agency, people["coordinator"], agent, actor=actor)
    open_one.refresh_from_db()
    ended.refresh_from_db()
    assert (open_one.coordinator, ended.coordinator) == (agent, people["coordinator"])
    event = Event.objects.get(kind="request.hand_over")
    assert (event.request_number, event.subject) == (open_one.number, "agency RI")
    assert Notice.objects.filter(request=open_one, person=agent).exists()
    with pytest.raises(Denied, match="coordinates no open request"):
        section_ii_g.hand_over(agency, people["coordinator"], agent, actor=actor)


def test_new_coordinator_goes_on_with_the_work(people: dict[str, Person]) -> None:
    agent, actor = people["agent"], people["administrator"]
    request = factories.draft(people)
    section_ii_g.add_coordinator(agent.agency, agent, actor=actor, listed_from=in_days(0))
    section_ii_g.hand_over(agent.agency, people["coordinator"], agent, actor=actor)
    request.refresh_from_db()
    requests.save_section(request, "scope", {"states": ["44"], "quarters": [20161]}, actor=agent, seen_version=1)


def test_page_shows_one_time_through_mous_that_follow(people: dict[str, Person]) -> None:
    old, actor, agency = line_of(people).mou, people["administrator"], people["coordinator"].agency
    mous.amend_mou(old, actor=actor, effective_on=in_days(30), ends_on=old.ends_on, terms=terms())
    [span] = spans(MouCoordinator.objects.filter(mou__agency=agency).select_related("mou", "person"))
    assert (span.starts_on, span.ends_on, span.ends_with_mou) == (in_days(-30), in_days(1000), True)
    section_ii_g.end_coordinator(line_of_first(people), actor=actor, last_day=in_days(-1))
    section_ii_g.add_coordinator(agency, people["agent"], actor=actor, listed_from=in_days(7))
    page = agency_page(agency, in_days(0))
    assert [[span.person.name for span in part] for part in (page.listed, page.to_be_listed, page.once_listed)] == [
        [], ["Tom Becker"], ["Rosa Almeida"],
    ]  # fmt: skip
