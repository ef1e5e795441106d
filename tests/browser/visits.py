"""Many pages looked at in one visit: one window, whose styles are fetched once, changes who is signed in."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from requests_app.models import Person
from tests.browser.axe_check import listen, look
from tests.pages import signed_in

Address = tuple[str, str, str]  # name of the picture, key of the person, path


def sign_in(page: Page, person: Person, url: str) -> None:
    """From here on the window is this person's."""
    cookie = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def look_at_all(
    addresses: Iterable[Address],
    people: Mapping[str, Person],
    live_server: LiveServer,
    browser: Browser,
    *,
    pictures: Path | None = None,
    refused: frozenset[str] = frozenset(),
    opened: int = 0,
) -> list[str]:
    """What is wrong with each page, by axe, the house rules and the console; the names in `refused` answer 403.

    `opened`: so many of a page's folded parts are opened before it is looked at.
    """
    page, found, who = browser.new_page(), [], ""
    heard = listen(page)
    for name, key, path in sorted(addresses, key=lambda address: address[1]):
        if key != who:
            sign_in(page, people[key], live_server.url)
            who = key
        answer = page.goto(live_server.url + path)
        if answer is None or answer.status != (403 if name in refused else 200):
            found.append(f"{name}: answered {answer and answer.status}")
        for details in page.locator("details").all()[:opened]:
            details.evaluate("element => { element.open = true; }")
        found += look(page, name, pictures)
    page.close()
    return found + [words for words in heard if "403" not in words or not refused]
