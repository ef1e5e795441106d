"""Forecasts and the disclosure workbench as people see them: axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from disclosure.models import Analysis, HistoryRefusal
from disclosure.services import analyses, designs
from matching.loads.published_qcew import load_published
from requests_app.models import DataRequest, Package, Person
from requests_app.services.life import requests as service
from requests_app.services.packages import packages
from requests_app.states import Kind, State
from tests import factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.browser.test_request_pages import page_of
from tests.integration.disclosure.review import in_disclosure_review, work_off

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=f"No browser at {chromium_path()}."),
    pytest.mark.django_db(transaction=True),
]
PUBLISHED = tuple(f"2016.q1-q4.{area}.csv.gz" for area in ("44000", "44001", "44005", "44009"))


def seen(page: Page, live_server: LiveServer, path: str, name: str) -> list[str]:
    """What is wrong with a page."""
    answer = page.goto(live_server.url + path)
    status = [] if answer and answer.status == 200 else [f"{name}: answered {answer and answer.status}"]
    return [*status, *look(page, name, PICTURES)]


def test_coordinator_sees_the_forecast_and_what_would_help(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    for name in PUBLISHED:
        load_published(settings.BASE_DIR / "data" / "qcew_2016" / "ri" / name, lambda _done, _known: None)
    draft, coordinator = factories.draft(people, Kind.MACRO, states=["44"], quarters=[20161]), people["coordinator"]
    fine = factories.DESIGN | {"dimensions": ["area", "industry", "ownership"], "industry_level": 6, "industries": []}
    service.save_section(draft, "tables", {"design": fine}, actor=coordinator, seen_version=1)
    page = page_of(coordinator, browser, live_server)
    heard = listen(page)
    found = seen(page, live_server, reverse("form_section", args=[draft.number, "tables"]), "forecast-tables")
    panel = page.locator("section", has=page.get_by_role("heading", name="Forecast from published QCEW")).last
    assert "More than half of this table would be withheld" in panel.inner_text()
    assert panel.locator("tbody tr").count() == 4  # as designed, and three better ones
    assert "Areas by state instead of county" in panel.inner_text()
    assert panel.get_by_role("button").count() == 3
    found += designed_while_one_looks(page)
    panel.get_by_role("button", name="Areas by state instead of county", exact=True).click()
    page.get_by_text("Nothing is saved yet.").wait_for()
    assert page.get_by_label("State", exact=True).is_checked()
    found += look(page, "designer-taken", PICTURES)
    found += seen(page, live_server, reverse("form_check", args=[draft.number]), "forecast-check")
    assert "More than half of this table would be withheld" in page.inner_text("main")
    people_draft = factories.draft(people, Kind.MICRO_TO_MACRO, states=["44"], quarters=[20161])
    found += seen(page, live_server, reverse("form_section", args=[people_draft.number, "tables"]), "forecast-people")
    assert "Spread evenly, the 500 people" in page.inner_text("main")
    assert [*found, *heard] == []


def tick(page: Page, label: str) -> None:
    """Presses a box or a button by its label, as people do: the system hides the control itself."""
    page.locator("#table-design label").filter(has_text=re.compile(rf"^\s*{label}")).first.click()


def designed_while_one_looks(page: Page) -> list[str]:
    """Each change shows the table anew beside the form, and says so to those who do not see it; nothing is saved."""
    designer = page.locator("#designer")
    before = designer.get_by_role("row", name="As designed").last.inner_text()
    tick(page, "Ownership")
    page.wait_for_function("before => !document.querySelector('#designer').innerText.includes(before)", arg=before)
    assert "Private" not in designer.inner_text()
    page.wait_for_function("() => document.querySelector('#designer-said').innerText.includes('would be withheld')")
    tick(page, "Quarters since each cohort")
    designer.get_by_role("heading", name="This table cannot be made yet").wait_for()
    found = look(page, "designer-contradiction", PICTURES)
    tick(page, "Calendar quarters")
    tick(page, "Ownership")
    designer.get_by_role("button", name="Areas by state instead of county", exact=True).wait_for()
    return found


def asked_everything(request: DataRequest, package: Package, analyst: Person) -> None:
    """Every question of the workbench, answered."""
    for kind, asked in (
        (Analysis.Kind.DESIGNS, {}),
        (Analysis.Kind.INTERVALS, {}),
        (Analysis.Kind.WHAT_IF, {"p_percent": 20}),
    ):
        analyses.ask_about_package(request, kind, actor=analyst, package_sha256=package.sha256, asked=asked)
    work_off(request)


def refuse_a_build(request: DataRequest, package: Package) -> None:
    """The ledger refuses another build of the request: a cell of it was published by an earlier release."""
    HistoryRefusal.objects.create(
        request_number=request.number,
        refused_at=package.built_at + timedelta(minutes=1),
        reasons=["The cell 20161 / 44001 / 448 is sensitive now but was published before."],
        in_the_way=[
            [f"{request.number}, package 1", "20161", "44001", "448"],
            ["Published QCEW", "20161", "44001", "5", "448"],
        ],
    )


def test_workbench_and_forecast_are_accessible(
    people: dict[str, Person], live_server: LiveServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, package = in_disclosure_review(people, monkeypatch)
    analyst, number = people["disclosure_analyst"], request.number
    page = page_of(analyst, browser, live_server)
    heard = listen(page)
    found = seen(page, live_server, reverse("disclosure_analyses", args=[number]), "analyses-nothing")
    asked_everything(request, package, analyst)
    packages.sign_off(request, actor=analyst, package_sha256=package.sha256, notes="Looked at every county.")
    designs.suggest_design(request, 0, actor=analyst)
    found += seen(page, live_server, reverse("disclosure_analyses", args=[number]), "analyses")
    workbench = reverse("workbench", args=[number])
    found += seen(page, live_server, f"{workbench}?state=protects_others", "workbench-narrowed")
    tables = reverse("tables", args=[number])
    found += seen(page, live_server, f"{tables}?measure=wages&by=industry&quarter=20162", "tables-charts")
    assert page.get_by_role("img").count() == 3  # lines, bars, a map of counties
    page.go_back()
    page.locator("main table th a").first.click()
    page.get_by_role("heading", name="2016").first.wait_for()
    assert re.search(r"Jobs: [\d,]+ (to|or more)", page.locator("#cell").inner_text())
    found += look(page, "workbench-cell", PICTURES)
    packages.refuse_sign_off(request, actor=analyst, package_sha256=package.sha256, reason="One hospital.")
    refuse_a_build(request, package)
    found += seen(page, live_server, workbench, "workbench-refused")
    hub = page_of(people["coordinator"], browser, live_server)
    found += seen(hub, live_server, reverse("request", args=[number]), "hub-suggested")
    with transaction.atomic():
        factories.place(request, State.FAILED)
    found += seen(page, live_server, reverse("request", args=[number]), "hub-build-refused")
    assert "Bristol County, Rhode Island" in page.get_by_role("region", name="Why the tables").inner_text()
    with transaction.atomic():
        factories.place(request, State.IN_REVIEW)
    reviewer = page_of(people["program_analyst"], browser, live_server)
    found += seen(reviewer, live_server, reverse("review", args=[number]), "review-forecast")
    found += seen(reviewer, live_server, reverse("forecast", args=[number]), "forecast")
    assert [*found, *heard] == []
