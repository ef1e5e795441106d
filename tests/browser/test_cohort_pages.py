"""Sending cohort files as people do: checked in the browser, sent when right, resumed when cut, and without scripts."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from matching.models.cohorts import CohortFile, CohortPolicy, CohortUpload
from matching.services import cohort_files, cohort_terms
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs
from requests_app.states import Kind
from tests import factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.cohort_corpus import specimen
from tests.pages import signed_in

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]
PATIENCE = 60_000


@pytest.fixture
def awaiting(people: dict[str, Person], tmp_path: Path, settings: Settings) -> DataRequest:
    """A request with a real key, waiting for its files."""
    settings.KEY_ROOT, settings.VAULT_ROOT = tmp_path / "keys", tmp_path / "vault"
    settings.KEY_ROOT.mkdir()
    request = factories.approved(people, Kind.MICRO)
    do_waiting(request)
    request.refresh_from_db()
    return request


def do_waiting(request: DataRequest) -> None:
    """A worker does what waits."""
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)


def at(person: Person, browser: Browser, server: LiveServer, path: str, **options: Any) -> Page:
    """The page as this person's browser shows it."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    cookie = signed_in(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.url}])
    page = context.new_page()
    page.goto(server.url + path)
    return page


def cohort(name: str, quarter: int, *rows: str, state: str = "44") -> FilePayload:
    text = "\n".join((f"{state},{quarter}", *rows, ""))
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


GOOD = (f"a,{specimen(1)}", f"b,{specimen(2)}")
SHORT = (f"a,{specimen(1)}", f"b,{specimen(2)[1:]}", f"a,{specimen(5)}")


