"""Pages that show opened tables, looked at while a state objects and the tables are built again.

Runs after the story, on the same site: axe finds nothing, nothing scrolls sideways, no page is heavier than allowed.
PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from requests_app.states import Kind
from tests.browser.axe_check import chromium_path, look
from tests.story.office import Desk, Office
from tests.story.test_story import ask, decide, received, release, step

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
HEAVIEST = 200_000  # bytes of a page without its assets (ux.md, "Patterns")
SELDOM = (
    *("agent", "coordinator_de", "output_reviewer_ri"),
    *("release_officer", "data_steward", "auditor", "administrator"),
)
MEANT = re.compile("status of (403|422)")  # the browser names an answer that is meant to be a refusal
Look = Callable[[Desk, str], list[str]]
pytestmark = pytest.mark.skipif(not chromium_path().exists(), reason=f"NO BROWSER at {chromium_path()}.")


def seen(desk: Desk, name: str) -> list[str]:
    """What is wrong with the page that stands on the desk."""
    weight = len(desk.page.content().encode())
    heavy = [f"{name}: {weight:,} bytes"] if weight > HEAVIEST else []
    return [*look(desk.page, name, PICTURES), *heavy]


def test_one_of_three_states_objects_and_what_is_sent_is_what_they_reviewed(office: Office) -> None:
    # not the industries of the story's released tables: what is public already cannot be withdrawn
    number = ask(office["coordinator"], Kind.MACRO, "31-33", "District of Columbia")
    hub = f"/requests/{number}/"
    delaware, columbia = office["output_reviewer"], office["output_reviewer_dc"]
    decide(office, number)
    found = sign_off(office, number, look_at=seen)
    first = agree(columbia, number)
    found += object_to_a_cell(delaware, number)
    analyst = office["disclosure_analyst"].go("/home/").sees("Resolve Delaware's objection")
    analyst.go(f"{hub}disclosure/?state=withheld").sees("1 cell to withdraw").sees("Withheld: sensitive")
    found += seen(analyst, "workbench-objected")
    analyst.go(f"{hub}steps/withdraw_cells/").write("Reason", "Delaware knows this employer.")
    analyst.press("Rebuild without").waits_for(hub, "In disclosure review")
    found += sign_off(office, number, look_at=is_clean_again)
    columbia.go("/reviews/").sees("package 1, built again since")
    found += see_old_answer(open_review(columbia, number), "No objection")
    second = agree(columbia, number)
    found += see_old_answer(open_review(delaware, number).sees("Kent County, Delaware"), "Objection")
    assert agree(delaware, number) == second != first
    release(office, number)
    package = received(office["coordinator"], number)
    assert hashlib.sha256(package).hexdigest() == second
    office["auditor"].go(f"{hub}record/").sees("Void").sees(f"sha256: {second}")
    assert found == []
    assert [words for words in office.heard if not MEANT.search(words)] == []


def sign_off(office: Office, number: str, look_at: Look = lambda _desk, _name: []) -> list[str]:
    """The tables are signed off, confirmed and sent to the states; what is wrong with the pages on the way."""
    hub = f"/requests/{number}/"
    first, second = office["disclosure_analyst"], office["second_disclosure_analyst"]
    first.waits_for(hub, "Open the disclosure review")
    found = look_at(first, "hub-disclosure")
    first.press("Open the disclosure review").sees("County")
    found += look_at(first, "workbench")
    first.press("Sign off")
    step(second, number, "send_to_partners", "Confirm and send")
    return [*found, *look_at(second, "hub-partners")]


def is_clean_again(desk: Desk, name: str) -> list[str]:
    """The audit of the tables as they were built again, all of them together, found nothing; old answers are void."""
    if name == "workbench":
        desk.sees("Clean").sees("0 withheld cells exactly recoverable").sees("2 earlier answers, void")
    return []


def open_review(reviewer: Desk, number: str) -> Desk:
    return reviewer.go("/home/").press("Review", beside=number).sees(number)


def agree(reviewer: Desk, number: str) -> str:
    """No objection; the SHA-256 of the package it is about, as the reviewer's page has it."""
    reviewed = open_review(reviewer, number).page.locator("main .wr-code").first.inner_text()
    assert reviewer.page.locator("[name=package_sha256]").input_value() == reviewed
    reviewer.choose("No objection").press("Send the answer").sees("recorded")
    return reviewed


def see_old_answer(reviewer: Desk, verdict: str) -> list[str]:
    """The page of the new review says what the state answered before, and that it counts no more."""
    reviewer.sees("answer to package 1").sees("counts no more").sees(verdict)
    return seen(reviewer, f"partner-review-again-{verdict[:2]}")


def object_to_a_cell(reviewer: Desk, number: str) -> list[str]:
    """An objection without a mark and a reason is sent back with words; then to one cell, by its box in the table,
    which stays marked while other rows are looked at."""
    open_review(reviewer, number)
    reviewer.choose("Objection to the cells").press("Send the answer").sees("Mark in the tables the cells")
    found = seen(reviewer, "partner-review-errors")
    address = reviewer.page.url
    reviewer.page.get_by_label("Kent County, Delaware").first.check()
    reviewer.press("Next rows").sees("Marked in rows that are not shown now")
    found += seen(reviewer, "partner-review-next")
    reviewer.choose("Objection to the cells").write("Reason", "Everybody knows this employer.")
    reviewer.press("Send the answer").sees("recorded")
    reviewer.page.goto(address)
    reviewer.sees("Kent County, Delaware")
    return [*found, *seen(reviewer, "partner-review-answered")]


@pytest.mark.parametrize("key", SELDOM)
def test_home_and_newest_request_of_those_with_little_to_do(office: Office, key: str) -> None:
    desk = office[key].go("/home/")
    found = seen(desk, f"home-{key}")
    newest = desk.go("/requests/").page.locator("main tbody th a")
    if newest.count():
        newest.first.click()
        desk.page.wait_for_load_state()
        found += seen(desk, f"request-{key}")
    assert found == []


def test_tables_of_a_released_request(office: Office) -> None:
    coordinator = office["coordinator"].go("/requests/?state=closed&kind=macro")
    coordinator.page.locator("main tbody th a").first.click()
    coordinator.press("Look at the tables").sees("Retail trade")
    assert seen(coordinator, "tables") == []
