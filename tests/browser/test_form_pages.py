"""The form as a new coordinator meets it: followed from the home page to the signature without help, by mouse and by
keyboard alone; typed in by two browsers at once; kept when the connection breaks.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from requests_app.models import DataRequest, Person
from requests_app.services.life import requests as service
from requests_app.states import Kind, State
from tests.browser.axe_check import chromium_path, listen, look_closely, problems
from tests.browser.guide_pictures import WIDE, guide_picture
from tests.pages import signed_in

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]
SAVED = "Saved at"
PATIENCE = 60_000
CHOOSER = {
    Kind.MACRO: ["No, I ask about industries and places"],
    Kind.MICRO_TO_MACRO: ["Yes, I ask about people on a list", "Tables"],
    Kind.MICRO: ["Yes, I ask about people on a list", "Individual records under my own temporary IDs", "Yes"],
}
# What a new coordinator would answer, by the heading of the page and the question's label; True ticks or chooses.
ANSWERS: dict[str, dict[str, str | bool]] = {
    "Project title": {"Project title": "Nurses who moved"},
    "Purpose": {
        "Examine regional mobility of the workforce across state borders": True,
        "What do you want to find out?": "Where do they work?",
        "Why are wage records needed?": "No other source.",
        "How will the results be used and published?": "A report.",
    },
    "States and quarters": {"Delaware": True, "2016 Q1": True},
    "Cohort": {
        "Name": "Class of 2015",
        "Reference quarter": "2016 Q1",
        "Where does the list of people come from?": "The licence register.",
        "Under which authority may the state send these Social Security numbers?": "State code 12-3.",
        "About how many people?": "1200",
    },
    "Tables": {"Wage records": True, "State": True, "Total wages": True},
    "Linkage to other data": {"No": True},
    "Outputs planned": {"Which outputs do you plan?": "A report with tables."},
    "Security": {"Where will the data be kept?": "An encrypted server."},
    "Data disposition": {"Month": "12", "Day": "31", "Year": "2027", "Purge": True},
    "Certifications": {
        "The data will be used for exclusively": True,
        "The data will not be linked": True,
        "The data will not be used for sanctions": True,
    },
}


# Pages that stand in the guide, by their headings.
SHOWN = {"Package type": "package", "Purpose": "purpose", "Cohort": "cohort", "Tables": "tables"}
FROM = {"Tables": ("What is the table made from?", WIDE)}


def page_of(person: Person, browser: Browser, live_server: LiveServer) -> Page:
    """A page of a browser of its own in which this person is signed in."""
    context = browser.new_context()
    cookie = signed_in(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def mouse(place: Locator, answer: str | bool) -> None:
    """Answers as most people do."""
    if answer is True:
        place.page.locator(f"label[for='{place.get_attribute('id')}']").click()
    elif place.evaluate("element => element.matches('select')"):
        place.select_option(label=answer) if not str(answer).isdigit() else place.select_option(str(answer))
    else:
        place.fill(str(answer))


def keyboard(place: Locator, answer: str | bool) -> None:
    """Answers without a mouse: Tab to the question, then keys."""
    tab_to(place)
    page = place.page
    if answer is True:
        page.keyboard.press("Space")
    else:
        page.keyboard.type(str(answer))


FOCUS = """element => {
    const at = document.activeElement;
    if (at === element) return "there";
    return element.type === "radio" && at && at.name === element.name ? "in its group" : "elsewhere";
}"""


def tab_to(place: Locator) -> None:
    """Tab until the place has the focus; to a group of radio buttons, and on with the arrows."""
    handle, keys = place.element_handle(), place.page.keyboard
    key = "Tab"
    for _ in range(200):
        keys.press(key)
        where = handle.evaluate(FOCUS)
        if where == "there":
            return
        key = "ArrowDown" if where == "in its group" else "Tab"
    raise AssertionError(f"The keyboard does not lead to {place}.")


def press(page: Page, name: str, by: Callable[[Locator, str | bool], None]) -> None:
    """Presses the button or follows the link of this name."""
    main = page.locator("main")
    place = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first
    with page.expect_navigation():
        if by is keyboard:
            tab_to(place)
            page.keyboard.press("Enter")
        else:
            place.click()


def answer_page(page: Page, kind: Kind, by: Callable[[Locator, str | bool], None]) -> None:
    """Answers what the page asks, whichever it is, and saves."""
    heading = page.get_by_role("heading", level=1).inner_text()
    answers = dict.fromkeys(CHOOSER[kind], True) if heading == "Package type" else ANSWERS[heading]
    for label, answer in answers.items():
        end = r"\s*$" if label in ("Yes", "No") else r"(\W|$)"
        words = re.compile(rf"^\s*{re.escape(label)}{end}")  # a label holds hints too, which name other choices
        by(page.locator("main").get_by_label(words).first, answer)
    if heading == "Tables" and by is mouse:
        expect(page.get_by_role("heading", name="The table as it will look")).to_be_visible(timeout=PATIENCE)
    if kind is Kind.MICRO_TO_MACRO and heading in SHOWN:
        guide_picture(page, f"form-{SHOWN[heading]}", *FROM.get(heading, ()))
    press(page, "Save", by)


@pytest.mark.parametrize(("kind", "by"), [(Kind.MACRO, keyboard), (Kind.MICRO_TO_MACRO, mouse), (Kind.MICRO, mouse)])
def test_new_coordinator_finds_the_way_to_the_signature(
    kind: Kind,
    by: Callable[[Locator, str | bool], None],
    people: dict[str, Person],
    live_server: LiveServer,
    browser: Browser,
) -> None:
    page = page_of(people["coordinator"], browser, live_server)
    heard = listen(page)
    page.goto(live_server.url + reverse("request_list"))
    press(page, "Start a request", by)
    seen = []
    while (continues := page.get_by_role("link", name="Continue: ")).count():
        seen.append(continues.inner_text())
        assert len(seen) == len(set(seen)), "A section that was answered is asked again."
        if len(seen) == 4 and kind is Kind.MICRO_TO_MACRO:
            see_what_is_missing(page, by)
        press(page, "Continue: ", by)
        answer_page(page, kind, by)
    found = look_closely(page, f"form-{kind}-complete", PICTURES)
    press(page, "Check and sign", by)
    found += look_closely(page, f"form-{kind}-check", PICTURES)
    if kind is Kind.MICRO_TO_MACRO:
        guide_picture(page, "form-check", "Check your answers")
    press(page, "Continue to sign", by)
    by(page.get_by_label("Your name, typed"), "Rosa Almeida")
    press(page, "Sign and submit", by)
    expect(page.get_by_text("BLS has your request")).to_be_visible()
    if kind is Kind.MICRO_TO_MACRO:
        guide_picture(page, "submitted")
    assert DataRequest.objects.get().status is State.SUBMITTED
    heard = [words for words in heard if "htmx:" not in words]  # a preview that the page left behind
    assert [*found, *heard] == []


def see_what_is_missing(page: Page, by: Callable[[Locator, str | bool], None]) -> None:
    """Half way through, everything that is missing stands on one page; a link leads to its question, another back."""
    guide_picture(page, "form-sections", "The form")
    press(page, "Check all answers", by)
    guide_picture(page, "form-missing", "Check your answers")
    missing = page.get_by_role("link", name=re.compile("Name the authority under which"))
    missing.click()
    expect(page.get_by_label(re.compile("^Under which authority"))).to_be_focused()
    press(page, "The form", by)


def open_purpose(page: Page, live_server: LiveServer, number: str) -> None:
    page.goto(live_server.url + reverse("form_section", args=[number, "purpose"]))


def type_in(page: Page, label: str, text: str) -> None:
    """Types and leaves the field, as Tab does."""
    page.get_by_label(label).fill(text)
    page.get_by_label(label).blur()


NEED, QUESTIONS = "Why are wage records needed?", "What do you want to find out?"


def test_two_browsers_edit_one_draft_and_nothing_is_lost(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    number = service.start_draft(actor=people["coordinator"]).number
    one, two = (page_of(people["coordinator"], browser, live_server) for _ in range(2))
    for page in (one, two):
        open_purpose(page, live_server, number)
    type_in(one, NEED, "Of the first")
    expect(one.get_by_text(SAVED)).to_be_visible()
    type_in(two, QUESTIONS, "Of the second")
    expect(two.get_by_text(SAVED)).to_be_visible()
    type_in(two, NEED, "Of the second too")
    expect(two.get_by_text("changed what you are changing")).to_be_visible()
    found = problems(two)
    kept = DataRequest.objects.get().sections.get().data
    assert (kept["need"], kept["questions"]) == ("Of the first", "Of the second")
    two.get_by_role("button", name="Compare both").click()
    rows = two.get_by_role("row").filter(has_text="Why wage records are needed")
    expect(rows).to_contain_text("Of the first")
    expect(rows).to_contain_text("Of the second too")
    found += look_closely(two, "clash-of-two-browsers", PICTURES)
    two.get_by_role("button", name="Save mine instead").click()
    expect(two.get_by_text("Saved: Purpose")).to_be_visible()
    kept = DataRequest.objects.get().sections.get().data
    assert (kept["need"], kept["questions"]) == ("Of the second too", "Of the second")
    assert found == []


def test_killed_connection_loses_at_most_the_open_field(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    number = service.start_draft(actor=people["coordinator"]).number
    page = page_of(people["coordinator"], browser, live_server)
    open_purpose(page, live_server, number)
    type_in(page, QUESTIONS, "Kept")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.set_offline(True)
    type_in(page, NEED, "The open field")
    expect(page.get_by_text("there is no connection")).to_be_visible()
    assert DataRequest.objects.get().sections.get().data["questions"] == "Kept"
    page.context.set_offline(False)  # what was typed is still there, and sent by itself
    expect(page.get_by_text(SAVED)).to_be_visible(timeout=15_000)
    assert DataRequest.objects.get().sections.get().data["need"] == "The open field"


def test_form_fits_at_twice_the_size(people: dict[str, Person], live_server: LiveServer, browser: Browser) -> None:
    number = service.start_draft(actor=people["coordinator"]).number
    page = page_of(people["coordinator"], browser, live_server)
    page.set_viewport_size({"width": 640, "height": 450})  # 1280 by 900 at 200 %
    found = []
    for name in ("form", "form_check", "form_people", "form_versions"):
        page.goto(live_server.url + reverse(name, args=[number]))
        found += [f"{name}: {problem}" for problem in problems(page)]
    assert found == []
