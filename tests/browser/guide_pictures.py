"""Pictures for the guides, made by the tests that tell how people work: what one sees at one moment.

Only with GUIDE_PICTURES=static/guide; an ordinary run writes none. See docs/architecture.md, “Pictures of the guides”.
"""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(os.environ["GUIDE_PICTURES"]) if "GUIDE_PICTURES" in os.environ else None
HEIGHT, WIDTH, WIDE = 720, 1000, 1280
FROM = """place => {
    const element = place ? [...document.querySelectorAll("main h1, main h2, main h3, main legend, main caption")]
        .find(one => one.textContent.trim().startsWith(place)) : document.querySelector("main");
    element.scrollIntoView({block: "start", behavior: "instant"});
    if (place) window.scrollBy({top: -16, behavior: "instant"});
}"""


def guide_picture(page: Page, name: str, place: str = "", width: int = WIDTH) -> None:
    """Keeps the page as `name`.png, from the heading that begins with `place` on, or from the top of its main part."""
    if FOLDER is None:
        return
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": HEIGHT * width // WIDTH})
    page.evaluate(FROM, place)
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
    if before:
        page.set_viewport_size(before)
