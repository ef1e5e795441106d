"""The story: one request of each kind, from the form to the end, by people at browsers over a running site.

Real web, workers, scheduler, PostgreSQL, Redis; SSNs of the cohorts are canaries and are searched for afterwards.
"""

import io
import os
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from config import canary
from config.demo.questions import SMALL
from config.demo.world import Cohort
from requests_app.models.files import FileKind
from requests_app.states import Kind
from tests.browser.axe_check import chromium_path
from tests.browser.guide_pictures import WIDE
from tests.story.leavings import Leavings
from tests.story.office import Desk, Office

pytestmark = pytest.mark.skipif(not chromium_path().exists(), reason=f"NO BROWSER at {chromium_path()}: no story told.")


def test_macro_request(office: Office) -> None:
    number = ask(office["coordinator"], Kind.MACRO)
    decide(office, number)
    review_disclosure(office, number)
    release(office, number)
    package = receive(office["coordinator"], number)
    assert {"tables/table_1.csv", "tables.xlsx", "codebook.csv", "manifest.json"} <= set(package.namelist())
    step(office["coordinator"], number, "close", "Close").sees("Closed")
    office.files += [package.read(name) for name in package.namelist()]


def test_micro_to_macro_request(office: Office, leavings: Leavings) -> None:
    number = ask(office["coordinator"], Kind.MICRO_TO_MACRO)
    decide(office, number)
    send_cohorts(office["coordinator"], number, SMALL[Kind.MICRO_TO_MACRO].cohorts(), leavings.learn)
    review_disclosure(office, number)
    release(office, number)
    package = receive(office["coordinator"], number)
    assert b"Kitchen training" in package.read("tables/table_1.csv")
    leavings.learn(number, FileKind.PACKAGE, FileKind.TABLES)
    step(office["coordinator"], number, "close", "Close").sees("Closed")
    office.files += [package.read(name) for name in package.namelist()]


def test_micro_request(office: Office, leavings: Leavings) -> None:
    number = ask(office["coordinator"], Kind.MICRO)
    decide(office, number)
    send_cohorts(office["coordinator"], number, SMALL[Kind.MICRO].cohorts(), leavings.keep)
    release(office, number)
    package = receive(office["coordinator"], number)
    assert package.read("wage_records.csv").startswith(b"Temporary ID,State FIPS Code,")
    leavings.keep(number, FileKind.PACKAGE)
    destroy(office, number)
    office["auditor"].go(f"/events/?request={number}").sees("destruct")
    office.files += [package.read(name) for name in package.namelist()]


def test_requests_followed_to_their_end_leave_nothing(leavings: Leavings) -> None:
    tables, micro = leavings.numbers
    leavings.wait_for_end(micro)
    for_retention = leavings.readable(leavings.url, leavings.vault, leavings.key_root)
    assert sorted(name.split()[0] for name in for_retention) == ["package", "tables", "workbench"]
    leavings.let_retention_end(tables)
    leavings.wait_for_end(tables)
    for backup in leavings.backups:  # the same search finds all of it where it was, and a worker could read it
        with leavings.restored(backup) as url:
            there = leavings.in_database(url) | leavings.on_disk(backup.vault, backup.keys)
            assert len(backup.known) > 2
            assert backup.known <= there
            files_then = {name for name in backup.known if not name.startswith(("key", "wrapped"))}
            assert files_then <= leavings.readable(url, backup.vault, backup.keys)
            assert leavings.readable(url, backup.vault, leavings.key_root) == set()
    last = leavings.last_backup()
    with leavings.restored(last) as url:
        assert leavings.in_database(url) == leavings.readable(url, last.vault, last.keys) == set()
        assert leavings.tables_of(url) == leavings.tables
    assert leavings.tables_of(leavings.url) == leavings.tables
    assert leavings.in_database(leavings.url) == leavings.on_disk() == leavings.on_disk(last.dump) == set()


def test_no_canary_is_found_after_the_story(office: Office, site: dict[str, str]) -> None:
    canaries = [
        canary.Canary(ssn=ssn, temporary_id=id_)
        for kind in Kind
        for cohort in SMALL[kind].cohorts().values()
        for id_, ssn in list(zip(cohort.ids, cohort.ssn, strict=True))[:50]
    ]
    assert len(canaries) == 150
    hits = canary.search(canaries, canary.Sinks.of_environment(os.environ | site, blobs=office.seen))
    assert hits == []


def test_no_browser_complained(office: Office) -> None:
    assert office.heard == []


