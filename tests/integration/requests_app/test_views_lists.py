"""Home and list: what stands there. How many queries they ask is counted in test_query_counts.py."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, PartnerReview, Person
from requests_app.models.files import FileKind
from requests_app.selectors.life.home import home
from requests_app.services.life import requests as service
from requests_app.services.life import workflow
from requests_app.services.packages import files
from requests_app.services.packages.packages import Built, keep_package
from requests_app.services.people import memberships
from requests_app.states import Kind, Role, State
from tests import factories
from tests.pages import signed_in


def test_home_work_moves_to_whose_turn_it_is(people: dict[str, Person]) -> None:
    request = factories.draft(people)
    assert [item.action for item in home(people["coordinator"]).waits_for_me] == ["Continue the form"]
    assert home(people["program_analyst"]).waits_for_me == []
    workflow.transition(request, "submit", actor=people["coordinator"])
    [item] = home(people["program_analyst"]).waits_for_me
    assert item.url == reverse("step", args=[request.number, "start_review"])
    assert "Rhode Island" in item.sentence
    [waited] = home(people["coordinator"]).i_wait_for
    assert waited.who == "BLS (Program Analyst)"
    assert home(people["coordinator"]).waits_for_me == []


def test_home_who_recommended_waits_for_another_official(people: dict[str, Person]) -> None:
    analyst = people["program_analyst"]
    memberships.give_role(analyst, Role.APPROVING_OFFICIAL, actor=None, starts_on=timezone.localdate())
    request = workflow.transition(factories.submitted(people), "start_review", actor=analyst)
    look_through(request, analyst)
    service.answer_viability(request, actor=analyst, enough_data=True, reason="Enough.")
    workflow.transition(request, "recommend", actor=analyst, reason="Sound.")
    assert home(analyst).waits_for_me == []
    assert "You recommended it" in home(analyst).i_wait_for[0].who
    assert [item.action for item in home(people["approving_official"]).waits_for_me] == ["Decide"]


def test_home_agent_who_may_upload_is_asked_for_the_files(people: dict[str, Person]) -> None:
    request = factories.draft(people)
    service.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=True)
    factories.place(request, State.AWAITING_COHORT)
    assert [item.action for item in home(people["agent"]).waits_for_me] == ["Add files"]
    request.agents.update(may_upload=False)
    assert home(people["agent"]).waits_for_me == []


def test_home_partner_review_waits_for_the_state_asked(people: dict[str, Person]) -> None:
    request = factories.draft(people, Kind.MACRO)
    sealed = files.seal_bytes(b"made-up package", request, FileKind.PACKAGE)
    package = keep_package(request, Built("0" * 64, sealed, ["10", "44"], ["10"]))
    factories.place(request, State.PARTNER_REVIEW)
    yesterday = timezone.localdate() - timedelta(days=1)
    review = PartnerReview.objects.create(
        package=package,
        package_sha256="0" * 64,
        agency=people["output_reviewer"].agency,
        due_on=yesterday,
        asked_at=timezone.now(),
    )
    [item] = home(people["output_reviewer"]).waits_for_me
    assert (item.url, item.late) == (reverse("partner_review", args=[review.pk]), True)
    assert home(people["output_reviewer_ri"]).waits_for_me == []


def test_home_oldest_stands_first(people: dict[str, Person]) -> None:
    numbers = [factories.submitted(people).number for _ in range(3)]
    DataRequest.objects.filter(number=numbers[2]).update(state_since=timezone.now() - timedelta(days=9))
    assert [item.id for item in home(people["program_analyst"]).waits_for_me] == [numbers[2], *numbers[:2]]


def test_list_finds_by_words_state_and_kind(people: dict[str, Person]) -> None:
    macro, micro = factories.draft(people, Kind.MACRO), factories.submitted(people, Kind.MICRO)
    client = signed_in(people["coordinator"])

    def found(**query: str) -> set[str]:
        return {row["label"] for row in client.get(reverse("request_list"), query).context["rows"]}

    assert found() == {macro.number, micro.number}
    assert found(q="macro request") == {macro.number}
    assert found(q=micro.number[-6:]) == {micro.number}
    assert found(state="submitted") == {micro.number}
    assert found(kind="macro", state="submitted") == set()
    assert found(state="nonsense") == {macro.number, micro.number}


def test_list_pages(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_app.views.life.requests.PAGE_SIZE", 2)
    for _ in range(3):
        factories.draft(people)
    client = signed_in(people["coordinator"])
    assert len(client.get(reverse("request_list")).context["rows"]) == 2
    assert len(client.get(reverse("request_list"), {"page": 2}).context["rows"]) == 1


def test_list_start_button_says_why_not(people: dict[str, Person]) -> None:
    page = signed_in(people["output_reviewer"]).get(reverse("request_list")).content.decode()
    assert "Only a Project Coordinator of a state partner can start a request." in page
    assert "Start a request" not in signed_in(people["auditor"]).get(reverse("request_list")).content.decode()
    refused = signed_in(people["output_reviewer"]).post(reverse("start_request"))
    assert refused.status_code == 403
    assert not DataRequest.objects.exists()
