"""The form in the browser: every section saves whatever is possible, two people do not overwrite each other."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from disclosure.core.tabulation.design import TableDesign
from requests_app import form
from requests_app.models import DataRequest, Event, Person
from requests_app.services.life import requests as service
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

YEAR = timezone.localdate().year + 1
PACKAGE = {
    Kind.MACRO: {"sends_people": "no"},
    Kind.MICRO_TO_MACRO: {"sends_people": "yes", "comes_back": "tables"},
    Kind.MICRO: {"sends_people": "yes", "comes_back": "records", "can_protect": "yes"},
}
TYPED: dict[str, dict[str, Any]] = {
    "project": {
        "title": "Nurses who moved",
        "activity": "regional_mobility",
        "questions": "Where do they work?",
        "need": "No other source.",
        "results_use": "A report.",
    },
    "scope": {"states": ["10", "44"], "quarters": ["20161", "20162"]},
    "cohorts": {
        "name_0": "Class of 2015",
        "quarter_0": "20161",
        "name_1": "",
        "quarter_1": "",
        "cohort_source": "The licence register.",
        "authority": "State code 12-3.",
        "expected_size": "1200",
    },
    "tables": {
        "source": "wage_records",
        "dimensions": ["area", "industry"],
        "area_level": "county",
        "industry_level": "3",
        "industries": "44-45, 6216",
        "measures": ["jobs", "wages"],
    },
    "security": {
        "kept_where": "An encrypted server.",
        "destruction_on_month": "6",
        "destruction_on_day": "30",
        "destruction_on_year": str(YEAR),
        "destruction_method": "purge",
    },
    "certify": {"certifications": list(form.CERTIFICATIONS)},
}


@pytest.fixture
def coordinator(people: dict[str, Person]) -> Client:
    return signed_in(people["coordinator"])


def start(client: Client) -> DataRequest:
    client.post(reverse("start_request"))
    return DataRequest.objects.get()


def send(client: Client, request: DataRequest, section: str, typed: dict[str, Any], version: int = 0) -> Any:
    address = reverse("form_section", args=[request.number, section])
    return client.post(address, {**typed, "seen_version": version})


@pytest.mark.parametrize("kind", list(Kind))
def test_form_every_section_saved_leaves_nothing_missing(kind: Kind, coordinator: Client) -> None:
    request = start(coordinator)
    assert send(coordinator, request, "package", PACKAGE[kind]).status_code == 302
    request.refresh_from_db()
    assert request.kind == kind
    for section in set(form.sections_of(kind)) & set(TYPED):
        response = send(coordinator, request, section, TYPED[section])
        assert response.status_code == 302, (section, response.context["form"].errors)
    request.refresh_from_db()
    assert form.missing(request, timezone.localdate()) == {}
    check = coordinator.get(reverse("form_check", args=[request.number]))
    assert check.context["problems"] == []
    assert check.context["ready"]


@pytest.mark.parametrize("kind", list(Kind))
def test_form_empty_sections_are_saved_too(kind: Kind, coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[kind])
    request.refresh_from_db()
    for section in set(form.sections_of(kind)) & set(TYPED):
        assert send(coordinator, request, section, {}).status_code == 302, section
    assert "project" in form.missing(request, timezone.localdate())
    assert coordinator.get(reverse("form", args=[request.number])).status_code == 200


def test_form_design_is_stored_as_the_tabulator_reads_it(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    send(coordinator, request, "tables", TYPED["tables"])
    request.refresh_from_db()
    assert form.read(request).design == {
        "source": "wage_records",
        "dimensions": ["area", "industry"],
        "area_level": "county",
        "industry_level": 3,
        "industries": ["44-45", "6216"],
        "measures": ["jobs", "wages"],
    }


def test_layout_of_qcew_needs_nothing_else(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    send(coordinator, request, "tables", {"layout": "qcew", "source": "wage_records", "measures": ["jobs"]})
    request.refresh_from_db()
    design = TableDesign.from_dict(form.read(request).design)
    assert (design.layout, design.source) == ("qcew", "establishments")
    page = coordinator.get(reverse("form_section", args=[request.number, "tables"])).content.decode()
    assert re.search(r'value="qcew"[^>]*checked', page)


IMPOSSIBLE = [
    ("security", {"destruction_on_month": "2", "destruction_on_day": "30", "destruction_on_year": str(YEAR)}),
    ("tables", {"dimensions": ["area"], "industries": "retail"}),
    ("tables", {"source": "establishments", "dimensions": ["area"], "measures": ["jobs"]}),
    ("package", {"sends_people": "yes", "comes_back": "records", "can_protect": "no"}),
    ("scope", {"states": ["99"]}),
    ("project", {"title": "x" * 201}),
]


@pytest.mark.parametrize(("section", "typed"), IMPOSSIBLE)
def test_form_impossible_value_is_said_and_nothing_lost(
    section: str, typed: dict[str, Any], coordinator: Client
) -> None:
    request = start(coordinator)
    if section != "package":
        send(coordinator, request, "package", PACKAGE[Kind.MICRO if section == "security" else Kind.MACRO])
    response = send(coordinator, request, section, {**typed, "kept_where": "Here", "need": "Kept"})
    assert response.status_code == 400
    assert "There is a problem" in response.content.decode()
    assert not request.sections.filter(name=section).exists()


def test_form_two_cohorts_of_one_name_are_refused(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MICRO])
    response = send(coordinator, request, "cohorts", {"name_0": "Nurses", "name_1": "nurses"})
    assert response.status_code == 400
    assert "Another cohort has this name" in response.content.decode()


def test_form_cohort_without_quarter_is_saved_and_asked_for(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MICRO])
    assert send(coordinator, request, "cohorts", {"name_0": "Nurses"}).status_code == 302
    request.refresh_from_db()
    assert "Choose the reference quarter of “Nurses”." in form.missing(request, timezone.localdate())["cohorts"]


def test_form_social_security_number_in_text_is_refused_and_not_repeated(coordinator: Client) -> None:
    request = start(coordinator)
    number = "-".join(["900", "45", "1" * 4])
    response = send(coordinator, request, "project", {"questions": f"What of {number}?"})
    assert response.status_code == 400
    assert all(number not in error for errors in response.context["form"].errors.values() for error in errors)


def test_form_clash_shows_both_versions_and_keeps_what_was_typed(
    coordinator: Client, people: dict[str, Person]
) -> None:
    request = start(coordinator)
    service.save_section(request, "project", {"title": "Theirs"}, actor=people["coordinator"], seen_version=0)
    response = send(coordinator, request, "project", {"title": "Mine"}, version=0)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Rosa Almeida saved this section" in page
    assert "Theirs" in page
    assert 'value="Mine"' in page
    assert request.sections.get().data["title"] == "Theirs"
    assert send(coordinator, request, "project", {"title": "Mine"}, version=1).status_code == 302
    assert request.sections.get().data["title"] == "Mine"


def test_form_agent_is_named_and_removed(coordinator: Client, people: dict[str, Person]) -> None:
    request = factories.draft(people)
    page = reverse("form_people", args=[request.number])
    coordinator.post(page, {"person": people["agent"].pk, "may_upload": "on"})
    row = request.agents.get()
    assert (row.person, row.may_upload) == (people["agent"], True)
    assert signed_in(people["agent"]).get(reverse("request", args=[request.number])).status_code == 200
    coordinator.post(reverse("remove_agent", args=[request.number]), {"agent": people["agent"].email})
    assert signed_in(people["agent"]).get(reverse("request", args=[request.number])).status_code == 404


def test_sign_typed_name_submits(coordinator: Client, people: dict[str, Person]) -> None:
    request = factories.draft(people)
    page = reverse("form_sign", args=[request.number])
    shown = coordinator.get(page).context["form"].initial["form_sha256"]
    wrong = coordinator.post(page, {"signed_name": "Somebody Else", "form_sha256": shown})
    assert wrong.status_code == 400
    coordinator.post(page, {"signed_name": "rosa  almeida", "form_sha256": shown})
    request.refresh_from_db()
    assert request.status is State.SUBMITTED
    assert Event.objects.get(kind="request.submit").detail["form_sha256"] == shown


def test_sign_form_changed_meanwhile_is_not_submitted(coordinator: Client, people: dict[str, Person]) -> None:
    request = factories.draft(people)
    page = reverse("form_sign", args=[request.number])
    shown = coordinator.get(page).context["form"].initial["form_sha256"]
    service.save_section(request, "project", {"title": "Other"}, actor=people["coordinator"], seen_version=1)
    response = coordinator.post(page, {"signed_name": "Rosa Almeida", "form_sha256": shown})
    assert response.status_code in {302, 403}
    request.refresh_from_db()
    assert request.status is State.DRAFT


def test_sign_incomplete_form_says_what_is_missing(coordinator: Client) -> None:
    request = start(coordinator)
    check = coordinator.get(reverse("form_check", args=[request.number])).content.decode()
    assert "Give the project a title." in check
    assert reverse("form_section", args=[request.number, "project"]) in check
    assert coordinator.get(reverse("form_sign", args=[request.number])).status_code == 403
