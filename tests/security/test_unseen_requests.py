"""Every page of a request, those made later too, is not there for people who do not see it, and changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from matching.cohort_models import CohortKey
from requests_app import keys
from requests_app.models import DataRequest, Event, Package, PartnerReview, Person
from requests_app.models.files import FileKind
from requests_app.models.ids import new_ulid
from requests_app.services import files, packages
from requests_app.states import Kind, State
from tests import factories
from tests.pages import hold_quarters, signed_in

UNSEEN = [
    "coordinator_de", "output_reviewer", "output_reviewer_ri", "agent", "administrator", "data_steward", "auditor",
]  # fmt: skip
STATES = [State.DRAFT, State.AWAITING_COHORT, State.DISCLOSURE_REVIEW, State.RELEASED, State.DESTRUCTION_DUE]


def patterns(found: list[Any] | None = None) -> Iterator[URLPattern]:
    for one in get_resolver().url_patterns if found is None else found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


OF_A_REQUEST = sorted(
    str(one.name) for one in patterns() if "number" in one.pattern.converters or "review_id" in one.pattern.converters
)


def test_pages_are_found_where_there_are_any() -> None:
    assert {"request", "package_download", "cohort_file", "workbench", "partner_review", "step"} <= set(OF_A_REQUEST)


@pytest.fixture
def request_(people: dict[str, Person], tmp_path: Any, settings: Any) -> DataRequest:
    """A request with everything a page could show: cohort key, package, and a review that asks no state here."""
    settings.VAULT_ROOT = tmp_path
    hold_quarters()
    request = factories.draft(people, Kind.MICRO_TO_MACRO)
    CohortKey.objects.create(request=request, public_pem=keys.new_pair(2048)[0], made_at=timezone.now())

    def sealed(kind: FileKind) -> Any:
        return files.seal_bytes(b"[]", request, kind)

    built = packages.Built("0" * 64, sealed(FileKind.PACKAGE), ["44"], ["44"], tables=sealed(FileKind.TABLES))
    package = packages.keep_package(request, built)
    bls, now = people["program_analyst"].agency, timezone.now()
    PartnerReview.objects.create(
        package=package, package_sha256="0" * 64, agency=bls, due_on=timezone.localdate(), asked_at=now
    )
    return request


def addresses(request: DataRequest) -> dict[str, str]:
    given = {
        "number": request.number,
        "package_id": Package.objects.get().pk,
        "review_id": PartnerReview.objects.get().pk,
        "suspension_id": new_ulid(),
        "section": "project",
        "transition": "withdraw",
        "cohort_number": 1,
        "quarter": 20161,
    }
    known = {str(one.name): one.pattern.converters for one in patterns()}
    return {name: reverse(name, kwargs={key: given[key] for key in known[name]}) for name in OF_A_REQUEST}


def answers(client: Client, request: DataRequest) -> dict[str, int]:
    """What is answered to looking and to sending, except where the method itself is not allowed."""
    found = {}
    for name, address in addresses(request).items():
        for method in (client.get, client.post):
            response = method(address)
            if response.status_code != 405:
                found[f"{method.__name__} {name}"] = response.status_code
    return found


@pytest.mark.parametrize("state", STATES)
def test_page_is_not_there_for_people_who_do_not_see_the_request(
    state: State, people: dict[str, Person], request_: DataRequest
) -> None:
    factories.place(request_, state)
    before = Event.objects.count()
    for key in UNSEEN:
        found = answers(signed_in(people[key]), request_)
        reads_record = {"get record": 200} if key == "auditor" and state is not State.DRAFT else {}
        assert found == dict.fromkeys(found, 404) | reads_record, key
        assert len(found) >= len(OF_A_REQUEST)
    assert Event.objects.count() == before


@pytest.mark.parametrize("key", ["coordinator", "program_analyst"])
def test_page_is_not_there_once_the_role_has_ended(key: str, people: dict[str, Person], request_: DataRequest) -> None:
    factories.place(request_, State.AWAITING_COHORT)
    people[key].memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    found = answers(signed_in(people[key]), request_)
    assert found == dict.fromkeys(found, 404)


@pytest.mark.parametrize("key", [None, "coordinator"])
def test_page_asks_to_sign_in_whoever_is_nobody_or_no_longer_active(
    key: str | None, people: dict[str, Person], request_: DataRequest
) -> None:
    client = signed_in(people[key]) if key else Client()
    Person.objects.filter(pk=people["coordinator"].pk).update(is_active=False)
    found = answers(client, request_)
    assert found == dict.fromkeys(found, 302)
    assert client.get(addresses(request_)["request"])["Location"].startswith("/accounts/login/")


def test_reviewing_state_does_not_learn_the_cohorts_of_another(
    people: dict[str, Person], request_: DataRequest
) -> None:
    PartnerReview.objects.update(agency=people["output_reviewer"].agency)
    factories.place(request_, State.PARTNER_REVIEW)
    client, pages = signed_in(people["output_reviewer"]), addresses(request_)
    hub = client.get(pages["request"])
    assert hub.status_code == 200
    assert "Trainees" not in hub.content.decode()
    assert {client.get(pages[name]).status_code for name in ("cohort_grid", "cohort_file")} == {404}
    assert signed_in(people["coordinator"]).get(pages["cohort_grid"]).status_code == 200
