"""The form in the browser: every section saves whatever is possible, two people do not overwrite each other."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from disclosure.core.tabulation.design import TableDesign
from requests_app import form, form_needs
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Event, Mou, Person, SignedForm
from requests_app.selectors.life.answers import answers_of_section
from requests_app.services.life import requests as service
from requests_app.services.life import workflow
from requests_app.services.life.requests import StaleSection
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
    "project": {"title": "Nurses who moved"},
    "purpose": {
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
    "linkage": {"links": "yes", "linked_data": "The licence register."},
    "outputs": {"outputs_planned": "A report."},
    "security": {"kept_where": "An encrypted server."},
    "disposition": {
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
    assert form_needs.missing(request, timezone.localdate()) == {}
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
    assert "project" in form_needs.missing(request, timezone.localdate())
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
        "ownerships": [],
        "followed_from": 0,
        "time": "quarter",
        "after": [],
        "measures": ["jobs", "wages"],
    }


def test_price_index_and_pooled_quarters_are_saved_or_refused_beside_their_question(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    priced = TYPED["tables"] | {"prices": "20164=241.4, 20161=237.1"}
    assert send(coordinator, request, "tables", priced).status_code == 302
    request.refresh_from_db()
    assert form.read(request).design["prices"] == ["20164=241.4", "20161=237.1"]
    shown = coordinator.get(reverse("form_section", args=[request.number, "tables"])).context["form"]
    assert shown["prices"].value() == "20164=241.4, 20161=237.1"
    both = send(coordinator, request, "tables", priced | {"time": "year"})
    assert list(both.context["form"].errors) == ["prices"]
    assert "calendar quarters" in str(both.context["form"].errors["prices"])


def test_regions_are_saved_summarized_and_refused_beside_their_question(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    typed = TYPED["tables"] | {"dimensions": ["area"], "area_level": "region"}
    both = send(coordinator, request, "tables", typed | {"regions": "Bay: 44001\nSouth: 44001"})
    assert list(both.context["form"].errors) == ["regions"]
    assert (
        send(coordinator, request, "tables", typed | {"regions": "Bay: 44001, 44005\n\nSouth: 44009"}).status_code
        == 302
    )
    request.refresh_from_db()
    design = form.read(request).design
    assert design["regions"] == ["Bay=44001,44005", "South=44009"]
    shown = coordinator.get(reverse("form_section", args=[request.number, "tables"])).context["form"]
    assert shown["regions"].value() == "Bay: 44001, 44005\nSouth: 44009"
    words = {one.key: one.value or one.lines for one in answers_of_section("tables", {"design": design})}
    assert words["Regions"] == ["Bay: 44001, 44005", "South: 44009"]


FOLLOWED = {
    "source": "wage_records", "dimensions": ["state", "tenure"], "industries": "44-45", "ownerships": ["5", "3"],
    "followed_from": "20161", "time": "since", "after": "4, 2 2;8", "measures": ["employed_share", "median_earnings"],
}  # fmt: skip


def test_people_followed_are_saved_shown_again_and_summarized(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    send(coordinator, request, "scope", TYPED["scope"])
    assert send(coordinator, request, "tables", FOLLOWED).status_code == 302
    request.refresh_from_db()
    design = TableDesign.from_dict(form.read(request).design)
    assert (design.followed_from, design.time, design.after) == (20161, "since", (2, 4, 8))
    assert (design.ownerships, design.of_people) == (("5", "3"), True)
    shown = coordinator.get(reverse("form_section", args=[request.number, "tables"])).context["form"]
    for _ in range(2):  # sent as it is shown, nothing changes
        typed = {name: shown[name].value() for name in shown.fields if name != "seen_version"}
        assert send(coordinator, request, "tables", typed, version=1).status_code == 302
        request.refresh_from_db()
        assert TableDesign.from_dict(form.read(request).design) == design
    words = {one.key: one.value or one.lines for one in answers_of_section("tables", {"design": design.as_dict()})}
    assert words["People found in"] == "2016 Q1"
    assert words["Only these owners"] == ["Private", "Local government"]
    assert words["Only these quarters after the reference quarter"] == "2, 4, 8"


def test_quarter_in_which_people_are_found_must_be_asked_for(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MACRO])
    send(coordinator, request, "tables", FOLLOWED)
    send(coordinator, request, "scope", {"states": ["44"], "quarters": ["20162"]})
    request.refresh_from_db()
    assert "among the quarters you ask for" in form_needs.missing(request, timezone.localdate())["tables"][0].sentence


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
    ("disposition", {"destruction_on_month": "2", "destruction_on_day": "30", "destruction_on_year": str(YEAR)}),
    ("tables", {"dimensions": ["area"], "industries": "retail"}),
    ("tables", {"source": "establishments", "dimensions": ["area"], "measures": ["jobs"]}),
    ("tables", FOLLOWED | {"followed_from": ""}),  # people's outcomes of nobody followed
    ("tables", FOLLOWED | {"time": "quarter"}),  # quarters after the reference, of calendar quarters
    ("tables", FOLLOWED | {"after": "two"}),
    ("tables", FOLLOWED | {"after": "999"}),
    ("tables", FOLLOWED | {"ownerships": ["4"]}),
    ("tables", FOLLOWED | {"source": "establishments"}),
    ("tables", {"source": "wage_records", "dimensions": ["tenure"], "measures": ["jobs"]}),
    ("tables", {"source": "wage_records", "dimensions": ["area"], "measures": ["jobs", "moves"]}),
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
        send(coordinator, request, "package", PACKAGE[Kind.MICRO if section == "disposition" else Kind.MACRO])
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
    found = form_needs.missing(request, timezone.localdate())["cohorts"]
    assert form_needs.Need("Choose the reference quarter of “Nurses”.", "quarter_0") in found


def test_form_social_security_number_in_text_is_refused_and_not_repeated(coordinator: Client) -> None:
    request = start(coordinator)
    number = "-".join(["900", "45", "1" * 4])
    response = send(coordinator, request, "purpose", {"questions": f"What of {number}?"})
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


def typing(client: Client, request: DataRequest, section: str, typed: dict[str, Any]) -> Any:
    """What the page sends while somebody types."""
    address = reverse("form_section", args=[request.number, section])
    return client.post(address, typed, headers={"WR-While-Typing": "yes"}).json()


def opened(client: Client, request: DataRequest, section: str) -> dict[str, Any]:
    """The page's fields as they are shown."""
    shown = client.get(reverse("form_section", args=[request.number, section])).context["form"]
    return {name: "" if (value := shown[name].value()) is None else value for name in shown.fields}


