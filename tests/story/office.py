"""People at their browsers: each signs in with password and second factor and works with the pages as they stand."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import Browser, Error, FilePayload, Locator, Page, sync_playwright

from requests_app.demo.signin import current_code, password_of, player_of
from tests.browser.axe_check import chromium, listen
from tests.browser.guide_pictures import WIDTH, guide_picture

PATIENCE_SECONDS = 400


class Desk:
    """One person at one browser. What the browser showed is kept in `seen`, what it complained of in `heard`."""

    def __init__(self, browser: Browser, site: Mapping[str, str], key: str) -> None:
        self.player = player_of(key)
        self.seen: list[bytes] = []
        self._url = site["SITE_URL"]
        self._page: Page = browser.new_context(accept_downloads=True).new_page()
        self._page.set_default_timeout(60_000)
        self.heard = listen(self._page)
        self._sign_in()

    def _sign_in(self) -> None:
        self.go("/accounts/login/")
        self.write("Email", self.player.email)
        self.write("Password", password_of(self.player))
        self.press("Accept and sign in")
        self._enter_code()

    def _enter_code(self) -> None:
        """The second factor; a code that ran out while it was typed is followed by the next one."""
        used = current_code(self.player)
        self.write("code", used).press("Sign in")
        if "/2fa/" in self._page.url:
            while current_code(self.player) == used:
                time.sleep(0.5)
            self.write("code", current_code(self.player)).press("Sign in")
        assert "/2fa/" not in self._page.url, self._page.locator("main").inner_text()

    def go(self, path: str) -> "Desk":
        """Opens a page of the site; once more where the one before was loading itself anew at that moment."""
        try:
            self._page.goto(self._url + path)
        except Error as error:
            if "ERR_ABORTED" not in error.message:
                raise
            self._page.goto(self._url + path)
        return self._keep()

    def _keep(self) -> "Desk":
        self.seen.append(self._page.content().encode())
        return self

    def press(self, name: str, beside: str = "") -> "Desk":
        """Presses the button, or follows the link, that reads so; in the list item that holds the words `beside`."""
        pattern = re.compile(rf"^{re.escape(name)}", re.IGNORECASE)
        main = self._page.locator("main li", has_text=beside) if beside else self._page.locator("main")
        target = main.get_by_role("button", name=pattern).or_(main.get_by_role("link", name=pattern))
        target.first.click()
        self._page.wait_for_load_state()
        return self._keep()

    def write(self, label: str, text: str) -> "Desk":
        """Types into the field of this label."""
        self._field(label).fill(text)
        return self

    def choose(self, *labels: str) -> "Desk":
        """Chooses radio buttons or ticks boxes by their labels."""
        for label in labels:
            words = re.compile(rf"^\s*{re.escape(label)}", re.IGNORECASE)
            self._page.locator("main label").filter(has_text=words).first.click()
        return self

    def pick(self, label: str, option: str) -> "Desk":
        """Picks an option of a list."""
        self._field(label).select_option(label=option)
        return self

    def date(self, question: str, day: date) -> "Desk":
        """Gives a date by its three lists: month, day, year."""
        lists = self._page.locator("main fieldset", has_text=question).last.locator("select").all()
        for one, value in zip(lists, (day.month, day.day, day.year), strict=True):
            one.select_option(str(value))
        return self

    def attach(self, label: str, content: bytes) -> "Desk":
        """Chooses a file that exists in memory only."""
        payload: FilePayload = {"name": "cohort.csv", "mimeType": "text/csv", "buffer": content}
        self._field(label).set_input_files(payload)
        return self

    def _field(self, label: str) -> Locator:
        return self._page.get_by_label(re.compile(re.escape(label), re.IGNORECASE)).first

    def download(self, name: str) -> bytes:
        """Presses a button that answers with a file; the file."""
        with self._page.expect_download() as started:
            self._page.get_by_role("button", name=name).click()
        with open(started.value.path(), "rb") as file:
            return file.read()

    def pictured(self, name: str, place: str = "", width: int = WIDTH) -> "Desk":
        """The page stands in the guides as `name`, from the heading `place` on."""
        guide_picture(self._page, name, place, width)
        return self

    def sees(self, words: str) -> "Desk":
        """The words stand on the page."""
        text = self._page.locator("main").inner_text()
        assert words.lower() in text.lower(), f"“{words}” is not on {self._page.url}:\n{text[:3000]}"
        return self

    def waits_for(self, path: str, words: str) -> "Desk":
        """Opens the page again and again until the words stand on it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.go(path)
            if words.lower() in self._page.locator("main").inner_text().lower():
                return self
            if time.monotonic() > deadline:
                self.sees(words)
            time.sleep(0.3)

    @property
    def page(self) -> Page:
        """The page itself, for what this class has no word for."""
        return self._page


class Office:
    """Everybody's desk; a person signs in once, when first needed."""

    def __init__(self, browser: Browser, site: Mapping[str, str]) -> None:
        self._browser, self.site = browser, site
        self._desks: dict[str, Desk] = {}
        self.files: list[bytes] = []

    def __getitem__(self, key: str) -> Desk:
        if key not in self._desks:
            self._desks[key] = Desk(self._browser, self.site, key)
        return self._desks[key]

    @property
    def seen(self) -> dict[str, bytes]:
        """Everything any browser showed or was given."""
        pages = (page for desk in self._desks.values() for page in desk.seen)
        return {f"shown {place}": page for place, page in enumerate([*self.files, *pages])}

    @property
    def heard(self) -> list[str]:
        """Every complaint of any browser's console."""
        return [words for desk in self._desks.values() for words in desk.heard]


@contextmanager
def open_office(site: Mapping[str, str]) -> Iterator[Office]:
    """An office at a running site."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield Office(browser, site)
