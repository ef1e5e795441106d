"""The match on the pages of BLS: the request's page and the match report; axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from matching.models.cohorts import CohortFile, MatchCount, MatchResult
from matching.models.matches import CohortOverlap
from requests_app.models import DataRequest, Person
from requests_app.models.files import FileKind
from requests_app.services.packages import files
from requests_app.states import State
from tests import factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.browser.test_request_pages import page_of

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]


def matched(people: dict[str, Person]) -> DataRequest:
    """A request whose two files were matched: one quarter far off, people in common with an earlier request."""
    request, earlier = factories.draft(people), factories.draft(people)
    for quarter, found in ((20161, 4_012), (20162, 61)):
        _file(request, people["coordinator"], quarter, found)
    CohortOverlap.objects.create(
        request_number=request.number, cohort="Trainees", quarter=20161, other_number=earlier.number,
        other_cohort="Trainees of the second round", other_quarter=20154, persons=4_800, other_persons=4_804,
        shared=4_797,
    )  # fmt: skip
    factories.place(request, State.READY_FOR_RELEASE)
    return request


def _file(request: DataRequest, sender: Person, quarter: int, found: int) -> None:
    now = timezone.now()
    cohort, result = (
        files.remember(files.seal_bytes(b"x", request, kind), request, kind, "x", now)
        for kind in (FileKind.COHORT, FileKind.MATCH_RESULT)
    )
    CohortFile.objects.create(
        request=request, cohort="Trainees", quarter=quarter, file=cohort, state="accepted", rows=5_000, excluded=12,
        uploaded_at=now, uploaded_by=sender,
    )  # fmt: skip
    MatchResult.objects.create(
        request=request, cohort="Trainees", quarter=quarter, file=result, persons=found, records=found + 300,
        states=["10", "44"], matched_at=now,
    )  # fmt: skip
    MatchCount.objects.bulk_create(
        MatchCount(
            request_number=request.number, cohort="Trainees", quarter=quarter, state=state, persons_sent=4_988,
            persons_found=persons, records=persons + 10,
        )
        for state, persons in (("44", found), ("10", found // 9))
    )  # fmt: skip


def test_match_pages_are_accessible_and_fit(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    request = matched(people)
    page = page_of(people["disclosure_analyst"], browser, live_server)
    heard, found = listen(page), []
    for name, route in {"match-hub": "request", "match-report": "match_report"}.items():
        answer = page.goto(live_server.url + reverse(route, args=[request.number]))
        assert answer is not None
        assert answer.status == 200
        assert "Differs by fewer than 10 people" in page.content()
        found += look(page, name, PICTURES)
    assert found == []
    assert heard == []