def test_two_people_typing_different_answers_lose_nothing(coordinator: Client, people: dict[str, Person]) -> None:
    request, other = start(coordinator), signed_in(people["coordinator"])
    mine, theirs = opened(coordinator, request, "purpose"), opened(other, request, "purpose")
    for number in range(3):
        assert "clash" not in typing(coordinator, request, "purpose", mine | {"need": f"Mine {number}"})
        assert "clash" not in typing(other, request, "purpose", theirs | {"questions": f"Theirs {number}"})
    kept = request.sections.get().data
    assert (kept["need"], kept["questions"]) == ("Mine 2", "Theirs 2")
    assert "clash" not in typing(coordinator, request, "purpose", mine | {"need": ""})  # taken back again
    assert request.sections.get().data["need"] == ""


def test_save_held_up_on_its_way_does_not_undo_a_later_one(coordinator: Client) -> None:
    """A page saves while somebody types and by its button; the server may get to them the other way round."""
    request = start(coordinator)
    page = opened(coordinator, request, "purpose")
    later = page | {"need": "All of it", "questions": "Both", "turn": 2}
    assert send(coordinator, request, "purpose", later, version=page["seen_version"]).status_code == 302
    assert "clash" not in typing(coordinator, request, "purpose", page | {"need": "All of", "turn": 1})
    kept = request.sections.get()
    assert (kept.data["need"], kept.data["questions"], kept.version) == ("All of it", "Both", 1)
    assert "clash" not in typing(coordinator, request, "purpose", later | {"need": "Less", "turn": 3})
    assert request.sections.get().data["need"] == "Less"


