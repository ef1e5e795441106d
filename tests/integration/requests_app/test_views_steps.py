"""Taking steps in the browser: by the right person, with a fresh second factor, told why not, losing no text."""

from urllib.parse import unquote

import pytest
from django.urls import reverse

from requests_app.demo.reviewers import look_through
from requests_app.models import Decision, Person
from requests_app.selectors.life.steps import FRESH_FACTOR
from requests_app.services.life import requests as service
from requests_app.services.life import workflow
from requests_app.states import BY_NAME, Kind, State
from tests import factories
from tests.pages import signed_in


def page(number: str, name: str) -> str:
    return reverse("step", args=[number, name])


def test_step_start_review_opens_the_review(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    client = signed_in(people["program_analyst"])
    assert "The review starts" in client.get(page(request.number, "start_review")).content.decode()
    response = client.post(page(request.number, "start_review"))
    assert response["Location"] == reverse("review", args=[request.number])
    request.refresh_from_db()
    assert request.status is State.IN_REVIEW


def test_step_without_its_reason_asks_for_it(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    response = signed_in(people["coordinator"]).post(page(request.number, "withdraw"), {"reason": " "})
    assert response.status_code == 400
    assert "Say why: this step needs a reason." in response.content.decode()
    request.refresh_from_db()
    assert request.status is State.SUBMITTED


def test_step_of_another_role_is_403_with_the_reason(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    response = signed_in(people["approving_official"]).get(page(request.number, "start_review"))
    assert response.status_code == 403
    assert "“Start review” is done by: Program Analyst." in response.content.decode()


def test_step_of_machines_or_nobody_is_404(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    client = signed_in(people["program_analyst"])
    assert client.get(page(request.number, "begin_use")).status_code == 404
    assert client.get(page(request.number, "nothing")).status_code == 404


def test_step_taken_by_somebody_faster_goes_back_with_words(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    client = signed_in(people["program_analyst"])
    workflow.transition(request, "start_review", actor=people["program_analyst"])
    response = client.post(page(request.number, "start_review"), follow=True)
    assert response.redirect_chain[0][0] == reverse("request", args=[request.number])
    assert "no longer applies" in response.content.decode()


def test_step_that_guards_refuse_shows_every_reason(people: dict[str, Person]) -> None:
    request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
    client = signed_in(people["program_analyst"])
    assert "Answer the viability question first" in client.get(page(request.number, "recommend")).content.decode()
    response = client.post(page(request.number, "recommend"), {"reason": "Sound."})
    assert response.status_code == 403
    assert "Answer the viability question first" in response.content.decode()


def test_review_answers_viability_and_offers_the_steps(people: dict[str, Person]) -> None:
    request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
    look_through(request, people["program_analyst"])
    client = signed_in(people["program_analyst"])
    review = reverse("review", args=[request.number])
    assert client.post(review, {"enough_data": "yes"}).status_code == 400
    client.post(review, {"enough_data": "yes", "reason": "Thousands of jobs."})
    shown = client.get(review)
    assert [button.id for button in shown.context["buttons"] if button.enabled] == ["recommend", "return_to_state"]
    assert "Yes, there is enough data. Thousands of jobs." in shown.content.decode()


def recommended(people: dict[str, Person], kind: Kind = Kind.MICRO) -> str:
    analyst = people["program_analyst"]
    request = workflow.transition(factories.submitted(people, kind), "start_review", actor=analyst)
    look_through(request, analyst)
    service.answer_viability(request, actor=analyst, enough_data=True, reason="Enough.")
    request = workflow.transition(request, "recommend", actor=analyst, reason="Sound.")
    look_through(request, people["approving_official"])
    return request.number


def test_approve_keeps_its_conditions_and_shows_them(people: dict[str, Person]) -> None:
    number = recommended(people)
    official = signed_in(people["approving_official"])
    official.post(page(number, "approve"), {"conditions": "Publish totals only.", "reason": ""})
    assert Decision.objects.get(transition="approve").facts["conditions"] == "Publish totals only."
    hub = signed_in(people["coordinator"]).get(reverse("request", args=[number]))
    assert "Publish totals only." in hub.content.decode()


def test_final_step_with_a_stale_second_factor_asks_again_and_keeps_the_text(people: dict[str, Person]) -> None:
    number = recommended(people)
    client = signed_in(people["approving_official"], minutes_ago=6)
    for answer in (
        client.get(page(number, "approve")),
        client.post(page(number, "approve"), {"conditions": "Keep it."}),
    ):
        assert answer.status_code == 302
        assert unquote(answer["Location"]) == f"{reverse('mfa_reauthenticate')}?next={page(number, 'approve')}"
    assert not Decision.objects.filter(transition="approve").exists()
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": session["account_authentication_methods"][0]["at"] + 360}
    ]
    session.save()
    assert "Keep it." in client.get(page(number, "approve")).content.decode()


@pytest.mark.parametrize("methods", [[], [{"method": "password", "at": 9e9}], [{"method": "mfa", "at": 0}]])
def test_final_step_password_or_nothing_is_no_second_factor(methods: list[object], people: dict[str, Person]) -> None:
    number = recommended(people)
    client = signed_in(people["approving_official"])
    session = client.session
    session["account_authentication_methods"] = methods
    session.save()
    assert client.post(page(number, "approve"), {}).status_code == 302
    assert not Decision.objects.filter(transition="approve").exists()


def test_every_final_step_is_a_step_of_the_table() -> None:
    assert set(BY_NAME) >= FRESH_FACTOR
