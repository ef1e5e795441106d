"""The form that travels in every package says who decided when, but not what was said inside BLS."""

from requests_app.demo.reviewers import look_through
from requests_app.models import Person
from requests_app.services.life import form_text, requests, workflow
from tests import factories

SECRET = "One enterprise dominates Kent County."


def test_reasons_given_inside_bls_do_not_travel_in_a_package(people: dict[str, Person]) -> None:
    analyst, official = people["program_analyst"], people["approving_official"]
    request = workflow.transition(factories.submitted(people), "start_review", actor=analyst)
    look_through(request, analyst)
    requests.answer_viability(request, actor=analyst, enough_data=True, reason=SECRET)
    workflow.transition(request, "recommend", actor=analyst, reason=SECRET)
    workflow.transition(request, "send_back", actor=official, reason=SECRET)
    workflow.transition(request, "return_to_state", actor=analyst, reason="Which counties?")
    text = form_text.of(request)
    assert SECRET not in text
    assert "Which counties?" in text
    assert "Decision: recommend" in text
    assert "States and quarters: Quarters\n  2016 Q1" in text  # in words, as the form's own summary has them
    assert "_" not in text
    assert analyst.name in text
