"""Every state x transition x role x kind is allowed exactly where the table says so, by services and by PostgreSQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from requests_app import hooks
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Event, Notice, Person
from requests_app.policies import Denied
from requests_app.services.life import workflow
from requests_app.states import TRANSITIONS, Kind, Role, State, Transition, allowed_moves
from tests import factories

PLAYER_OF_ROLE = {role: role.value for role in Role if role is not Role.SYSTEM}
PERSON_ROLES: list[Role | None] = [*PLAYER_OF_ROLE, None]


@pytest.fixture
def nothing_else_stands_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards and effects have tests of their own; here only states, roles and kinds decide."""
    for step in TRANSITIONS:
        for name in step.holds:
            monkeypatch.setitem(hooks.guards, name, lambda _request, _person: [])
        monkeypatch.setitem(hooks.effects, step.name, [])


def outcome(request: DataRequest, step: Transition, person: Person | None) -> str:
    """What happens on trying; whatever happened is undone."""
    try:
        with transaction.atomic():
            moved = workflow.transition(request, step.name, actor=person, reason="because")
            assert moved.status is step.target
            transaction.set_rollback(True)
        return "allowed"
    except workflow.Conflict:
        return "conflict"
    except Denied:
        return "denied"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.usefixtures("nothing_else_stands_in_the_way")
def test_transition_every_role_is_allowed_exactly_by_the_table(
    state: State, kind: Kind, people: dict[str, Person]
) -> None:
    request = factories.draft(people, kind)
    factories.place(request, state)
    for step in TRANSITIONS:
        applies = state in step.sources and kind in step.kinds
        for role in PERSON_ROLES:
            person = people[PLAYER_OF_ROLE[role]] if role and role is not Role.SYSTEM else None
            may = (role or Role.SYSTEM) in step.roles
            expected = "conflict" if not applies else "allowed" if may else "denied"
            assert outcome(request, step, person) == expected, (state, step.name, role, kind)


def test_coordinator_of_another_state_is_refused(people: dict[str, Person]) -> None:
    request = factories.draft(people)
    with pytest.raises(Denied, match="Project Coordinator"):
        workflow.transition(request, "withdraw", actor=people["coordinator_de"], reason="not mine")


def test_database_refuses_every_move_that_is_not_in_the_table(people: dict[str, Person]) -> None:
    allowed, tried = set(allowed_moves()), 0
    for kind in Kind:
        request = factories.draft(people, kind)
        for source in State:
            factories.place(request, source)
            for target in set(State) - {source}:
                tried += 1
                assert _moves(request, target) == ((kind, source, target) in allowed), (kind, source, target)
    assert tried == len(Kind) * len(State) * (len(State) - 1)


def _moves(request: DataRequest, target: State) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE requests_app_datarequest SET state = %s WHERE id = %s", [target, request.pk])
            transaction.set_rollback(True)
        return True
    except IntegrityError:
        return False


def test_database_refuses_a_request_that_does_not_start_as_draft(people: dict[str, Person]) -> None:
    request = factories.draft(people)
    request.pk, request.number, request.state = None, "WR-2026-999999", State.APPROVED
    with pytest.raises(IntegrityError, match="starts as a draft"), transaction.atomic():
        request.save(force_insert=True)


@pytest.mark.parametrize(("column", "value"), [("number", "WR-2026-999999"), ("agency", "DE")])
def test_database_refuses_another_number_or_agency(column: str, value: str, people: dict[str, Person]) -> None:
    request = factories.draft(people)
    new = people["coordinator_de"].agency if column == "agency" else value
    with pytest.raises(IntegrityError, match="keeps its number and its agency"), transaction.atomic():
        DataRequest.objects.filter(pk=request.pk).update(**{column: new})


def test_transition_records_one_event_one_decision_and_tells_the_next(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    recorded = Event.objects.filter(request_number=request.number, kind="request.submit")
    assert [(event.outcome, event.process) for event in recorded] == [("done", "owner")]
    assert recorded[0].actor.startswith("Rosa Almeida (Project Coordinator)")
    assert request.decisions.filter(transition="submit").count() == 1
    assert Notice.objects.filter(request=request, person=people["program_analyst"]).count() == 1


def test_refused_transition_is_an_event_and_changes_nothing(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    with pytest.raises(Denied):
        workflow.transition(request, "start_review", actor=people["auditor"])
    request.refresh_from_db()
    refused = Event.objects.get(request_number=request.number, outcome="refused")
    assert (request.status, refused.kind) == (State.SUBMITTED, "request.start_review")
    assert "Program Analyst" in refused.detail["reasons"][0]


def test_submit_says_everything_that_is_missing_at_once(people: dict[str, Person]) -> None:
    from requests_app.services.life import requests

    empty = requests.start_draft(actor=people["coordinator"])
    with pytest.raises(Denied) as refused:
        workflow.transition(empty, "submit", actor=people["coordinator"])
    said = " ".join(refused.value.reasons)
    for part in ("title", "package type", "state whose records", "quarter", "Certify"):
        assert part in said


def test_approving_official_who_recommended_is_refused(people: dict[str, Person]) -> None:
    from django.utils import timezone

    from requests_app.services.life import requests
    from requests_app.services.people import memberships

    both = people["program_analyst"]
    memberships.give_role(both, Role.APPROVING_OFFICIAL, actor=None, starts_on=timezone.localdate())
    request = workflow.transition(factories.submitted(people), "start_review", actor=both)
    look_through(request, both)
    requests.answer_viability(request, actor=both, enough_data=True, reason="Enough.")
    request = workflow.transition(request, "recommend", actor=both, reason="Good.")
    with pytest.raises(Denied, match="another Approving Official"):
        workflow.transition(request, "approve", actor=both)


def test_approving_official_who_approved_does_not_release(people: dict[str, Person]) -> None:
    from django.utils import timezone

    from requests_app.services.people import memberships

    both = people["approving_official"]
    memberships.give_role(both, Role.RELEASE_OFFICER, actor=None, starts_on=timezone.localdate())
    request = factories.approved(people)
    factories.place(request, State.READY_FOR_RELEASE)
    for releaser, refused in (("approving_official", True), ("release_officer", False)):
        with pytest.raises(Denied) as denied:  # nothing is built: what else is missing is told to both
            workflow.transition(request, "release", actor=people[releaser])
        assert any("another Release Officer" in reason for reason in denied.value.reasons) is refused
