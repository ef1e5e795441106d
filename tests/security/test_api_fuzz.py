"""Calls of every shape the API's description allows, and of shapes it does not, against the live server as each role:
no server error, no answer that the description does not know."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
import yaml
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import CHECKS, load_all_checks

from requests_app.api.schema import as_yaml
from requests_app.models import Person
from requests_app.services.bls_review import desk, questions
from requests_app.services.life import workflow
from requests_app.services.life.requests import save_view
from requests_app.services.people import absences
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import Kind
from tests import factories
from tests.pages import hold_quarters

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
load_all_checks()
AS_DESCRIBED = CHECKS.get_by_names(NAMES)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
LONG = bool(os.environ.get("WR_LONG"))
EACH = 60 if LONG else 1
PARTS = 6 if LONG else 1
PATIENCE = 120  # seconds for one answer, on a machine that has much else to do
ROLES = [
    "coordinator", "agent", "output_reviewer", "program_analyst", "approving_official", "disclosure_analyst",
    "release_officer", "data_steward", "auditor", "administrator",
]  # fmt: skip


@pytest.fixture
def world(transactional_db: None, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> dict[str, Person]:
    """Everybody, something to ask for, and no limit on how often one calls."""
    monkeypatch.setattr(SimpleRateThrottle, "get_rate", lambda _self: None)
    hold_quarters()
    return people


def call_as_described(case: schemathesis.Case, url: str, token: str) -> None:
    """One call, and whether its answer is one the description knows."""
    if case.headers:
        case.headers.pop("Authorization", None)  # a made-up token would be all that is tried
    answer = case.call(base_url=f"{url}/", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
    case.validate_response(answer, checks=AS_DESCRIBED)


def named(world: dict[str, Person]) -> dict[str, list[Any]]:
    """By parameter, what is there to be called: requests that are drafted, reviewed and approved, and what hangs on
    them; the coordinator's and the analyst's own records."""
    coordinator, analyst = world["coordinator"], world["program_analyst"]
    reviewed = workflow.transition(factories.submitted(world), "start_review", actor=analyst)
    asked = questions.ask(reviewed, actor=analyst, text="Which licences?")
    finding = desk.raise_finding(reviewed, actor=analyst, section="scope", text="Why?", must_change=True)
    template = desk.keep_template(actor=analyst, title="Scope", text="Which quarters?")
    now, today = timezone.now(), timezone.localdate()
    away = [
        absences.announce(actor=one, starts_on=today, ends_on=today, stand_in=None) for one in (coordinator, analyst)
    ]
    view = save_view(coordinator, "requests", "Mine", "state=draft", now)
    drafted, approved = factories.draft(world, Kind.MICRO), factories.approved(world, Kind.MICRO_TO_MACRO)
    return {
        "number": [drafted.number, reviewed.number, approved.number],
        "question_id": [asked.pk],
        "finding_id": [finding.pk],
        "template_id": [template.pk],
        "absence_id": [one.pk for one in away],
        "view_id": [view.pk],
        "notice_id": list(coordinator.notices.values_list("pk", flat=True)[:3]),
    }


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_api_answers_every_role_as_described(part: int, world: dict[str, Person], live_server: LiveServer) -> None:
    """Each call is made by every role: to draw one costs more than to make it."""
    known = named(world)
    tokens = [create_token(actor=world[role], name="fuzz", scopes=list(Scope))[1] for role in ROLES]
    schema = schemathesis.openapi.from_dict(yaml.safe_load(as_yaml()))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 50

    def call(case: schemathesis.Case) -> None:
        for token in tokens:
            call_as_described(case, live_server.url, token)

    for operation in operations[part::PARTS]:
        fuzz(operation, known, call)


def fuzz(operation: Any, known: dict[str, list[Any]], call: Callable[[schemathesis.Case], None]) -> None:
    """Calls of the operation, as described and otherwise, most of them about what is there."""

    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        derandomize=not LONG,
        phases=[Phase.generate],
        suppress_health_check=QUIET,
    )
    @given(data=st.data())
    def calls(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(data.draw(st.sampled_from(MODES))))
        for name in known.keys() & (case.path_parameters or {}).keys():
            case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        call(case)

    calls()