def test_same_answer_typed_twice_is_a_clash_until_somebody_decides(
    coordinator: Client, people: dict[str, Person]
) -> None:
    request, other = start(coordinator), signed_in(people["coordinator"])
    mine, theirs = opened(coordinator, request, "purpose"), opened(other, request, "purpose")
    typing(other, request, "purpose", theirs | {"need": "Theirs", "questions": "Also theirs"})
    typed = mine | {"need": "Mine", "results_use": "A report"}
    assert typing(coordinator, request, "purpose", typed)["clash"]
    assert typing(coordinator, request, "purpose", typed)["clash"]  # said again, and still nothing overwritten
    kept = request.sections.get().data
    assert (kept["need"], kept["results_use"]) == ("Theirs", "A report")
    page = send(coordinator, request, "purpose", typed, version=mine["seen_version"])
    form = page.context["form"]
    assert page.status_code == 409
    assert (form["need"].value(), form["questions"].value()) == ("Mine", "Also theirs")
    chosen = {name: form[name].value() for name in form.fields}
    assert send(coordinator, request, "purpose", chosen, version=chosen["seen_version"]).status_code == 302
    kept = request.sections.get().data
    assert (kept["need"], kept["questions"], kept["results_use"]) == ("Mine", "Also theirs", "A report")


def test_clash_names_who_saved_elsewhere_not_who_typed_here(people: dict[str, Person]) -> None:
    request, rosa = factories.draft(people), people["coordinator"]
    theirs = service.save_section(request, "purpose", {"need": "Theirs"}, actor=rosa, seen_version=1, page="theirs")
    mine = {"need": "Mine", "results_use": "Also mine"}
    for _ in range(2):
        with pytest.raises(StaleSection) as told:
            service.save_section(request, "purpose", mine, actor=rosa, seen_version=1, page="mine")
        assert (told.value.clashes, told.value.other.page) == (["need"], "theirs")
        assert told.value.other.saved_at == theirs.saved_at
        assert told.value.current.data["results_use"] == "Also mine"


def test_mistake_in_one_answer_does_not_keep_the_others(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MICRO])
    date = {"destruction_on_month": "2", "destruction_on_day": "30", "destruction_on_year": str(YEAR)}
    said = typing(coordinator, request, "disposition", {"seen_version": 0, "destruction_method": "purge", **date})
    assert "Not saved: “Destroy the data by”" in said["words"]
    assert request.sections.get(name="disposition").data == {"destruction_on": "", "destruction_method": "purge"}


def test_section_says_what_is_still_needed_and_where(coordinator: Client) -> None:
    request = start(coordinator)
    address = reverse("form_section", args=[request.number, "purpose"])
    assert coordinator.get(address).context["needs"] == []  # nobody is blamed for a page just opened
    send(coordinator, request, "purpose", {"need": "No other source."})
    assert {need["href"] for need in coordinator.get(address).context["needs"]} == {
        "#id_activity", "#id_questions", "#id_results_use",
    }  # fmt: skip


def test_every_problem_before_signing_leads_to_its_question(coordinator: Client) -> None:
    request = start(coordinator)
    send(coordinator, request, "package", PACKAGE[Kind.MICRO])
    send(coordinator, request, "cohorts", {"name_0": "Nurses"})
    for problem in coordinator.get(reverse("form_check", args=[request.number])).context["problems"]:
        page, _, field = problem["href"].partition("#")
        assert field
        assert f'id="{field}"' in coordinator.get(page).content.decode(), problem


