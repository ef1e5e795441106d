"""Every page of partners as BLS sees it: axe finds nothing, nothing scrolls sideways, the console is silent.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from requests_app.models import Person
from requests_app.services.partners import mous, partners, section_ii_g
from requests_app.services.partners.section_ii_g import StandIn
from tests import factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.browser.test_request_pages import page_of
from tests.integration.requests_app.partner_records import in_days, recorded, terms
from tests.papers import upload

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]


def lived_in(people: dict[str, Person]) -> dict[str, str]:
    """Partners as they are after some years; the address of each page by the name of its picture."""
    actor, rosa, tom = people["administrator"], people["coordinator"], people["agent"]
    agency = rosa.agency
    old = agency.mous.get()
    new = mous.amend_mou(old, actor=actor, effective_on=in_days(20), ends_on=in_days(80), terms=terms())
    recorded(agency, people, -2000, -401)
    maine = partners.add_agency("23", "Maine Center for Workforce Research and Information", actor=actor)
    recorded(maine, people, -900, -12)
    partners.add_agency("50", "Vermont Labor Market Information", actor=actor)
    desk = StandIn(rosa, "Research office", "research@dlt.ri.example", "401 555 0100")
    section_ii_g.add_coordinator(agency, tom, actor=actor, listed_from=in_days(3), stand_in=desk)
    contact = partners.add_contact(
        agency,
        actor=actor,
        purpose="legal_demand",
        name="Office of counsel",
        email="c@ri.example",
        phone="401 555 0199",
    )
    days = {"year": in_days(0).year, "signed_on": in_days(-30)}
    partners.record_statement(agency, actor=actor, signed_by="A. Director, director", upload=upload(), **days)
    factories.draft(people)
    line = rosa.section_ii_g_lines.get(mou=old)
    ri = reverse("agency", args=["RI"])
    forms = {name: ri + path for name, path in FORMS.items()}
    forms |= {name: ri + f"mous/{new.pk}/{name}/" for name in ("amend", "end", "complete")}
    forms |= {"change": f"{ri}coordinators/{line.pk}/change/", "end-line": f"{ri}coordinators/{line.pk}/end/"}
    forms |= {"hand-over": f"{ri}hand-over/{rosa.public_id}/", "end-contact": f"{ri}contacts/{contact.pk}/end/"}
    lapsed, empty = reverse("agency", args=["ME"]), reverse("agency", args=["VT"])
    return {"list": reverse("partner_list"), "agency": ri, "agency-lapsed": lapsed, "agency-empty": empty, **forms}


FORMS = {
    "record": "mous/record/",
    "add-coordinator": "coordinators/add/",
    "add-contact": "contacts/add/",
    "add-statement": "statements/add/",
}


def test_partner_pages_are_accessible_and_fit(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    addresses = lived_in(people)
    page = page_of(people["administrator"], browser, live_server)
    heard, found = listen(page), []
    for name, path in {**addresses, "add-agency": reverse("add_agency")}.items():
        answer = page.goto(live_server.url + path)
        if answer is None or answer.status != 200:
            found.append(f"{name}: answered {answer and answer.status}")
        found += look(page, f"partner-{name}", PICTURES)
    page.goto(live_server.url + addresses["end-line"])
    page.locator("[name=last_day_day]").select_option(str(in_days(-1).day))
    page.locator("[name=last_day_month]").select_option(str(in_days(-1).month))
    page.locator("[name=last_day_year]").select_option(str(in_days(-1).year))
    page.get_by_role("button", name="End the line").click()
    assert page.get_by_role("heading", name="Hand the requests over").is_visible()
    page.goto(live_server.url + addresses["agency"])
    found += look(page, "partner-agency-left-behind", PICTURES)
    assert found + heard == []


def test_recording_an_mou_by_hand(people: dict[str, Person], live_server: LiveServer, browser: Browser) -> None:
    partners.add_agency("23", "Maine Labor Market Information", actor=people["administrator"])
    page = page_of(people["administrator"], browser, live_server)
    page.goto(live_server.url + reverse("record_mou", args=["ME"]))
    page.get_by_role("button", name="Record the MOU").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    found = look(page, "partner-record-errors", PICTURES)
    for field, year in (("effective_on", in_days(0).year - 1), ("ends_on", in_days(0).year + 3)):
        for part, value in (("month", "1"), ("day", "1"), ("year", str(year))):
            page.locator(f"[name={field}_{part}]").select_option(value)
    page.get_by_text("Examine regional mobility").click()
    page.get_by_text("Encrypted outbox of this site").click()
    page.locator("[name=upload]").set_input_files(
        {"name": "MOU.pdf", "mimeType": "application/pdf", "buffer": upload().read()}
    )
    page.get_by_role("button", name="Record the MOU").click()
    assert "is recorded. Name its coordinators next." in page.inner_text("main")
    assert page.get_by_role("link", name="The signed MOU (PDF)").is_visible()
    assert found == []
