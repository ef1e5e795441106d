"""Look at pages as people do: Debian's Chromium, axe for WCAG 2.1 A and AA, by keyboard, at 200 %, wide and narrow.

Used by the browser tests; every problem found is a line of text, so that a test asserts an empty list.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDTHS = {"wide": 1280, "narrow": 360}
HEIGHT = 900
AT_TWICE_THE_SIZE = {"width": 640, "height": 450}  # 1280 by 900 at 200 %
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(WCAG)}}
# What can differ between two widths of one page; the other rules look at the document alone.
OF_LAYOUT = [
    *("button-name", "link-name", "aria-hidden-focus"),
    *("scrollable-region-focusable", "target-size", "link-in-text-block", "region"),
]
LAYOUT_OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": OF_LAYOUT}}


# The frame of a page: the same on most, so each that is met is looked at once at each width.
FRAME = ("header", "footer", ".usa-banner", ".usa-skipnav")
FRAME_HTML = """parts => parts.flatMap((part) => [...document.querySelectorAll(part)]).map((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((token) => token.remove());
    return copy.outerHTML;
}).join()"""
_frames_found_well: set[tuple[int, str]] = set()


def chromium_path() -> Path:
    """Where the browser is: the environment's CHROMIUM, else Debian's."""
    return Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, without a call home."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
    try:
        yield browser
    finally:
        browser.close()


def listen(page: Page) -> list[str]:
    """Collects what the page's console says in anger: script errors, blocked or missing resources (CSP among them)."""
    heard: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            heard.append(f"{page.url}: console {message.type}: {message.text}")

    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(f"{page.url}: script error: {error}"))
    return heard


def problems(page: Page, options: Mapping[str, Any] = OPTIONS) -> list[str]:
    """What axe, the house rules and the page's width find wrong; empty where all is well."""
    return [*_axe(page, options), *_house_rules(page), *_too_wide(page)]


# What cannot be reached with the keyboard, or does not show that it is: native controls, in the order of the page.
KEYBOARD = """() => {
    const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const before = document.activeElement, found = [];
    const say = (element, words) => found.push(`${element.outerHTML.slice(0, 120)} ${words}`);
    for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
        if (element.tabIndex > 0) say(element, "is out of the page's order");
        if (element.disabled || element.type === "hidden" || !element.checkVisibility()) continue;
        if (element.tabIndex < 0) {
            if (element.matches("a, button, input, select, textarea, summary")) say(element, "is left out");
            continue;
        }
        element.focus({preventScroll: true, focusVisible: true});
        if (document.activeElement !== element) { say(element, "takes no focus"); continue; }
        const label = element.labels && element.labels[0];
        const shows = outlined(getComputedStyle(element)) || getComputedStyle(element).boxShadow !== "none"
            || (label && (outlined(getComputedStyle(label)) || outlined(getComputedStyle(label, "::before"))));
        if (!shows) say(element, "does not show the focus");
    }
    if (before && before.focus) before.focus({preventScroll: true}); else document.activeElement.blur();
    return found;
}"""


def look_closely(page: Page, name: str, pictures: Path | None = None) -> list[str]:
    """The page as `look` sees it, and besides at 200 % and by keyboard: every control takes the focus and shows it."""
    found = [*look(page, name, pictures), *(f"{name} (keyboard): {problem}" for problem in page.evaluate(KEYBOARD))]
    size = page.viewport_size
    page.set_viewport_size(AT_TWICE_THE_SIZE)  # type: ignore[arg-type]
    found += [f"{name} (200 %): {problem}" for problem in _too_wide(page)]
    if size:
        page.set_viewport_size(size)
    return found


def look(page: Page, name: str, pictures: Path | None = None) -> list[str]:
    """The page at each width: its problems, by all rules once and by those of layout again.

    A full-page picture `name`-wide.png and -narrow.png is left in `pictures`.
    """
    found = []
    size = page.viewport_size
    for label, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        options = OPTIONS if label == "wide" else LAYOUT_OPTIONS
        found += [f"{name} ({label}): {problem}" for problem in problems(page, options)]
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=pictures / f"{name}-{label}.png", full_page=True)
    if size:
        page.set_viewport_size(size)
    return found


def _axe(page: Page, options: Mapping[str, Any]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    frame = ((page.viewport_size or {})["width"], page.evaluate(FRAME_HTML, list(FRAME)))
    place = {"exclude": [[part] for part in FRAME]} if frame in _frames_found_well else None
    asked = "([place, options]) => axe.run(place || document, options)"
    violations = page.evaluate(asked, [place, dict(options)])["violations"]
    if not violations:
        _frames_found_well.add(frame)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _house_rules(page: Page) -> list[str]:
    counted: dict[str, int] = page.evaluate(
        """() => ({
            h1: document.querySelectorAll("h1").length,
            empty: [...document.querySelectorAll("h1, h2, h3")].filter((h) => !h.textContent.trim()).length,
        })"""
    )
    found = [] if counted["h1"] == 1 else [f"a page has one first heading, this one has {counted['h1']}"]
    if counted["empty"]:
        found.append("a heading is empty")
    if any(mark in page.inner_text("body") for mark in ("{#", "{%", "{{")):
        found.append("a piece of template stands on the page")
    if not page.title().endswith(" | Wage Records Application"):
        found.append(f"the title {page.title()!r} does not name the product")
    return found


def _too_wide(page: Page) -> list[str]:
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"the page scrolls sideways by {overflow} pixels"] if overflow > 0 else []
