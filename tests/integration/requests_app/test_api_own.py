"""The API of the queue, of hand-over, figures and holdings, and of what is a person's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from requests_app.models import DataRequest, Person
from requests_app.services.bls_review import claims
from requests_app.services.life import figures, workflow
from requests_app.services.people import memberships
from requests_app.services.sign_in.tokens import Scope
from requests_app.states import Role, State
from tests import factories
from tests.integration.requests_app.test_api_review import Machine

People = dict[str, Person]


@pytest.fixture
def in_review(people: People) -> DataRequest:
    return workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])


@pytest.fixture
def second(people: People) -> Person:
    """Another Program Analyst."""
    other = people["release_officer"]
    memberships.give_role(other, Role.PROGRAM_ANALYST, actor=None, starts_on=timezone.localdate())
    return other


def send(machine: Machine, method: str, path: str, body: Any = None) -> Any:
    """A call about no request."""
    return getattr(machine.client, method)(f"/api/v1/{path}", body or {}, "application/json")


def read(machine: Machine, path: str) -> Any:
    return machine.client.get(f"/api/v1/{path}").json()


def test_views_are_kept_renewed_and_dropped(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["coordinator"], in_review, Scope.READ)
    kept = [send(machine, "post", "views", {"name": "Mine", "query": f"state={state}"}) for state in State]
    assert {answer.status_code for answer in kept} == {201}
    [view] = read(machine, "views")
    assert (view["name"], view["query"]) == ("Mine", f"state={list(State)[-1]}")
    refused = send(machine, "post", "views", {"name": "Odd", "query": "state=nowhere"})
    assert (refused.status_code, "state" in refused.json()["reasons"][0]) == (400, True)
    stranger = Machine(people["agent"], in_review, Scope.READ)
    assert stranger.client.delete(f"/api/v1/views/{view['id']}").status_code == 404
    assert machine.client.delete(f"/api/v1/views/{view['id']}").status_code == 204
    assert read(machine, "views") == []


def test_absence_is_announced_and_taken_back(in_review: DataRequest, people: People, second: Person) -> None:
    machine, today = Machine(people["program_analyst"], in_review), timezone.localdate()
    colleagues = {one["name"]: one["person"] for one in read(machine, "absences")["colleagues"]}
    days = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    stranger = send(machine, "post", "absences", {**days, "stand_in": people["coordinator"].public_id})
    assert stranger.status_code == 400
    stand_in = people["approving_official"]
    made = send(machine, "post", "absences", {**days, "stand_in": colleagues[stand_in.name]})
    assert (made.status_code, made.json()["stand_in"]["name"]) == (201, stand_in.name)
    [line] = read(Machine(second, in_review), "queue?which=away")["results"]
    assert line["away"] == {"until": days["ends_on"], "stand_in": made.json()["stand_in"]}
    place = f"/api/v1/absences/{made.json()['id']}"
    assert Machine(stand_in, in_review).client.delete(place).status_code == 404
    assert [machine.client.delete(place).status_code for _ in range(2)] == [204, 403]
    assert read(machine, "absences")["absences"] == []


def test_ways_of_notices_are_chosen(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["coordinator"], in_review)
    chosen = read(machine, "notices/choices")
    assert chosen == dict.fromkeys(["work", "reminder", "talk", "news"], "at_once")
    chosen["news"] = "here"
    assert send(machine, "put", "notices/choices", chosen).json() == chosen == read(machine, "notices/choices")
    assert send(machine, "put", "notices/choices", {**chosen, "talk": "never"}).status_code == 400
    assert send(machine, "put", "notices/choices", {"news": "here"}).status_code == 400


def test_review_goes_from_hand_to_hand(in_review: DataRequest, people: People, second: Person) -> None:
    machine = Machine(people["program_analyst"], in_review)
    [mine] = read(machine, "queue?which=mine")["results"]
    assert (mine["request"]["number"], mine["holder"]["name"]) == (in_review.number, people["program_analyst"].name)
    takers = {one["name"]: one["person"] for one in machine.get("review/hand-over").json()}
    given = machine.post("review/hand-over", {"to": takers[second.name], "note": "On leave."})
    assert given.json()["claimed_by"] == second.name
    assert machine.post("review/hand-over", {"to": people["coordinator"].public_id}).status_code == 400
    assert read(machine, "queue?which=mine")["count"] == 0
    claims.give_up(in_review, actor=second)
    assert read(machine, "queue?which=unclaimed")["results"][0]["holder"] is None
    assert Machine(people["coordinator"], in_review).client.get("/api/v1/queue").status_code == 403


def test_templates_are_kept_changed_and_ended(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["program_analyst"], in_review)
    first = send(machine, "post", "reply-templates", {"title": "Scope", "text": "Which quarters?"}).json()
    second = send(machine, "put", f"reply-templates/{first['id']}", {"title": "Scope", "text": "Which, and why?"})
    assert [one["text"] for one in read(machine, "reply-templates")] == ["Which, and why?"]
    gone, ended = (f"/api/v1/reply-templates/{key}" for key in (first["id"], second.json()["id"]))
    assert [machine.client.delete(place).status_code for place in (gone, ended, ended)] == [404, 204, 404]


def test_emailed_form_is_begun_for_a_listed_coordinator(in_review: DataRequest, people: People) -> None:
    machine, today = Machine(people["program_analyst"], in_review), timezone.localdate().isoformat()
    listed = {one["name"]: one["person"] for one in read(machine, "emailed-forms")}
    body = {"coordinator": listed[people["coordinator"].name], "received_on": today}
    begun = send(machine, "post", "emailed-forms", body)
    assert (begun.status_code, begun.json()["state"]) == (201, State.DRAFT)
    stranger = {"coordinator": people["agent"].public_id, "received_on": today}
    assert send(machine, "post", "emailed-forms", stranger).status_code == 400


def test_figures_are_those_of_the_dashboards(in_review: DataRequest, people: People) -> None:
    machine = Machine(people["approving_official"], in_review, Scope.READ)
    assert read(machine, "dashboards")["computed_at"] is None
    figures.compute(timezone.now())
    board = read(machine, "dashboards")
    assert board["age"]["columns"] == ["Step", "Up to 5 days", "6 to 20 days", "21 to 60 days", "Over 60 days"]
    assert board["age"]["rows"] == [["In review", 1, 0, 0, 0]]
    factories.lapse(DataRequest.objects.all(), state_since=timezone.now() - timedelta(days=90))
    assert read(machine, "dashboards")["late"] == [{"state": "in_review", "requests": 1}]
    assert read(machine, "requests?late=true")["count"] == read(machine, "requests?agency=RI")["count"] == 1
    assert read(machine, "requests?agency=DE")["count"] == 0
    assert Machine(people["coordinator"], in_review, Scope.READ).client.get("/api/v1/dashboards").status_code == 403


def test_held_quarters_and_times_are_for_everybody(people: People) -> None:
    held = {one["name"]: one for one in Client().get("/api/v1/held").json()}
    assert held["Rhode Island"] == {
        "state": "44", "name": "Rhode Island", "is_partner": True, "quarters": [20161, 20162, 20163, 20164]
    }  # fmt: skip
    assert set(held) == {"Delaware", "Rhode Island"}
    assert Client().get("/api/v1/how-long").json() == {"computed_at": None, "turnaround": None}
