"""The API: the same rules as the pages, every refusal with its reasons, and a token of a named person."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from requests_app.api import schema
from requests_app.models import DataRequest, Event, Incident, MouCoordinator, Person, Training
from requests_app.services.life import requests
from requests_app.services.sign_in.tokens import Scope, create_token, revoke_token
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]
BOTH = [Scope.READ, Scope.DRAFT]


def caller(person: Person, *scopes: Scope) -> Client:
    """A machine that calls in the person's name."""
    _, secret = create_token(actor=person, name="tests", scopes=scopes or BOTH)
    return Client(headers={"authorization": f"Bearer {secret}"})


def put(client: Client, request: DataRequest, section: str, answers: Any, version: int = 1) -> Any:
    path = f"/api/v1/requests/{request.number}/form/{section}"
    return client.put(path, {"version": version, "answers": answers}, "application/json")


def test_me_says_who_calls_and_what_has_stopped_them(people: People) -> None:
    said = caller(people["coordinator"]).get("/api/v1/me").json()
    assert (said["name"], said["roles"], said["stopped_by"]) == ("Rosa Almeida", ["coordinator"], [])
    assert said["agency"] == {"postal": "RI", "name": "Rhode Island Labor Market Information"}
    assert said["token"]["scopes"] == ["draft", "read"]


def test_list_holds_what_the_person_sees_page_by_page(people: People) -> None:
    numbers = [factories.draft(people).number for _ in range(3)]
    client = caller(people["coordinator"])
    first = client.get("/api/v1/requests?page_size=2").json()
    second = client.get("/api/v1/requests?page_size=2&page=2").json()
    assert first["count"] == 3
    assert [row["number"] for row in first["results"] + second["results"]] == numbers[::-1]
    assert caller(people["coordinator_de"]).get("/api/v1/requests").json()["results"] == []
    assert client.get(f"/api/v1/requests?q={numbers[0]}&state=draft").json()["count"] == 1
    assert client.get("/api/v1/requests?state=nowhere").status_code == 400


def test_draft_is_written_from_start_to_the_last_section(people: People) -> None:
    client = caller(people["coordinator"])
    started = client.post("/api/v1/requests")
    assert started.status_code == 201
    request = DataRequest.objects.get(number=started.json()["number"])
    assert started["Location"] == f"/api/v1/requests/{request.number}"
    for section, answers in factories.answers(Kind.MICRO, states=["10", "44"], quarters=[20161]).items():
        saved = put(client, request, section, answers, version=0)
        assert saved.status_code == 200, saved.content
        assert {name: saved.json()["answers"][name] for name in answers} == answers
    now = client.get(f"/api/v1/requests/{request.number}").json()
    assert [line["missing"] for line in now["sections"]] == [[]] * len(now["sections"])
    assert now["kind"] == "micro"


@pytest.mark.parametrize("kind", list(Kind))
def test_section_that_was_read_can_be_sent_back_and_changes_nothing(kind: Kind, people: People) -> None:
    request, client = factories.draft(people, kind), caller(people["coordinator"])
    for section in request.sections.all():
        read = client.get(f"/api/v1/requests/{request.number}/form/{section.name}").json()
        assert read["answers"] == section.data
        sent = put(client, request, section.name, read["answers"], read["version"])
        assert sent.status_code == 200, sent.content
        kept = sent.json()["answers"]
        assert {name: kept[name] for name in section.data} == section.data


FOLLOWED = {
    "source": "wage_records", "dimensions": ["state", "tenure"], "area_level": "state", "industry_level": 2,
    "industries": ["44-45"], "ownerships": ["5"], "followed_from": 20161, "time": "since", "after": [2, 4],
    "measures": ["employed_share", "median_earnings"],
}  # fmt: skip


def test_design_of_people_followed_is_kept_and_returned_as_sent(people: People) -> None:
    request, client = factories.draft(people, Kind.MACRO), caller(people["coordinator"])
    sent = put(client, request, "tables", {"design": FOLLOWED})
    assert (sent.status_code, sent.json()["answers"]) == (200, {"design": FOLLOWED})
    refused = put(client, request, "tables", {"design": FOLLOWED | {"time": "quarter"}}, 2)
    assert refused.status_code == 400
    assert any("counted from the reference quarter" in reason for reason in refused.json()["reasons"])