def test_state_without_agreement_leads_to_the_choice_of_states(coordinator: Client, people: dict[str, Person]) -> None:
    request = factories.draft(people, states=["10", "44"])
    factories.lapse(Mou.objects.filter(agency__fips="10"), ends_on=timezone.localdate() - timedelta(days=1))
    problems = coordinator.get(reverse("form_check", args=[request.number])).context["problems"]
    scope = reverse("form_section", args=[request.number, "scope"])
    assert {problem["href"] for problem in problems} == {f"{scope}#id_states"}


def test_signed_form_is_kept_as_it_was(coordinator: Client, people: dict[str, Person]) -> None:
    request = returned(people)
    service.save_section(request, "project", {"title": "Better"}, actor=people["coordinator"], seen_version=1)
    workflow.transition(request, "submit", actor=people["coordinator"])
    one, two = request.signed_forms.all()
    assert (one.answers["project"]["title"], two.answers["project"]["title"]) == ("Micro request", "Better")
    with pytest.raises(DatabaseError), transaction.atomic():
        SignedForm.objects.filter(pk=one.pk).update(answers={})


def test_versions_are_compared_side_by_side(coordinator: Client, people: dict[str, Person]) -> None:
    request = returned(people)
    service.save_section(request, "project", {"title": "Better"}, actor=people["coordinator"], seen_version=1)
    page = coordinator.get(reverse("form_versions", args=[request.number]))
    assert [version.key for version in page.context["versions"]] == ["1", "now"]
    differing = [row for section in page.context["sections"] for row in section.rows if row.differs]
    assert [(row.before.value, row.after.value) for row in differing] == [("Micro request", "Better")]
    of_bls = signed_in(people["program_analyst"]).get(reverse("form_versions", args=[request.number]))
    assert [version.key for version in of_bls.context["versions"]] == ["1"]  # what is being written is the state's


def returned(people: dict[str, Person]) -> DataRequest:
    request = factories.submitted(people)
    workflow.transition(request, "start_review", actor=people["program_analyst"])
    look_through(request, people["program_analyst"])
    return workflow.transition(request, "return_to_state", actor=people["program_analyst"], reason="Which?")


def test_form_is_a_paper_at_any_state(coordinator: Client, people: dict[str, Person]) -> None:
    draft = service.start_draft(actor=people["coordinator"])
    back = returned(people)
    for request, person, key in ((draft, "coordinator", "now"), (back, "coordinator", "now"), (back, "agent", None)):
        answer = signed_in(people[person]).get(reverse("form_pdf", args=[request.number]))
        if key is None:
            assert answer.status_code == 404  # an agent who is not named
            continue
        with pikepdf.open(BytesIO(answer.content)) as pdf:
            assert f"Request {request.number}" in str(pdf.open_metadata()["dc:title"])
        assert f"-form-{key}.pdf" in answer["Content-Disposition"]
    for_bls = signed_in(people["program_analyst"]).get(reverse("form_pdf", args=[back.number]))
    assert "-form-1.pdf" in for_bls["Content-Disposition"]


def test_new_request_starts_with_the_answers_of_an_earlier_one(coordinator: Client, people: dict[str, Person]) -> None:
    source = factories.draft(people)
    service.name_agent(source, people["agent"], actor=people["coordinator"], may_upload=True)
    answer = coordinator.post(reverse("clone_request", args=[source.number]))
    clone = DataRequest.objects.exclude(pk=source.pk).get()
    assert answer["Location"] == reverse("form", args=[clone.number])
    assert set(form_needs.missing(clone, timezone.localdate())) == {"certify"}
    assert [(row.person, row.may_upload) for row in clone.agents.all()] == [(people["agent"], True)]
    assert Event.objects.get(kind="request.clone").subject == source.number
    other = signed_in(people["coordinator_de"]).post(reverse("clone_request", args=[source.number]))
    assert other.status_code == 404


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
