"""Reviews, outputs, destruction and incidents as people see them: axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from requests_app.models import Person
from requests_app.services.form import amendments
from requests_app.services.life import workflow
from requests_app.services.outputs import outputs
from requests_app.services.packages import destruction, incidents, packages
from requests_app.services.reviews import answers, consents, messages
from requests_app.states import State
from tests import factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.browser.test_request_pages import page_of
from tests.integration.disclosure.partner_review import also_asked, maine, under_review
from tests.integration.disclosure.review import answer_openings, work_off
from tests.integration.disclosure.test_outputs import SAID, TABLE, upload
from tests.integration.disclosure.test_partner_review import published
from tests.papers import pdf

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=f"No browser at {chromium_path()}."),
    pytest.mark.django_db(transaction=True),
]
People = dict[str, Person]
Address = tuple[str, str, str]  # name of the picture, key of the person, path


def of_reviews(people: People, patch: pytest.MonkeyPatch) -> list[Address]:
    """A second review after an objection, its list, BLS's page of it, the register and consents in advance."""
    request, package, review = under_review(people, patch)
    also_asked(package, maine())
    reviewer = people["output_reviewer"]
    consents.give(actor=reviewer, covers="output", ends_on=timezone.localdate() + timedelta(days=90))
    answers.answer(review, actor=reviewer, verdict="objection", reason="One employer can be recognized.",
                   package_sha256=package.sha256, cells=[published(review)])  # fmt: skip
    withdraw = reverse("withdraw_objection", args=[review.pk])
    request = work_off(
        workflow.transition(request, "withdraw_cells", actor=people["disclosure_analyst"], reason="As asked.")
    )
    again = request.packages.order_by("-version")[0]
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=again.sha256)
    request = workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    new = again.partner_reviews.get(agency=reviewer.agency)
    messages.write(new, actor=reviewer, text="Does Kent County rest on one employer?")
    care = reverse("review_care", args=[request.number, new.pk])
    other, _package, last = under_review(people, patch)
    answers.answer(last, actor=reviewer, verdict="objection", reason="All.", package_sha256=last.package_sha256)
    withdraw = reverse("withdraw_objection", args=[last.pk])
    return [
        ("review-again", "output_reviewer", reverse("partner_review", args=[new.pk])),
        ("review-list", "output_reviewer", reverse("review_list")),
        ("review-answered", "output_reviewer", reverse("partner_review", args=[review.pk])),
        ("review-withdraw", "output_reviewer", withdraw),
        ("review-consents", "output_reviewer", reverse("consent_list")),
        ("review-uses", "output_reviewer", reverse("uses_of_records")),
        ("review-care", "program_analyst", care),
        ("review-hub", "disclosure_analyst", reverse("request", args=[other.number])),
    ]


def of_outputs(people: People, patch: pytest.MonkeyPatch) -> list[Address]:
    """An output as its coordinator, BLS and a reviewing state see it."""
    answer_openings(patch)
    with transaction.atomic():
        request, _package = factories.with_package(people, State.IN_USE)
    coordinator = people["coordinator"]
    draft = outputs.start(request, actor=coordinator, **SAID)
    outputs.add_file(draft, actor=coordinator, upload=upload())
    output = outputs.start(request, actor=coordinator, **SAID)
    for content in (TABLE, pdf()):
        outputs.add_file(output, actor=coordinator, upload=upload(content))
    outputs.take(output, "submit", actor=coordinator)
    work_off(request)
    output = outputs.take(output, "pass", actor=people["disclosure_analyst"])
    table, paper = output.files.order_by("added_at")
    review = output.reviews.get()
    messages.write(review, actor=people["output_reviewer"], text="How many people are in Sussex?")
    here = reverse("output", args=[request.number, output.pk])
    return [
        ("output-list", "coordinator", reverse("output_list", args=[request.number])),
        ("output-draft", "coordinator", reverse("output", args=[request.number, draft.pk])),
        ("output-coordinator", "coordinator", here),
        ("output-bls", "disclosure_analyst", here),
        ("output-official", "approving_official", here),
        ("output-review", "output_reviewer", review.page),
        ("output-review-list", "output_reviewer", reverse("review_list")),
        ("output-review-care", "approving_official", reverse("review_care", args=[request.number, review.pk])),
        ("output-record", "auditor", reverse("record", args=[request.number])),
        ("absence", "output_reviewer", reverse("absence")),
        ("output-table", "output_reviewer", reverse("output_file", args=[table.pk])),
        ("output-paper", "output_reviewer", reverse("output_file", args=[paper.pk])),
    ]


def of_ends(people: People, _patch: pytest.MonkeyPatch) -> list[Address]:
    """Data to be destroyed, an amendment for more time, an incident, and the record."""
    with transaction.atomic():
        request, package = factories.with_package(people, State.IN_USE)
    coordinator, today = people["coordinator"], timezone.localdate()
    held = destruction.register(
        request, actor=coordinator, kind="linked", name="snap_wages", where="Our server.", linked_with="SNAP 2016.",
        made_on=today,
    )  # fmt: skip
    destruction.confirm(held.destruction, actor=coordinator, what="The table.", copies=1, backups="None.",
                        method="purge", destroyed_on=today, technique="shred 9.1")  # fmt: skip
    until = package.destruction.due_on + timedelta(days=90)
    amendments.draft_amendment(
        request, actor=coordinator, changes={"destruction_on": until.isoformat()}, reason="The study goes on."
    )
    with transaction.atomic():
        other, _package = factories.with_package(people, State.IN_USE)
    incident = incidents.report(actor=coordinator, what_is_known="A laptop is lost.", request=other)
    incidents.submit_report(incident, actor=coordinator, **dict.fromkeys(
        ("happened", "discovered", "data", "people", "contained", "corrected", "contact"), "Not known yet."
    ))  # fmt: skip
    incidents.add_entry(incident, actor=people["program_analyst"], kind="inspection", text="The room was locked.")
    return [
        ("held-data", "coordinator", reverse("held_data", args=[request.number])),
        ("held-hub", "coordinator", reverse("request", args=[request.number])),
        ("incident", "coordinator", reverse("incident", args=[incident.pk])),
        ("incident-report", "coordinator", reverse("incident_report", args=[incident.pk])),
        ("incident-add", "program_analyst", reverse("incident_add", args=[incident.pk])),
        ("incident-tell", "program_analyst", reverse("incident_tell", args=[incident.pk])),
        ("incident-start", "coordinator", reverse("report_incident")),
        ("record-held", "auditor", reverse("record", args=[request.number])),
    ]


@pytest.mark.parametrize("addresses", [of_reviews, of_outputs, of_ends], ids=["reviews", "outputs", "ends"])
def test_pages_are_accessible_and_fit(
    addresses: object, people: People, live_server: LiveServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    heard: dict[str, list[str]] = {}
    pages: dict[str, Page] = {}
    for name, key, path in addresses(people, monkeypatch):  # type: ignore[operator]
        if key not in pages:
            pages[key] = page_of(people[key], browser, live_server)
            heard[key] = listen(pages[key])
        answer = pages[key].goto(live_server.url + path)
        if answer is None or answer.status != 200:
            found.append(f"{name}: answered {answer and answer.status}")
        found += look(pages[key], name, PICTURES)
    assert [*found, *(words for complaints in heard.values() for words in complaints)] == []
