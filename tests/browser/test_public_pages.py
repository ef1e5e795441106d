"""Pages before anybody is signed in, signing in itself, and refusals: accessible, fitting, silent in the console."""

import os
import re
import time
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from requests_app.demo.signin import current_code, let_in, password_of, player_of
from requests_app.models import Person
from tests.browser.axe_check import chromium_path, listen, look_closely
from tests.pages import signed_in

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]
PUBLIC = {
    "start": "/",
    "formats": "/formats/",
    "instructions": "/instructions/",
    "partners": "/current-partners/",
    "questions": "/questions/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "held": "/held/",
    "check": "/formats/check/",
    "components": "/components/",
    "sign-in": "/accounts/login/",
}
ACCOUNT = {
    "second-factor-again": "/accounts/2fa/reauthenticate/",
    "sign-in-own": "/accounts/2fa/",
    "new-phone": "/accounts/2fa/totp/replace/",
    "sessions": "/accounts/sessions/",
    "password": "/accounts/password/change/",
    "sign-out": "/accounts/logout/",
}
ERRORS = ("400", "429", "500")
EXPECTED = re.compile("status of (400|403|404|429|500)")  # the browser names an answer that is meant to be a refusal


def complaints(heard: list[str]) -> list[str]:
    return [words for words in heard if not EXPECTED.search(words)]


@pytest.fixture
def page(browser: Browser, people: dict[str, Person], live_server: LiveServer) -> Page:
    """A page of somebody who is not signed in."""
    return browser.new_context(base_url=live_server.url).new_page()


def test_public_pages(page: Page) -> None:
    heard, found = listen(page), []
    for name, path in PUBLIC.items():
        page.goto(path)
        found += look_closely(page, name, PICTURES)
    assert found + heard == []


def test_signing_in(page: Page, people: dict[str, Person]) -> None:
    let_in(people)
    player, heard = player_of("coordinator"), listen(page)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(player.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Accept and sign in", exact=True).click()
    found = look_closely(page, "sign-in-refused", PICTURES)
    page.get_by_label("Password").fill(password_of(player))
    page.get_by_role("button", name="Accept and sign in", exact=True).click()
    found += look_closely(page, "second-factor", PICTURES)
    page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill("000000")
    page.get_by_role("button", name="Sign in").click()
    found += look_closely(page, "second-factor-refused", PICTURES)
    _enter_code(page)
    assert page.get_by_role("heading", name="What waits for you").is_visible()
    assert found + complaints(heard) == []


def _enter_code(page: Page) -> None:
    deadline = time.monotonic() + 40
    while "/2fa/" in page.url and time.monotonic() < deadline:
        page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(current_code(player_of("coordinator")))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()


def test_account_pages(page: Page, people: dict[str, Person], live_server: LiveServer) -> None:
    let_in(people)
    cookie = signed_in(people["coordinator"]).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    heard, found = listen(page), []
    for name, path in ACCOUNT.items():
        page.goto(path)
        found += look_closely(page, name, PICTURES)
    assert found + complaints(heard) == []


def test_refusals_say_what_to_do(page: Page) -> None:
    heard, found = listen(page), []
    page.goto("/no/such/page/")
    found += look_closely(page, "error-404", PICTURES)
    page.goto("/accounts/login/")
    page.context.clear_cookies()
    page.get_by_label("Email").fill("somebody@example.test")
    page.get_by_label("Password").fill("anything")
    page.get_by_role("button", name="Accept and sign in", exact=True).click()
    assert page.get_by_role("heading", name="open too long").is_visible()
    found += look_closely(page, "error-csrf", PICTURES)
    for name in ERRORS:
        body = render_to_string(f"{name}.html")
        page.route(f"**/refused/{name}", lambda route, _, body=body: route.fulfill(body=body, content_type="text/html"))
        page.goto(f"/refused/{name}")
        found += look_closely(page, f"error-{name}", PICTURES)
    assert found + complaints(heard) == []
