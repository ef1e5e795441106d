"""Questions and answers both ways: nothing moves, the other side is told, the side that asked settles."""

import pytest
from django.urls import reverse

from requests_app.models import DataRequest, Notice, Person, Question
from requests_app.policies import Denied
from requests_app.selectors.life.home import home
from requests_app.services.bls_review import desk, questions
from requests_app.services.life import workflow
from requests_app.states import State
from tests import factories
from tests.pages import signed_in


@pytest.fixture
def in_review(people: dict[str, Person]) -> DataRequest:
    return workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])


def test_question_and_answer_leave_the_state_as_it_is(in_review: DataRequest, people: dict[str, Person]) -> None:
    analyst, coordinator = people["program_analyst"], people["coordinator"]
    Notice.objects.all().delete()
    asked = questions.ask(in_review, actor=analyst, text="Which licences do you mean?", section="cohorts")
    assert [item.action for item in home(coordinator).waits_for_me if item.id == in_review.number] == ["Answer"]
    questions.reply(asked, actor=coordinator, text="Nursing only.")
    assert "Answer" in [item.action for item in home(analyst).waits_for_me]
    questions.settle(asked, actor=analyst)
    in_review.refresh_from_db()
    assert in_review.status is State.IN_REVIEW
    assert {notice.person for notice in Notice.objects.all()} == {coordinator, analyst}
    assert "licences" not in " ".join(Notice.objects.values_list("text", flat=True))


def test_state_asks_and_bls_answers(in_review: DataRequest, people: dict[str, Person]) -> None:
    page = reverse("request_questions", args=[in_review.number])
    signed_in(people["coordinator"]).post(page, {"text": "May we add 2017?", "section": ""})
    asked = Question.objects.get()
    one = reverse("question", args=[in_review.number, asked.pk])
    assert "It is your turn" in signed_in(people["program_analyst"]).get(one).content.decode()
    signed_in(people["program_analyst"]).post(one, {"text": "Yes, by an amendment."})
    assert "Yes, by an amendment." in signed_in(people["coordinator"]).get(one).content.decode()


def test_side_that_was_asked_does_not_settle(in_review: DataRequest, people: dict[str, Person]) -> None:
    asked = questions.ask(in_review, actor=people["program_analyst"], text="Which?")
    with pytest.raises(Denied, match="Answer it instead"):
        questions.settle(asked, actor=people["coordinator"])


def test_other_states_and_other_roles_do_not_read_questions(in_review: DataRequest, people: dict[str, Person]) -> None:
    questions.ask(in_review, actor=people["program_analyst"], text="Which?")
    page = reverse("request_questions", args=[in_review.number])
    assert signed_in(people["coordinator_de"]).get(page).status_code == 404
    assert signed_in(people["disclosure_analyst"]).get(page).status_code == 403


def test_template_begins_a_question_of_bls_only(in_review: DataRequest, people: dict[str, Person]) -> None:
    kept = desk.keep_template(actor=people["program_analyst"], title="Scope", text="Which quarters do you need?")
    page = reverse("request_questions", args=[in_review.number]) + f"?template={kept.pk}"
    assert "Which quarters do you need?" in signed_in(people["program_analyst"]).get(page).content.decode()
    assert "Which quarters do you need?" not in signed_in(people["coordinator"]).get(page).content.decode()


def test_template_is_changed_by_a_new_version_and_ended(people: dict[str, Person]) -> None:
    client = signed_in(people["program_analyst"])
    client.post(reverse("reply_templates"), {"title": "Scope", "text": "Which?"})
    [kept] = desk.ReplyTemplate.objects.all()
    client.post(reverse("reply_template", args=[kept.pk]), {"title": "Scope", "text": "Which ones?"})
    [new] = desk.ReplyTemplate.objects.filter(ended_at__isnull=True)
    assert (new.text, desk.ReplyTemplate.objects.count()) == ("Which ones?", 2)
    client.post(reverse("end_reply_template", args=[new.pk]))
    assert not desk.ReplyTemplate.objects.filter(ended_at__isnull=True).exists()


def test_number_of_a_person_in_a_question_is_refused(in_review: DataRequest, people: dict[str, Person]) -> None:
    digits = "-".join(["9" * 3, "1" * 2, "2" * 4])
    page = reverse("request_questions", args=[in_review.number])
    answer = signed_in(people["coordinator"]).post(page, {"text": f"Is {digits} in it?"})
    assert answer.status_code == 400
    assert not Question.objects.exists()
