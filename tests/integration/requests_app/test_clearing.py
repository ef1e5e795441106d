"""What clears a person: training with its reminders, notices of leaving, the pre-release list."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from matching.models import Holding
from requests_app.models import Event, Notice, Person, PreReleaseListing, Separation, Training
from requests_app.policies import Denied
from requests_app.pre_release import check_pre_release, unreleased_quarters
from requests_app.services.life import requests, workflow
from requests_app.services.life.workflow import Conflict
from requests_app.services.people import pre_release, separations, trainings
from requests_app.standing import clearance_problems, on_pre_release_list
from tests import factories, papers

WHY = Separation.Why.LEFT


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def is_trained(person: Person) -> bool:
    return not any("training" in problem for problem in clearance_problems(person, day(0)))


def test_training_counts_once_somebody_else_accepted_it(people: dict[str, Person]) -> None:
    agent = people["agent"]
    factories.lapse(agent.trainings.all(), completed_on=day(-400))
    training = trainings.submit(actor=agent, completed_on=day(-2), evidence=papers.upload())
    assert not is_trained(agent)
    assert Notice.objects.filter(person=people["administrator"], text__contains="submitted a training").exists()
    for key in ("agent", "coordinator", "auditor", "data_steward"):
        with pytest.raises(Denied):
            trainings.accept(training, actor=people[key])
    trainings.accept(training, actor=people["program_analyst"])
    assert is_trained(agent)
    with pytest.raises(Conflict):
        trainings.accept(training, actor=people["administrator"])


def test_nobody_accepts_or_records_their_own_training(people: dict[str, Person]) -> None:
    for key in ("administrator", "program_analyst"):
        own = trainings.submit(actor=people[key], completed_on=day(-1), evidence=papers.upload())
        with pytest.raises(Denied, match="your own"):
            trainings.accept(own, actor=people[key])
    with pytest.raises(Denied, match="your own"):
        trainings.record(
            people["administrator"], actor=people["administrator"], completed_on=day(-1), evidence=papers.upload()
        )
    recorded = trainings.record(
        people["agent"], actor=people["administrator"], completed_on=day(-1), evidence=papers.upload()
    )
    event = Event.objects.get(kind="training.record")
    assert event.detail["document_sha256"] == recorded.evidence.sha256  # type: ignore[union-attr]


@pytest.mark.parametrize(("completed_on", "words"), [(1, "in the future"), (-367, "older than a year")])
def test_training_of_an_impossible_day_is_refused(completed_on: int, words: str, people: dict[str, Person]) -> None:
    with pytest.raises(Denied, match=words):
        trainings.submit(actor=people["agent"], completed_on=day(completed_on), evidence=papers.upload())
    assert not Training.objects.filter(completed_on=day(completed_on)).exists()


@pytest.mark.parametrize(
    ("days_left", "told"), [(90, []), (60, [60]), (31, [60]), (30, [30]), (8, [30]), (7, [7]), (0, [7]), (-1, [])]
)
def test_reminders_go_out_once_each_before_the_end(days_left: int, told: list[int], people: dict[str, Person]) -> None:
    ends_on = day(days_left)
    factories.lapse(people["agent"].trainings.all(), completed_on=ends_on.replace(year=ends_on.year - 1))
    trainings.remind()
    trainings.remind()
    texts = Notice.objects.filter(person=people["agent"]).values_list("text", flat=True)
    assert [f"within {days} days" in text for days, text in zip(told, texts, strict=True)] == [True] * len(told)


def test_access_ends_with_the_last_day_and_comes_back_when_the_notice_was_a_mistake(people: dict[str, Person]) -> None:
    agent, coordinator = people["agent"], people["coordinator"]
    notice = separations.give_notice(agent, actor=coordinator, last_day=day(0), why=WHY)
    assert clearance_problems(agent, day(0)) == []
    assert "last day" in " ".join(clearance_problems(agent, day(1)))
    with pytest.raises(Conflict):
        separations.give_notice(agent, actor=coordinator, last_day=day(5), why=WHY)
    separations.withdraw_notice(notice, actor=people["administrator"])
    assert clearance_problems(agent, day(1)) == []
    notice.refresh_from_db()
    assert notice.withdrawn_by == people["administrator"]


def test_notice_is_given_by_the_agency_or_bls_and_never_taken_back_by_oneself(people: dict[str, Person]) -> None:
    for key in ("coordinator_de", "output_reviewer_ri", "program_analyst", "auditor"):
        with pytest.raises(Denied):
            separations.give_notice(people["agent"], actor=people[key], last_day=day(0), why=WHY)
    own = separations.give_notice(people["coordinator"], actor=people["coordinator"], last_day=day(-1), why=WHY)
    with pytest.raises(Denied, match="yourself"):
        separations.withdraw_notice(own, actor=people["coordinator"])


def list_them(people: dict[str, Person], *keys: str) -> list[PreReleaseListing]:
    return [
        pre_release.add(
            people[key], actor=people["administrator"], listed_from=day(0), listed_until=None, others_are_needed=True
        )
        for key in keys
    ]


def test_list_is_certified_at_each_addition_and_every_year(people: dict[str, Person]) -> None:
    (first,) = list_them(people, "coordinator")
    factories.lapse(PreReleaseListing.objects.all(), certified_on=day(-366))
    assert not on_pre_release_list(people["coordinator"], day(0))
    with pytest.raises(Denied, match="certified at each addition"):
        pre_release.add(
            people["agent"],
            actor=people["administrator"],
            listed_from=day(0),
            listed_until=None,
            others_are_needed=False,
        )
    list_them(people, "agent")
    assert on_pre_release_list(people["coordinator"], day(0))
    factories.lapse(PreReleaseListing.objects.all(), certified_on=day(-366))
    pre_release.certify([first], actor=people["administrator"])
    assert [on_pre_release_list(people[key], day(0)) for key in ("coordinator", "agent")] == [True, False]
    pre_release.end(first, actor=people["administrator"])
    assert not on_pre_release_list(people["coordinator"], day(0))


def test_quarter_before_release_needs_everyone_on_the_list(people: dict[str, Person]) -> None:
    request = factories.draft(people)
    requests.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=False)
    Holding.objects.filter(state="10", quarter=20162).update(release_date=day(1))
    assert unreleased_quarters(request) == ["Delaware 2016 Q2"]
    with pytest.raises(Denied) as refused:
        workflow.transition(request, "submit", actor=people["coordinator"])
    assert [reason.split(" is not")[0] for reason in refused.value.reasons] == ["Rosa Almeida", "Tom Becker"]
    list_them(people, "coordinator")
    with pytest.raises(Denied, match="Tom Becker is not on the pre-release list"):
        workflow.transition(request, "submit", actor=people["coordinator"])
    list_them(people, "agent")
    assert workflow.transition(request, "submit", actor=people["coordinator"]).state == "submitted"


def test_quarter_is_free_from_its_release_on(people: dict[str, Person]) -> None:
    Holding.objects.update(release_date=day(0))
    request = factories.submitted(people)
    assert unreleased_quarters(request) == []
    check_pre_release(people["agent"], [])
    with pytest.raises(Denied, match="Ohio 2016 Q1"):
        check_pre_release(people["agent"], ["Ohio 2016 Q1"])
