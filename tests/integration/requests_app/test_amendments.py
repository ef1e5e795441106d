"""Amendments: what is approved takes effect, the approved form stays, two persons decide; unused approvals expire."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from requests_app import form
from requests_app.amendment_states import BY_NAME, MOVES, AmendmentState
from requests_app.models import Amendment, DataRequest, Event, Job, Notice, Person
from requests_app.policies import Denied
from requests_app.services.form import amendments
from requests_app.services.life import expiry
from requests_app.services.life.workflow import Conflict
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]


def amended(people: People, request: DataRequest, **changes: Any) -> Amendment:
    """A signed amendment that waits for its decision."""
    made = amendments.draft_amendment(request, actor=people["coordinator"], changes=changes, reason="Needed.")
    return amendments.move(made, "submit", actor=people["coordinator"])


def approve(people: People, amendment: Amendment) -> Amendment:
    return amendments.move(amendment, "approve", actor=people["approving_official"])


def test_agent_is_added_and_the_signed_form_stays(people: People) -> None:
    request = factories.approved(people)
    agent = people["agent"]
    row = {"person": agent.public_id, "name": agent.name, "may_upload": True}
    amendment = amended(people, request, agents=[row])
    assert not request.agents.exists()
    approve(people, amendment)
    assert [(one.person, one.may_upload) for one in request.agents.all()] == [(agent, True)]
    assert signed_in(agent).get(reverse("request", args=[request.number])).status_code == 200
    assert request.signed_forms.get().agents == []


def test_later_day_of_destruction_moves_the_duty(people: People) -> None:
    request, package = factories.with_package(people, State.IN_USE)
    signed = form.read(request).destruction_on
    later = timezone.localdate() + timedelta(days=700)
    approve(people, amended(people, request, destruction_on=later.isoformat()))
    request.refresh_from_db()
    package.destruction.refresh_from_db()
    assert (package.destruction.due_on, form.read(request).destruction_on) == (later, later)
    assert request.sections.get(name="disposition").data["destruction_on"] == signed.isoformat()


@pytest.mark.parametrize("kind", list(Kind))
def test_added_quarters_become_an_approved_request_of_their_own(kind: Kind, people: People) -> None:
    request = factories.approved(people, kind, quarters=[20161, 20162])
    child = approve(people, amended(people, request, quarters=[20163])).child
    assert child is not None
    assert child.status is (State.BUILDING if kind is Kind.MACRO else State.APPROVED)
    assert (form.read(child).states, form.read(child).quarters) == (("10", "44"), (20163,))
    assert form.read(request).quarters == (20161, 20162)
    assert Job.objects.filter(request=child, kind="build_tables" if kind is Kind.MACRO else "make_cohort_key").exists()
    assert child.signed_forms.get().signed_by == people["coordinator"]
    page = signed_in(people["coordinator"]).get(reverse("request", args=[child.number])).content.decode()
    assert f"amendment 1 of {request.number}" in page


PROBLEMS: list[tuple[dict[str, Any], str]] = [
    ({}, "Nothing is added or extended"),
    ({"quarters": [20163], "states": ["50"]}, "not both"),
    ({"quarters": [19991]}, "has no wage records for 1999 Q1"),
    ({"states": ["50"]}, "Vermont"),
    ({"destruction_on": "2020-01-01"}, "must lie in the future"),
]


@pytest.mark.parametrize(("changes", "words"), PROBLEMS)
def test_amendment_that_cannot_be_is_refused_in_words(changes: dict[str, Any], words: str, people: People) -> None:
    with pytest.raises(Denied, match=words):
        amended(people, factories.approved(people), **changes)
    assert Event.objects.filter(kind="amendment.submit", outcome="refused").exists()


STATES = [state.value for state in AmendmentState]


@pytest.mark.parametrize("state", STATES)
def test_every_move_from_every_state_by_everybody(state: str, people: People) -> None:
    """Only the table's moves, by the table's roles; anybody else and any other state is refused."""
    request, now = factories.approved(people), timezone.now()
    changes = {"destruction_on": (timezone.localdate() + timedelta(days=700)).isoformat()}
    coordinator = people["coordinator"]
    facts = {"changes": changes, "drafted_at": now, "drafted_by": coordinator}
    allowed = {(move.name, move.role.value) for move in MOVES if state in move.sources}
    for number, (name, key) in enumerate(((name, key) for name in BY_NAME for key in people), 1):
        made = Amendment.objects.create(
            request=request, number=number, reason="R", state=state, submitted_at=now, submitted_by=coordinator, **facts
        )
        try:
            amendments.move(made, name, actor=people[key], reason="Because.")
        except (Denied, Conflict):
            assert (name, key) not in allowed
        else:
            assert (name, key) in allowed
            assert made.__class__.objects.get(pk=made.pk).state == BY_NAME[name].target


def test_amendment_in_the_browser_from_asking_to_the_decision(people: People) -> None:
    request = factories.approved(people)
    coordinator, official = signed_in(people["coordinator"]), signed_in(people["approving_official"])
    asked = coordinator.post(reverse("add_amendment", args=[request.number]), {"reason": "More", "quarters": ["20163"]})
    page = reverse("amendment", args=[request.number, 1])
    assert asked["Location"] == page
    assert official.get(page).status_code == 404  # not signed yet
    assert coordinator.post(page, {"move": "submit"}).status_code == 302
    assert page in official.get(reverse("home")).content.decode()
    assert coordinator.post(page, {"move": "approve"}).status_code == 403
    refused = official.post(page, {"move": "deny"})
    assert (refused.status_code, "needs a reason" in refused.content.decode()) == (403, True)
    assert official.post(page, {"move": "deny", "reason": "Too many."}).status_code == 302
    assert "Too many." in coordinator.get(page).content.decode()
    assert Notice.objects.filter(person=people["coordinator"], text__contains="Deny the amendment").exists()


def test_stale_second_factor_signs_nothing(people: People) -> None:
    request = factories.approved(people)
    made = amendments.draft_amendment(request, actor=people["coordinator"], changes={}, reason="R")
    client = signed_in(people["coordinator"], minutes_ago=30)
    answer = client.post(reverse("amendment", args=[request.number, made.number]), {"move": "submit"})
    assert "reauthenticate" in answer["Location"]
    made.refresh_from_db()
    assert made.status is AmendmentState.DRAFTED


def test_unused_approval_expires_once_and_not_before(people: People) -> None:
    request = factories.approved(people)
    Job.objects.filter(request=request).update(state="done")
    after = request.state_since + settings.APPROVAL_EXPIRES_AFTER
    assert expiry.expire_unused(after - timedelta(seconds=1)) == 0
    with factories.behind_the_triggers():
        DataRequest.objects.filter(pk=request.pk).update(
            state_since=timezone.now() - settings.APPROVAL_EXPIRES_AFTER - timedelta(days=1)
        )
    assert expiry.expire_unused(timezone.now()) == 1
    assert expiry.expire_unused(timezone.now()) == 0
    request.refresh_from_db()
    assert request.status is State.EXPIRED
    assert Notice.objects.filter(person=people["coordinator"], text__contains="Expired unused").count() == 1
