"""Who reaches which page: the right person 200, the unseen 404, the forbidden 403 with the reason."""

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from requests_app.models import DataRequest, PartnerReview, Person
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

PUBLIC = [
    "start",
    "formats",
    "check_file",
    "public_holdings",
    "components",
    "instructions",
    "current_partners",
    "questions",
    "privacy",
    "accessibility",
]
OF_A_REQUEST = [
    "request",
    "request_progress",
    "form",
    "form_check",
    "form_sign",
    "form_people",
    "review",
    "destruction",
]


def answer(person: Person, name: str, *args: str) -> int:
    return signed_in(person).get(reverse(name, args=args)).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_page_needs_no_sign_in(name: str, client: object) -> None:
    assert client.get(reverse(name)).status_code == 200  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_paperwork_statement_warns_until_it_is_complete(client: object, settings: Settings) -> None:
    page = client.get(reverse("instructions")).content.decode()  # type: ignore[attr-defined]
    assert "BLS must set PRA_NUMBER, PRA_EXPIRES_ON, PRA_BURDEN_MINUTES" in page
    settings.PRA_NUMBER, settings.PRA_EXPIRES_ON, settings.PRA_BURDEN_MINUTES = "1220-0000", "2029-06-30", "90"
    page = client.get(reverse("instructions")).content.decode()  # type: ignore[attr-defined]
    assert "BLS must set" not in page
    assert all(words in page for words in ("1220-0000", "30 June 2029", "90 minutes"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "request_list", "event_list"])
def test_page_for_people_asks_to_sign_in(name: str, client: object) -> None:
    response = client.get(reverse(name))  # type: ignore[attr-defined]
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ["home", "request_list"])
def test_home_and_list_answer_every_role(name: str, people: dict[str, Person]) -> None:
    factories.submitted(people)
    assert {key: answer(person, name) for key, person in people.items()} == dict.fromkeys(people, 200)


@pytest.mark.parametrize("key", ["coordinator_de", "output_reviewer", "agent", "administrator", "data_steward"])
def test_request_pages_are_not_there_for_the_unseen(key: str, people: dict[str, Person]) -> None:
    number, client = factories.submitted(people).number, signed_in(people[key])
    answers = {name: client.get(reverse(name, args=[number])).status_code for name in OF_A_REQUEST}
    assert answers == dict.fromkeys(OF_A_REQUEST, 404)


@pytest.mark.parametrize("key", ["program_analyst", "approving_official", "auditor"])
def test_draft_is_not_there_for_bls(key: str, people: dict[str, Person]) -> None:
    assert answer(people[key], "request", factories.draft(people).number) == 404


@pytest.mark.parametrize("kind", list(Kind))
def test_hub_answers_in_every_state(kind: Kind, people: dict[str, Person]) -> None:
    request = factories.draft(people, kind)
    address = reverse("request", args=[request.number])
    clients = {key: signed_in(people[key]) for key in ("coordinator", "program_analyst", "disclosure_analyst")}
    for state in State:
        factories.place(request, state)
        for key, client in clients.items():
            expected = 404 if state is State.DRAFT and key != "coordinator" else 200
            assert client.get(address).status_code == expected, (state, key)


@pytest.mark.parametrize("name", ["form", "form_check", "form_people", "form_sign"])
def test_form_pages_answer_the_coordinator(name: str, people: dict[str, Person]) -> None:
    assert answer(people["coordinator"], name, factories.draft(people).number) == 200


REFUSALS = [
    ("coordinator", "form", "The form is fixed once it is submitted"),
    ("program_analyst", "form", "Only the requesting agency&#x27;s Project Coordinators can change the form."),
    ("coordinator", "review", "This is for: Program Analyst, Approving Official, of this request."),
    ("coordinator", "destruction", "Say first that you have finished with the data."),
    ("program_analyst", "destruction", "This is for: Project Coordinator, of this request."),
]


@pytest.mark.parametrize(("key", "name", "reason"), REFUSALS)
def test_forbidden_page_says_why(key: str, name: str, reason: str, people: dict[str, Person]) -> None:
    number = factories.submitted(people).number
    response = signed_in(people[key]).get(reverse(name, args=[number]))
    assert response.status_code == 403
    assert reason in response.content.decode()


def test_events_are_the_auditors_alone(people: dict[str, Person]) -> None:
    answers = {key: answer(person, "event_list") for key, person in people.items()}
    assert answers.pop("auditor") == 200
    assert set(answers.values()) == {403}


def test_every_section_page_answers_for_its_kind(people: dict[str, Person]) -> None:
    from requests_app.form import sections_of

    for kind in Kind:
        request: DataRequest = factories.draft(people, kind)
        for section in set(sections_of(kind)) - {"people"}:
            assert answer(people["coordinator"], "form_section", request.number, section) == 200, (kind, section)
    assert answer(people["coordinator"], "form_section", request.number, "nothing") == 404


def test_reviewing_state_does_not_learn_the_cohorts_of_another(people: dict[str, Person]) -> None:
    request, package = factories.with_package(people, State.PARTNER_REVIEW)
    PartnerReview.objects.create(
        package=package,
        package_sha256=package.sha256,
        agency=people["output_reviewer"].agency,
        due_on=timezone.localdate(),
        asked_at=timezone.now(),
    )
    hub = reverse("request", args=[request.number])
    seen = {key: signed_in(people[key]).get(hub).content.decode() for key in ("coordinator", "output_reviewer")}
    assert request.number in seen["output_reviewer"]
    assert ["Trainees" in page for page in seen.values()] == [True, False]