def test_many_files_are_checked_here_and_only_right_ones_sent(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    page = at(people["coordinator"], browser, live_server, reverse("send_files", args=[awaiting.number]))
    heard = listen(page)
    found = look(page, "send-files", PICTURES)
    page.set_input_files(
        "#cohort-files",
        [
            cohort("one.csv", 20161, *GOOD),
            cohort("two.csv", 20162, *SHORT),
            cohort("three.csv", 20162, *GOOD, state="10"),
        ],
    )
    expect(page.get_by_text("Checked: 2 people.", exact=True)).to_be_visible(timeout=PATIENCE)
    assert page.locator("progress:visible").count() == 0
    rows = page.locator(".wr-sending__file")
    expect(rows.nth(1)).to_contain_text("a spreadsheet has probably cut the leading zero")
    expect(rows.nth(2)).to_contain_text("must begin with the two-digit FIPS code")
    found += look(page, "send-files-checked", PICTURES)
    assert CohortUpload.objects.count() == 0
    with page.expect_download() as report:
        rows.nth(1).get_by_role("link", name="Download this report").click()
    lines = Path(report.value.path()).read_text().splitlines()
    assert lines[0] == "kind,line,hint"
    assert lines[1].startswith("ssn_lost_leading_zero,3,")
    page.get_by_role("button", name="Send file", exact=True).click()
    expect(rows.nth(0)).to_contain_text("Sent.", timeout=PATIENCE)
    assert [(row.quarter, row.state) for row in CohortFile.objects.all()] == [(20161, "received")]
    assert CohortUpload.objects.count() == 1
    do_waiting(awaiting)
    expect(page.locator("#cohort-grid")).to_contain_text("2 people", timeout=PATIENCE)
    page.set_input_files("#cohort-files", [cohort("again.csv", 20161, *GOOD)])
    expect(rows.nth(3)).to_contain_text("It takes the place of the file sent before", timeout=PATIENCE)
    found += look(page, "send-files-sent", PICTURES)
    assert [*found, *heard] == []


def test_cut_connection_is_gone_on_from(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    """Of a file of two parts, the second is cut once, and once arrives without an answer."""
    page = at(people["coordinator"], browser, live_server, reverse("send_files", args=[awaiting.number]))
    offsets: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        offsets.append(int(route.request.headers["upload-offset"]))
        if len(offsets) == 2:
            route.abort("connectionreset")
        elif len(offsets) == 3:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*/", cut)
    sent = cohort("long.csv", 20161, *(f"person-number-{n:06d},{specimen(n)}" for n in range(300_000)))
    page.set_input_files("#cohort-files", [sent])
    expect(page.get_by_text("Checked: 300,000 people.", exact=True)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Send file", exact=True).click()
    expect(page.locator(".wr-sending__file")).to_contain_text("Sent.", timeout=PATIENCE)
    assert offsets == [0, 8_388_608, 8_388_608]
    row = CohortFile.objects.get()
    assert b"".join(cohort_files.read(row)) == sent["buffer"]


def test_after_the_page_was_loaded_again_the_same_file_goes_on(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    page = at(people["coordinator"], browser, live_server, reverse("send_files", args=[awaiting.number]))
    sent = cohort("long.csv", 20161, *(f"person-number-{n:06d},{specimen(n)}" for n in range(300_000)))
    offsets: list[int] = []

    def cut_off(route: Route) -> None:
        """The first part arrives, and no other."""
        offset = route.request.headers.get("upload-offset", "")
        offsets.extend([int(offset)] if offset else [])
        route.abort("connectionreset") if offset not in ("", "0") else route.continue_()

    page.route("**/uploads/*/", cut_off)
    page.set_input_files("#cohort-files", [sent])
    page.get_by_role("button", name="Send file", exact=True).click()
    while len(offsets) < 2:
        page.wait_for_timeout(20)
    page.on("dialog", lambda dialog: dialog.accept())  # what is being sent is not left without a question
    page.reload()
    page.unroute("**/uploads/*/", cut_off)
    expect(page.locator("#cohort-grid")).to_contain_text("90 percent arrived")
    found = look(page, "send-files-broken-off", PICTURES)
    page.on("request", lambda request: offsets.append(int(request.headers.get("upload-offset", -1))))
    offsets.clear()
    page.set_input_files("#cohort-files", [sent])
    page.get_by_role("button", name="Send file", exact=True).click()
    expect(page.locator(".wr-sending__file")).to_contain_text("Sent.", timeout=PATIENCE)
    assert [offset for offset in offsets if offset >= 0] == [8_388_608]
    row = CohortFile.objects.get()
    assert b"".join(cohort_files.read(row)) == sent["buffer"]
    assert found == []


def test_public_page_checks_a_file_and_sends_nothing(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    heard = listen(page)
    page.goto("/formats/")
    page.get_by_role("link", name="Check a file here").click()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    rows = page.locator(".wr-sending__file")
    page.set_input_files("#check-files", [cohort("one.csv", 20161, *GOOD), cohort("two.csv", 20194, *SHORT)])
    expect(rows.nth(0)).to_contain_text("Choose the state above.")
    page.get_by_label("State that will send the files").select_option("44")
    expect(rows.nth(0)).to_contain_text("Nothing is wrong: 2 people.", timeout=PATIENCE)
    expect(rows.nth(1)).to_contain_text("a spreadsheet has probably cut the leading zero", timeout=PATIENCE)
    expect(rows.nth(1)).to_contain_text("2019 Q4")
    found = look(page, "check-file", PICTURES)
    page.get_by_label("State that will send the files").select_option("10")
    expect(rows.nth(0)).to_contain_text("must begin with the two-digit FIPS code", timeout=PATIENCE)
    rows.nth(0).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(1)
    with page.expect_download() as report:
        rows.nth(0).get_by_role("link", name="Download this report").click()
    assert Path(report.value.path()).read_text().startswith("kind,line,hint")
    assert [url for url in asked if not url.startswith("blob:") and "/static/vendor/uswds/fonts/" not in url] == []
    assert [*found, *heard] == []
    assert page.evaluate("fetch('/health/live').then(() => 'sent', () => 'refused')") == "refused"


def test_one_place_takes_the_mended_file(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    cohort_terms.set_policy(awaiting, CohortPolicy.EXCLUDE, actor=people["program_analyst"])
    page = at(people["coordinator"], browser, live_server, reverse("cohort_file", args=[awaiting.number, 1, 20162]))
    heard = listen(page)
    page.set_input_files("input[type=file]", cohort("other.csv", 20161, *GOOD))
    expect(page.locator(".wr-sending__file")).to_contain_text("not approved for the quarter", timeout=PATIENCE)
    page.get_by_role("button", name="Send file", exact=True).click()
    assert not CohortUpload.objects.exists()
    page.set_input_files("input[type=file]", cohort("mended.csv", 20162, *GOOD, SHORT[1].replace("b,", "c,")))
    expect(page.locator(".wr-sending__file")).to_contain_text("1 line would be left out", timeout=PATIENCE)
    found = look(page, "file-checked", PICTURES)
    page.get_by_role("button", name="Send file", exact=True).click()
    page.wait_for_url(f"**{reverse('request', args=[awaiting.number])}")
    do_waiting(awaiting)
    page.goto(live_server.url + reverse("cohort_file", args=[awaiting.number, 1, 20162]))
    found += look(page, "file-to-confirm", PICTURES)
    page.get_by_role("button", name="Leave these lines out").click()
    page.wait_for_url(f"**{reverse('request', args=[awaiting.number])}")
    assert CohortFile.objects.get().state == "accepted"
    found += look(page, "hub-files-confirmed", PICTURES)
    assert [*found, *heard] == []


def test_policy_page_is_accessible(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    path = reverse("cohort_policy", args=[awaiting.number])
    page = at(people["program_analyst"], browser, live_server, path)
    assert look(page, "cohort-policy", PICTURES) == []


def test_without_scripts_the_plain_form_takes_the_file(
    people: dict[str, Person], awaiting: DataRequest, live_server: LiveServer, browser: Browser
) -> None:
    path = reverse("send_files", args=[awaiting.number])
    page = at(people["coordinator"], browser, live_server, path, java_script_enabled=False)
    assert page.get_by_text("Your browser runs no scripts here").is_visible()
    assert not page.locator("#cohort-files").is_visible()
    page.get_by_role("link", name="Send a file").first.click()
    page.set_input_files("input[type=file]", cohort("plain.csv", 20161, *GOOD))
    page.get_by_role("button", name="Send file").click()
    do_waiting(awaiting)
    assert CohortFile.objects.get().state == "accepted"
