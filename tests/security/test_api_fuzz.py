"""Calls of every shape the API's description allows, and of shapes it does not, against the live server as each role:
no server error, no answer that the description does not know."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import CHECKS, load_all_checks

from requests_app.api.schema import as_yaml
from requests_app.models import Person
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
    answer = case.call(base_url=f"{url}/", headers={"Authorization": f"Bearer {token}"})
    case.validate_response(answer, checks=AS_DESCRIBED)


def test_api_answers_every_role_as_described(world: dict[str, Person], live_server: LiveServer) -> None:
    """Each call is made by every role: to draw one costs more than to make it."""
    numbers = [factories.draft(world, Kind.MICRO).number, factories.approved(world, Kind.MICRO_TO_MACRO).number]
    tokens = [create_token(actor=world[role], name="fuzz", scopes=list(Scope))[1] for role in ROLES]
    schema = schemathesis.openapi.from_dict(yaml.safe_load(as_yaml()))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15

    def call(case: schemathesis.Case) -> None:
        for token in tokens:
            call_as_described(case, live_server.url, token)

    for operation in operations:
        fuzz(operation, numbers, call)


def fuzz(operation: Any, numbers: list[str], call: Callable[[schemathesis.Case], None]) -> None:
    """Calls of the operation, as described and otherwise, most of them about requests that are there."""

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
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = data.draw(st.sampled_from(numbers))
        call(case)

    calls()
