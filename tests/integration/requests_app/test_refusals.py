"""What is refused although the state would allow it: suspended requests, packages built again; and as events."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app import policies
from requests_app.models import DataRequest, Event, Package, PartnerReview, Person
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.selectors.life.home import home
from requests_app.services.life import requests, workflow
from requests_app.services.packages import files, packages
from requests_app.services.reviews import answers
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]
SHA256 = "0" * 64


@pytest.fixture
def reviewed(people: People, tmp_path: Any, settings: Any) -> PartnerReview:
    """A package in partner review that Delaware is asked about."""
    settings.VAULT_ROOT = tmp_path
    request = factories.draft(people, Kind.MACRO)
    review = asked(package_of(request), people)
    factories.place(request, State.PARTNER_REVIEW)
    return PartnerReview.objects.get(pk=review.pk)


def package_of(request: DataRequest) -> Package:
    def sealed(kind: FileKind) -> Any:
        return files.seal_bytes(b"[]", request, kind)

    built = packages.Built(SHA256, sealed(FileKind.PACKAGE), ["10", "44"], ["10"], tables=sealed(FileKind.TABLES))
    return packages.keep_package(request, built)


def asked(package: Package, people: People) -> PartnerReview:
    return PartnerReview.objects.create(
        package=package,
        package_sha256=SHA256,
        agency=people["output_reviewer"].agency,
        due_on=timezone.localdate(),
        asked_at=timezone.now(),
    )


def answer(review: PartnerReview, people: People, verdict: str = "no_objection", **more: Any) -> PartnerReview:
    return answers.answer(review, actor=people["output_reviewer"], verdict=verdict, package_sha256=SHA256, **more)


def test_review_of_a_package_built_again_is_over(reviewed: PartnerReview, people: People) -> None:
    newer = package_of(reviewed.package.request)  # the same bytes, another package
    with pytest.raises(Denied, match="built again"):
        answer(reviewed, people)
    earlier_tables = reviewed.package.tables
    assert earlier_tables is not None
    with pytest.raises(Denied):
        policies.check_open_tables(people["output_reviewer"], earlier_tables)
    assert home(people["output_reviewer"]).waits_for_me == []
    assert answer(asked(newer, people), people).verdict == "no_objection"


def test_answer_stays_as_it_was_given(reviewed: PartnerReview, people: People) -> None:
    from django.db import transaction
    from django.db.utils import ProgrammingError

    answer(reviewed, people, "objection", reason="Too fine.")
    with pytest.raises(ProgrammingError, match="kept as it is"), transaction.atomic():
        PartnerReview.objects.update(verdict="no_objection")
    with pytest.raises(ProgrammingError, match="kept as it is"), transaction.atomic():
        Package.objects.update(sha256="1" * 64)


@pytest.mark.parametrize("verdict", ["", "objection"])
def test_package_a_state_did_not_agree_to_is_not_released(
    reviewed: PartnerReview, people: People, verdict: str
) -> None:
    package, now = reviewed.package, timezone.now()
    package.sign_offs.create(package_sha256=SHA256, person=people["disclosure_analyst"], signed_at=now)
    if verdict:
        answer(reviewed, people, verdict, reason="No.")
    request = DataRequest.objects.get()
    factories.place(request, State.READY_FOR_RELEASE)
    with pytest.raises(Denied, match="Delaware has not agreed"):
        workflow.transition(request, "release", actor=people["release_officer"])


ATTEMPTS: dict[str, Callable[[PartnerReview, People], object]] = {
    "answer": lambda review, people: answer(review, people),
    "sign_off": lambda review, people: packages.sign_off(
        review.package.request, actor=people["disclosure_analyst"], package_sha256=SHA256
    ),
    "step": lambda review, people: workflow.transition(
        review.package.request, "refuse_release", actor=people["approving_official"], reason="No."
    ),
}


@pytest.mark.parametrize("attempt", list(ATTEMPTS))
def test_nothing_is_decided_while_suspended(reviewed: PartnerReview, people: People, attempt: str) -> None:
    DataRequest.objects.update(suspended_reason="An incident was reported.")
    review = PartnerReview.objects.get()
    with pytest.raises(Denied, match="An incident was reported"):
        ATTEMPTS[attempt](review, people)
    assert PartnerReview.objects.get().verdict == ""


def test_form_is_not_changed_while_suspended(people: People) -> None:
    request = factories.draft(people)
    DataRequest.objects.update(suspended_reason="An incident was reported.")
    with pytest.raises(Denied, match="An incident was reported"):
        requests.save_section(request, "project", {"title": "x"}, actor=people["coordinator"], seen_version=1)
    with pytest.raises(Denied, match="An incident was reported"):
        requests.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=True)


def test_agent_is_not_named_after_the_form_was_signed(people: People) -> None:
    seen_before = factories.draft(people)
    workflow.transition(seen_before, "submit", actor=people["coordinator"])
    with pytest.raises(Denied, match="fixed once it is submitted"):
        requests.name_agent(seen_before, people["agent"], actor=people["coordinator"], may_upload=True)


def test_refused_attempt_at_a_page_is_an_event_once(people: People) -> None:
    request = factories.submitted(people)
    officer = people["release_officer"]
    client = signed_in(officer)
    client.post(reverse("review", args=[request.number]), {"enough_data": "yes", "reason": "x"})
    client.post(reverse("step", args=[request.number, "start_review"]), {"reason": "x"})
    client.get(reverse("destruction", args=[request.number]))
    refused = Event.objects.filter(outcome="refused", actor_id=officer.pk).order_by("seq")
    assert [(event.kind, event.subject, event.request_number) for event in refused] == [
        ("attempt.refused", "review", request.number),
        ("attempt.refused", "step", request.number),
        ("attempt.refused", "destruction", request.number),
    ]
    with pytest.raises(Denied):
        workflow.transition(request, "start_review", actor=officer)
    assert refused.all().count() == 4


def test_step_about_a_package_built_again_meanwhile_changes_nothing(reviewed: PartnerReview, people: People) -> None:
    request = reviewed.package.request
    client, address = signed_in(people["approving_official"]), reverse("step", args=[request.number, "refuse_release"])
    seen = client.get(address).context["form"].initial["package_sha256"]
    assert seen == SHA256
    sealed = files.seal_bytes(b"new", request, FileKind.PACKAGE)
    packages.keep_package(request, packages.Built("1" * 64, sealed, ["10", "44"], ["10"]))
    client.post(address, {"reason": "Too fine.", "package_sha256": seen})
    request.refresh_from_db()
    assert request.status is State.PARTNER_REVIEW
    client.post(address, {"reason": "Too fine.", "package_sha256": "1" * 64})
    request.refresh_from_db()
    assert request.status is State.DENIED
    assert request.decisions.get(transition="refuse_release").facts == {"package_sha256": "1" * 64}