def ask(coordinator: Desk, kind: Kind, industries: str = "44-45", *more_states: str) -> str:
    """The form, section by section, checked and signed. Returns the request's number."""
    coordinator.go("/requests/").press("Start a request")
    number = re.search(r"WR-\d{4}-\d{6}", coordinator.page.url)[0]  # type: ignore[index]
    form = f"/requests/{number}/form"
    coordinator.go(f"{form}/project/").write("Project title", "Where trainees work").press("Save")
    fill_purpose(coordinator.go(f"{form}/purpose/"))
    fill_package(coordinator.go(f"{form}/package/"), kind)
    coordinator.go(f"{form}/scope/").choose("Rhode Island", "Delaware", *more_states, "2016 Q1", "2016 Q2").press(
        "Save"
    )
    if kind is not Kind.MACRO:
        fill_cohorts(coordinator.go(f"{form}/cohorts/"), kind)
    if kind is not Kind.MICRO:
        fill_tables(coordinator.go(f"{form}/tables/"), kind, industries)
    coordinator.go(f"{form}/outputs/").write("Which outputs do you plan?", "A report with tables.").press("Save")
    fill_security(coordinator.go(f"{form}/security/"))
    if kind is Kind.MICRO:
        fill_disposition(coordinator, form)
    coordinator.go(f"{form}/certify/")
    coordinator.choose("The data will be used", "The data will not be linked", "The data will not be used").press(
        "Save"
    )
    coordinator.go(f"{form}/check/").press("Continue to sign")
    coordinator.write("Your name, typed", coordinator.player.name).press("Sign and submit")
    coordinator.sees("Submitted")
    return number


def fill_purpose(desk: Desk) -> None:
    desk.choose("Evaluate state training")
    desk.write("What do you want to find out?", "What do they earn, and where?")
    desk.write("Why are wage records needed?", "Nothing else follows people across state borders.")
    desk.write("How will the results be used", "A report to the workforce board.").press("Save")


def fill_package(desk: Desk, kind: Kind) -> None:
    """The chooser's three questions, answered so that `kind` comes out."""
    answers = {
        Kind.MACRO: ["No"],
        Kind.MICRO_TO_MACRO: ["Yes", "Tables"],
        Kind.MICRO: ["Yes", "Individual records", "Yes"],
    }[kind]
    for question, answer in zip(desk.page.locator("fieldset").all(), answers, strict=False):
        question.locator("label").filter(has_text=re.compile(rf"^\s*{answer}", re.IGNORECASE)).first.click()
    desk.press("Save")


def fill_cohorts(desk: Desk, kind: Kind) -> None:
    names = list(SMALL[kind].cohorts())
    for place, name in enumerate(names):
        desk.page.get_by_label("Name", exact=False).nth(place).fill(name)
        desk.page.get_by_label("Reference quarter").nth(place).select_option("20161")
    desk.write("Where does the list of people come from?", "The providers' rosters.")
    desk.write("Under which authority", "The state's workforce act.")
    desk.write("About how many people?", "5000").press("Save")


def fill_tables(desk: Desk, kind: Kind, industries: str) -> None:
    desk.choose("Wage records")
    if kind is Kind.MACRO:
        desk.choose("Area", "Industry", "County").pick("Industries by", "Subsector (3 digits)")
        desk.write("Only these industries", industries).choose("Jobs", "Total wages")
    else:
        desk.choose("Cohort", "Industry").pick("Industries by", "Sector (2 digits)").choose("Persons", "Total wages")
    desk.press("Save")


def fill_security(desk: Desk) -> None:
    desk.write("Where will the data be kept?", "An encrypted server inside the agency.").press("Save")


def fill_disposition(desk: Desk, form: str) -> None:
    """What only micro data need: what they are linked with, until when they are kept, how they are destroyed."""
    desk.go(f"{form}/linkage/").choose("No").press("Save")
    desk.go(f"{form}/disposition/").choose("Purge")
    desk.date("Destroy the data by", timezone.localdate() + timedelta(days=365)).press("Save")


def decide(office: Office, number: str) -> None:
    """Reviewed and recommended by one person, approved by another."""
    analyst = step(office["program_analyst"], number, "start_review", "Start review")
    look_through(analyst, number)
    analyst.pictured("review", "The form", WIDE)
    analyst.page.locator("section[aria-labelledby=viability] label", has_text="Yes").click()
    analyst.write("On what does the answer rest?", "Most cells rest on many employers.").press("Keep this answer")
    analyst.go(f"/requests/{number}/steps/recommend/").write("Reason", "Sound, and within the MOU.")
    analyst.press("Recommend approval")
    look_through(office["approving_official"], number)
    official = office["approving_official"].go(f"/requests/{number}/steps/approve/").pictured("decision")
    official.press("Approve").sees(number)


