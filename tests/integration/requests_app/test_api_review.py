"""The API of talk and review: questions, notices, versions, the desk, and steps that need no second factor."""

from typing import Any

import pytest
from django.test import Client

from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Finding, Person
from requests_app.services.bls_review import claims
from requests_app.services.life import workflow
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import State
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]


class Machine:
    """A program that calls in a person's name about one request."""

    def __init__(self, person: Person, request: DataRequest, *scopes: Scope) -> None:
        _, secret = create_token(actor=person, name="tests", scopes=scopes or [Scope.REVIEW])
        self.client = Client(headers={"authorization": f"Bearer {secret}"})
        self.place = f"/api/v1/requests/{request.number}/"

    def get(self, path: str) -> Any:
        return self.client.get(self.place + path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(self.place + path, body or {}, "application/json", headers=headers)

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(self.place + path, body, "application/json")


@pytest.fixture
def in_review(people: People) -> DataRequest:
    return workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])


def test_both_sides_ask_and_answer(in_review: DataRequest, people: People) -> None:
    bls, state = (Machine(people[key], in_review) for key in ("program_analyst", "coordinator"))
    question = {"text": "Which licences?", "section": "cohorts"}
    first, again = (bls.post("questions", question, **{"Idempotency-Key": "question-1"}) for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    asked = first.json()["id"]
    answered = state.post(f"questions/{asked}/replies", {"text": "Nursing."}).json()
    assert (answered["waits_for"], [one["text"] for one in answered["replies"]]) == ("bls", ["Nursing."])
    assert state.post(f"questions/{asked}/settle").status_code == 403
    assert bls.post(f"questions/{asked}/settle").json()["waits_for"] == ""
    assert state.post(f"questions/{asked}/replies", {"text": "One more."}).status_code == 409
    assert [one["id"] for one in state.get("questions").json()] == [asked]
    assert Machine(people["coordinator_de"], in_review).get("questions").status_code == 404


def test_own_notices_are_read(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["coordinator"], in_review, Scope.READ)
    unread = machine.client.get("/api/v1/notices?unread=true").json()
    newest = unread["results"][0]
    assert newest["request"] == in_review.number
    assert machine.client.post(f"/api/v1/notices/{newest['id']}/read").json()["read_at"]
    assert machine.client.get("/api/v1/notices?unread=true").json()["count"] == unread["count"] - 1
    stranger = Machine(people["coordinator_de"], in_review, Scope.READ)
    assert stranger.client.post(f"/api/v1/notices/{newest['id']}/read").status_code == 404


def test_versions_and_pdf_of_the_form(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["coordinator"], in_review, Scope.READ)
    [version] = machine.get("versions").json()
    assert (version["key"], len(version["sha256"])) == ("1", 64)
    assert {"section": "project", "answers": version["sections"][1]["answers"]} == version["sections"][1]
    paper = machine.get("form.pdf?version=1")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    missing = machine.get("form.pdf?version=9")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["reasons"]


def test_desk_is_worked_by_a_program(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["program_analyst"], in_review)
    assert machine.get("review").json()["claimed_by"] == people["program_analyst"].name
    assert machine.post("review/interest", {"has_conflict": False}).json()["stated_conflict"] is False
    lines = machine.put("review/checklist", {"answers": {"title": "yes"}}).json()["checklist"]
    assert {line["item"]: line["answer"] for line in lines}["title"] == "yes"
    assert machine.put("review/checklist", {"answers": {"nothing": "yes"}}).status_code == 400
    raised = machine.post("review/findings", {"section": "scope", "text": "Why Delaware?"})
    assert (raised.status_code, raised.json()["findings"][0]["must_change"]) == (201, True)
    settled = machine.post(f"review/findings/{Finding.objects.get().pk}/settle", {"how": "By the answer."})
    assert settled.json()["findings"][0]["settled_how"] == "By the answer."
    assert machine.post("review/notes", {"text": "For us."}).json()["notes"][0]["text"] == "For us."
    assert Machine(people["coordinator"], in_review).get("review").status_code == 403


def test_claim_is_given_up_and_taken(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["program_analyst"], in_review)
    assert machine.client.delete(f"{machine.place}review/claim").json()["claimed_by"] is None
    assert machine.post("review/claim").json()["claimed_by"] == people["program_analyst"].name
    claims.give_up(in_review, actor=people["program_analyst"])
    assert Machine(people["program_analyst"], in_review, Scope.DRAFT).post("review/claim").status_code == 403


def test_recommendation_by_a_program_and_decision_in_the_browser(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["program_analyst"], in_review)
    refused = machine.post("actions/recommend", {"reason": "Sound."})
    assert refused.status_code == 403
    assert any("checklist" in said for said in refused.json()["reasons"])
    look_through(in_review, people["program_analyst"])
    assert machine.post("review/viability", {"enough_data": True, "reason": "Thousands."}).status_code == 200
    assert machine.post("actions/recommend").json()["reasons"] == ["reason: Say why: this step needs a reason."]
    assert machine.post("actions/recommend", {"reason": "Sound."}).json()["state"] == State.RECOMMENDED
    assert machine.post("actions/recommend", {"reason": "Sound."}).status_code == 409
    official = Machine(people["approving_official"], in_review)
    decided = official.post("actions/approve", {"reason": "Agreed."})
    assert (decided.status_code, "in the browser" in decided.json()["reasons"][0]) == (403, True)
    assert official.post("actions/nothing").status_code == 404


def test_session_opens_nothing_of_it(in_review: DataRequest, people: People) -> None:
    client = signed_in(people["program_analyst"])
    assert client.get(f"/api/v1/requests/{in_review.number}/review").status_code == 401