def test_version_that_somebody_changed_meanwhile_is_a_conflict_that_shows_theirs(people: People) -> None:
    request, client = factories.draft(people), caller(people["coordinator"])
    assert put(client, request, "project", {"title": "First"}).status_code == 200
    clash = put(client, request, "project", {"title": "Second"})
    assert (clash.status_code, clash["Content-Type"]) == (409, "application/problem+json")
    assert clash.json()["current"]["answers"]["title"] == "First"
    assert clash.json()["current"]["version"] == 2
    assert "Rosa Almeida saved this section" in clash.json()["reasons"][0]
    assert request.sections.get(name="project").data["title"] == "First"


NEVER_ISSUED = "-".join(("900", "12", "3456"))
REFUSED_ANSWERS = [
    ("project", {"title": f"About {NEVER_ISSUED}"}, "This looks like a Social Security number"),
    ("project", {"headline": "x"}, "no answer named headline"),
    ("project", {"title": {"a": 1}}, "have not the shape of this section"),
    ("purpose", {"activity": "espionage"}, "activity"),
    ("scope", {"states": ["99"], "quarters": []}, "states"),
    ("scope", {"states": "44", "quarters": 20161}, "have not the shape of this section"),
    ("cohorts", {"cohorts": ["Trainees"]}, "have not the shape of this section"),
    ("cohorts", {"cohorts": [{"name": "A"}] * 7}, "At most 6 cohorts"),
    ("package", {"kind": "macro", "sends_people": "yes", "comes_back": "tables"}, "another package type"),
    ("security", {"destruction_on": "soon"}, "destruction_on"),
]


@pytest.mark.parametrize(("section", "answers", "said"), REFUSED_ANSWERS)
def test_answers_a_page_would_refuse_are_refused_with_what_to_do(
    section: str, answers: Any, said: str, people: People
) -> None:
    request = factories.draft(people)
    before = request.sections.get(name=section).data
    refused = put(caller(people["coordinator"]), request, section, answers)
    assert refused.status_code == 400
    assert any(said in reason for reason in refused.json()["reasons"]), refused.json()
    assert NEVER_ISSUED not in refused.content.decode()
    assert request.sections.get(name=section).data == before


@pytest.mark.parametrize("section", ["people", "nothing", "tables"])
def test_section_the_form_has_not_is_not_there(section: str, people: People) -> None:
    request, client = factories.draft(people, Kind.MICRO), caller(people["coordinator"])
    assert client.get(f"/api/v1/requests/{request.number}/form/{section}").status_code == 404
    assert put(client, request, section, {}, 0).status_code == 404


def test_form_that_is_being_written_is_read_by_its_coordinators_only(people: People) -> None:
    request = factories.submitted(people)
    path = f"/api/v1/requests/{request.number}/form/project"
    analyst = caller(people["program_analyst"])
    assert analyst.get(path).json()["answers"]["title"] == "Micro request"
    factories.place(request, State.RETURNED)
    assert analyst.get(path).json()["reasons"] == [
        "The form is being written. It can be read once the state has signed it."
    ]
    assert caller(people["coordinator"]).get(path).status_code == 200
    assert analyst.get(f"/api/v1/requests/{request.number}").json()["sections"] == []


def test_actions_say_what_stands_in_the_way_and_where_they_are_taken(people: People) -> None:
    request = requests.start_draft(actor=people["coordinator"])
    found = caller(people["coordinator"]).get(f"/api/v1/requests/{request.number}/actions").json()
    by_name = {action["name"]: action for action in found}
    assert by_name["withdraw"]["possible"]
    assert not by_name["submit"]["possible"]
    assert by_name["submit"]["reasons"]
    assert by_name["submit"]["page"] == f"{settings.SITE_URL}/requests/{request.number}/form/check/"


def stop_training(people: People) -> str:
    """The day after the anniversary, at midnight."""
    long_ago = timezone.localdate() - timedelta(days=367)
    factories.lapse(Training.objects.filter(person=people["coordinator"]), completed_on=long_ago)
    return "training is older than a year"


def stop_agreement(people: People) -> str:
    factories.lapse(
        people["coordinator"].agreements.all(), revoked_at=timezone.now(), revoked_by=people["administrator"]
    )
    return "no signed agent agreement in force"


