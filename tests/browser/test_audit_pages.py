"""The Auditor's pages and the record, as people see them: axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Delivery, Destruction, PartnerReview, Person
from requests_app.models.files import FileKind
from requests_app.services.event_log import events
from requests_app.services.life import requests as service
from requests_app.services.life import workflow
from requests_app.services.packages import files, incidents
from requests_app.services.packages.packages import Built, keep_package
from requests_app.states import Kind
from tests import factories
from tests.browser.axe_check import chromium_path
from tests.browser.visits import look_at_all

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=f"No browser at {chromium_path()}."),
    pytest.mark.django_db(transaction=True),
]


def everything(people: dict[str, Person]) -> DataRequest:
    """A request with a package, a review, a delivery, openings and an incident; a checked log and refusals."""
    draft = factories.draft(people, Kind.MICRO)
    service.name_agent(draft, people["agent"], actor=people["coordinator"], may_upload=True)
    request = workflow.transition(draft, "submit", actor=people["coordinator"])
    workflow.transition(request, "start_review", actor=people["program_analyst"])
    look_through(request, people["program_analyst"])
    service.answer_viability(request, actor=people["program_analyst"], enough_data=True, reason="Thousands of jobs.")
    sha256 = hashlib.sha256(b"made-up package").hexdigest()
    sealed = files.seal_bytes(b"made-up package", request, FileKind.PACKAGE)
    package = keep_package(request, Built(sha256, sealed, ["10", "44"], ["10"]))
    now = timezone.now()
    Delivery.objects.create(
        package=package, status="delivered", created_at=now, delivered_at=now, receipt={"place": f"{package.pk}.sealed"}
    )
    Destruction.objects.create(package=package, due_on=timezone.localdate() + timedelta(days=40))
    PartnerReview.objects.create(
        package=package, package_sha256=sha256, agency=people["output_reviewer"].agency, due_on=timezone.localdate(),
        asked_at=now,
    )  # fmt: skip
    detail = {"kind": "package", "purpose": "download", "states": ["10"]}
    about = {"request_number": request.number, "subject": package.file_id}
    events.record("file.open", actor=people["coordinator"], detail=detail, **about)
    refused = detail | {"reasons": ["Tom Becker's confidentiality training is older than a year; complete it again."]}
    events.record("file.open", actor=people["agent"], outcome="refused", detail=refused, **about)
    incidents.report(actor=people["coordinator"], what_is_known="A laptop was left on a train.", request=request)
    good = {"count": 41_000, "anchors": 312, "anchored": True, "head": sha256, "reasons": []}
    events.record("events.verify", actor=None, detail=good)
    factories.lapse(people["agent"].trainings.all(), completed_on=timezone.localdate() - timedelta(days=400))
    return request


def test_audit_pages_are_accessible_and_fit(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    number = everything(people).number
    today, record = timezone.localdate().isoformat(), reverse("record", args=[number])
    access = f"{reverse('access_on_day')}?day={today}"
    pages = {
        "audit-home": ("auditor", reverse("home")),
        "audit-events": ("auditor", f"{reverse('event_list')}?request={number}"),
        "audit-events-error": ("auditor", f"{reverse('event_list')}?since=2026-05-02&until=2026-05-01&process=loader"),
        "audit-records": ("auditor", reverse("record_list")),
        "audit-disclosures": ("auditor", reverse("disclosure_list")),
        "audit-access-request": ("auditor", f"{access}&request={number}"),
        "audit-access-person": ("auditor", f"{access}&person=Tom"),
        "audit-access-called": ("auditor", f"{access}&person=a"),
        "record-auditor": ("auditor", record),
        "record-coordinator": ("coordinator", record),
        "record-reviewer": ("output_reviewer", record),
    }
    addresses = [(name, key, path) for name, (key, path) in pages.items()]
    assert look_at_all(addresses, people, live_server, browser, pictures=PICTURES, opened=2) == []