def look_through(desk: Desk, number: str) -> None:
    """No conflict of interest, and every item of the checklist answered with yes."""
    desk.go(f"/requests/{number}/review/").choose("No, I have none").press("Keep this statement")
    for item in desk.page.locator(".wr-checklist fieldset").all():
        item.get_by_text("Yes", exact=True).click()
    desk.press("Keep the checklist")


def step(desk: Desk, number: str, name: str, button: str) -> Desk:
    """Takes a step of the transition table on its own page."""
    return desk.go(f"/requests/{number}/steps/{name}/").press(button)


def send_cohorts(
    coordinator: Desk, number: str, cohorts: dict[str, Cohort], are_there: Callable[[str, FileKind], object]
) -> None:
    """A first file with a mistake is not even sent; then every file of the grid is sent and accepted; `are_there` is
    called while they lie there."""
    hub = f"/requests/{number}/"
    coordinator.waits_for(hub, "Send a file")
    first = next(iter(cohorts.values()))
    coordinator.go(f"{hub}files/1/20161/").attach("Cohort file", first.file("10", 20161)).press("Send file")
    coordinator.page.get_by_role("cell", name="1", exact=True).first.wait_for()
    coordinator.sees("two-digit FIPS code of the requesting state").sees("Not sent")
    coordinator.pictured("file-problems", "Files chosen here")
    coordinator.go(hub).sees("Missing").pictured("files", "Cohort files")
    for place, cohort in enumerate(cohorts.values(), 1):
        for quarter in (20161, 20162):
            slot = f"{hub}files/{place}/{quarter}/"
            coordinator.go(slot).attach("Cohort file", cohort.file("44", quarter)).press("Send file")
            coordinator.page.wait_for_url(f"**{hub}")
            coordinator.waits_for(slot, "Accepted")
    are_there(number, FileKind.COHORT)
    step(coordinator, number, "begin_matching", "Start matching")


def review_disclosure(office: Office, number: str) -> None:
    """One analyst signs off, a second confirms, and the state whose records were searched agrees."""
    first, second = office["disclosure_analyst"], office["second_disclosure_analyst"]
    first.waits_for(f"/requests/{number}/", "Open the disclosure review")
    first.press("Open the disclosure review").sees("Final audit").pictured("workbench", width=WIDE).press("Sign off")
    step(second, number, "send_to_partners", "Confirm and send")
    reviewer = office["output_reviewer"].go("/home/")
    reviewer.pictured("home-reviewer").press("Review", beside=number).sees(number)
    reviewer.pictured("partner-review", width=WIDE)
    reviewer.choose("No objection").press("Send the answer").sees("recorded")


def release(office: Office, number: str) -> None:
    officer = office["release_officer"].waits_for(f"/requests/{number}/", "Ready for release")
    officer.go(f"/requests/{number}/steps/release/").pictured("release").press("Release")


def receive(coordinator: Desk, number: str) -> zipfile.ZipFile:
    """The delivered package, opened."""
    return zipfile.ZipFile(io.BytesIO(received(coordinator, number)))


def received(coordinator: Desk, number: str) -> bytes:
    """The coordinator opens the delivered package; its bytes."""
    coordinator.waits_for(f"/requests/{number}/", "Open")
    coordinator.pictured("package-waits", "Packages")
    coordinator.page.get_by_role("link", name=re.compile("^Open")).first.click()
    return coordinator.download("Download")


def destroy(office: Office, number: str) -> None:
    """Finished with the data, destroyed, confirmed, acknowledged, closed."""
    coordinator = office["coordinator"]
    step(coordinator, number, "finish_use", "We have finished")
    coordinator.go(f"/requests/{number}/destruction/").write("What was destroyed?", "The package and our copy.")
    coordinator.write("How many copies?", "2").write("What about backups?", "None were made.").choose("Purge")
    coordinator.date("Day of destruction", timezone.localdate()).choose("I attest").press("Keep this statement")
    coordinator.press("Confirm destruction to BLS")
    step(office["program_analyst"], number, "acknowledge_destruction", "Acknowledge").sees("Closed")