def stop_mou(people: People) -> str:
    factories.lapse(people["coordinator"].agency.mous.all(), ends_on=timezone.localdate() - timedelta(days=1))
    return "has no MOU in force"


def stop_line(people: People) -> str:
    lines = MouCoordinator.objects.filter(person=people["coordinator"])
    factories.lapse(lines, listed_until=timezone.localdate() - timedelta(days=1))
    return "is not listed in Section II.G"


@pytest.mark.parametrize("stop", [stop_training, stop_agreement, stop_mou, stop_line])
def test_what_lapses_stops_a_token_at_its_next_call_but_not_its_reading_or_reporting(stop: Any, people: People) -> None:
    request, client = factories.draft(people), caller(people["coordinator"])
    assert put(client, request, "project", {"title": "Before"}).status_code == 200
    reason = stop(people)
    for refused in (put(client, request, "project", {"title": "After"}, 2), client.post("/api/v1/requests")):
        assert refused.status_code == 403
        assert any(reason in said for said in refused.json()["reasons"]), refused.json()
    assert any(reason in said for said in client.get("/api/v1/me").json()["stopped_by"])
    assert client.get(f"/api/v1/requests/{request.number}/form/project").json()["answers"]["title"] == "Before"
    path = f"/api/v1/requests/{request.number}/incidents"
    assert client.post(path, {"what_is_known": "A laptop is gone."}, "application/json").status_code == 201
    assert Event.objects.filter(kind="attempt.refused", request_number=request.number).count() == 1


def test_incident_is_reported_by_a_token_that_may_only_read(people: People) -> None:
    request, client = factories.draft(people), caller(people["coordinator"], Scope.READ)
    path = f"/api/v1/requests/{request.number}/incidents"
    kept = client.post(path, {"what_is_known": ""}, "application/json")
    assert kept.status_code == 201
    assert Incident.objects.get().pk == kept.json()["id"]
    assert client.get(f"/api/v1/requests/{request.number}").json()["suspended"] is True
    told = client.post(path, {"what_is_known": f"It was {NEVER_ISSUED}"}, "application/json")
    assert told.status_code == 400
    assert NEVER_ISSUED[-4:] not in told.content.decode()


def test_token_that_may_only_read_does_not_write(people: People) -> None:
    request, client = factories.draft(people), caller(people["coordinator"], Scope.READ)
    for refused in (put(client, request, "project", {"title": "x"}), client.post("/api/v1/requests")):
        assert refused.status_code == 403
        assert refused.json()["reasons"] == ["This token may only read. Make one with the scope “draft”."]


def test_call_sent_again_under_its_key_does_nothing_twice(people: People) -> None:
    client = caller(people["coordinator"])
    first, again = (client.post("/api/v1/requests", headers={"Idempotency-Key": "a-draft-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first["Location"]) == (again.json(), again["Location"])
    assert DataRequest.objects.count() == 1
    request = DataRequest.objects.get()
    other = client.post(f"/api/v1/requests/{request.number}/clone", headers={"Idempotency-Key": "a-draft-1"})
    assert (other.status_code, DataRequest.objects.count()) == (409, 1)
    assert client.post("/api/v1/requests", headers={"Idempotency-Key": "short"}).status_code == 400


def test_refused_call_may_be_made_again_under_its_key(people: People) -> None:
    request, client = factories.draft(people), caller(people["coordinator"])
    path, body = f"/api/v1/requests/{request.number}/amendments", {"reason": "More", "quarters": [20163]}
    key = {"Idempotency-Key": "amendment-1"}
    assert client.post(path, body, "application/json", headers=key).status_code == 403
    factories.decided(request, people)
    assert client.post(path, body, "application/json", headers=key).status_code == 201
    assert [one["changes"] for one in client.get(path).json()] == [{"quarters": [20163]}]
    wrong = client.post(path, {"reason": "More", "quarters": [19991]}, "application/json")
    assert wrong.status_code == 403  # one is open


def test_agents_are_named_and_taken_off_as_a_list(people: People) -> None:
    request, client, agent = factories.draft(people), caller(people["coordinator"]), people["agent"]
    path = f"/api/v1/requests/{request.number}/agents"
    assert client.get(path).json()["could_be_named"] == [{"person": agent.public_id, "name": agent.name}]
    named = {"agents": [{"person": agent.public_id, "may_upload": True}]}
    assert client.put(path, named, "application/json").json()["agents"][0]["may_upload"] is True
    assert client.put(path, {"agents": []}, "application/json").json()["agents"] == []
    stranger = {"agents": [{"person": people["coordinator_de"].public_id}]}
    assert client.put(path, stranger, "application/json").status_code == 400


def test_earlier_request_is_copied(people: People) -> None:
    source, client = factories.draft(people), caller(people["coordinator"])
    made = client.post(f"/api/v1/requests/{source.number}/clone")
    assert made.status_code == 201
    assert [line["section"] for line in made.json()["sections"] if line["missing"]] == ["certify"]


def test_session_without_a_token_opens_nothing(people: People) -> None:
    client = signed_in(people["coordinator"])
    for response in (client.get("/api/v1/me"), client.post("/api/v1/requests")):
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert DataRequest.objects.count() == 0


def test_token_that_counts_no_more_is_refused_and_that_is_an_event(people: People) -> None:
    person = people["coordinator"]
    token, secret = create_token(actor=person, name="tests", scopes=BOTH)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/me").status_code == 200
    revoke_token(token, actor=person)
    refused = client.get("/api/v1/me")
    assert refused.status_code == 401
    assert refused.json()["reasons"] == ["This token was revoked. Make a new one."]
    event = Event.objects.get(kind="token.use")
    assert (event.outcome, event.subject, event.detail["person"]) == ("refused", f"token {token.pk}", person.pk)
    assert event.actor == "Somebody not signed in"


@pytest.mark.django_db
def test_guessing_tokens_ends_and_does_not_flood_the_log() -> None:
    client = Client(headers={"authorization": "Bearer wrt_guessed"})
    answers = [client.get("/api/v1/me").status_code for _ in range(25)]
    assert answers == [401] * 20 + [429] * 5
    assert Event.objects.filter(kind="token.use").count() == 20


def test_calls_are_counted_by_person(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import UserRateThrottle

    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})
    clients = [caller(people["coordinator"]), caller(people["coordinator"])]
    assert [client.get("/api/v1/me").status_code for client in clients * 2] == [200, 200, 429, 429]
    late = clients[0].get("/api/v1/me")
    assert int(late["Retry-After"]) > 0
    assert late.json()["title"] == "Too many calls"
    assert caller(people["program_analyst"]).get("/api/v1/me").status_code == 200


TOO_LONG = b"x" * 1_000_001
PROBLEMS = [
    ("get", "/api/v1/nothing", {}, 404),
    ("delete", "/api/v1/me", {}, 405),
    ("get", "/api/v1/requests/WR-2026-999999", {}, 404),
    ("put", "/api/v1/requests/{number}/form/project", {"data": b"{", "content_type": "application/json"}, 400),
    ("put", "/api/v1/requests/{number}/form/project", {"data": b"x", "content_type": "text/plain"}, 415),
    ("put", "/api/v1/requests/{number}/form/project", {"data": b"[]", "content_type": "application/json"}, 400),
    ("post", "/api/v1/requests/{number}/incidents", {"data": TOO_LONG, "content_type": "application/json"}, 413),
    ("get", "/api/v1/me", {"headers": {"accept": "text/html"}}, 406),
    ("get", "/api/v1/me", {"headers": {"authorization": ""}}, 401),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), PROBLEMS)
def test_every_refusal_is_a_problem_with_reasons(
    method: str, path: str, sent: dict[str, Any], status: int, people: People
) -> None:
    request, client = factories.draft(people), caller(people["coordinator"])
    response = getattr(client, method)(path.format(number=request.number), **sent)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    said = response.json()
    assert said["status"] == status
    assert said["title"]
    assert all(said["reasons"])
    assert said["reasons"]


def test_fault_of_the_application_is_a_problem_that_tells_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = caller(people["coordinator"])
    client.raise_request_exception = False
    monkeypatch.setattr("requests_app.api.views.visible_to", lambda _person: 1 / 0)
    response = client.get("/api/v1/requests")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert "division" not in response.content.decode()


def test_document_is_fresh_and_answered_to_everybody() -> None:
    written = (settings.BASE_DIR / "docs" / "api" / "openapi.yaml").read_bytes()
    assert written == schema.as_yaml(), "Run ./run manage generate_docs."
    assert Client().get("/api/v1/openapi.yaml").content == written
