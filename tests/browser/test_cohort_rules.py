"""The browser's checker, the server's columnar path and its exact path give one answer for any file."""

import base64
import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from config.embedded.place import CHECKOUT
from matching.core.cohort.file import CohortCheck, check
from matching.core.cohort.problems import Kind
from matching.core.ssn import WELL_KNOWN, SsnWorld
from tests.browser.axe_check import chromium, chromium_path
from tests.cohort_corpus import QUARTERS, STATE, Case, cases

NO_BROWSER = f"No browser at {chromium_path()}: its checker was not compared."
pytestmark = pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER)
SCRIPTS = [CHECKOUT / "static/js/cohort" / f"{name}.js" for name in ("problems", "lines", "rows", "check")]
PARTS, FILES = (10, 5_000) if os.environ.get("WR_LONG") else (1, 300)  # fifty thousand in ten parts
AT_ONCE = 250
ACROSS = {Kind.ACROSS_SSN_OTHER_ID, Kind.ACROSS_ID_OTHER_SSN}
IN_PAGE = """async (cases) => {
    const answers = [];
    for (const { data, options } of cases) {
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        answers.push(await wrCohort.check(new Blob([bytes]), options));
    }
    return answers;
}"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture
def page(opened: Browser) -> Iterator[Page]:
    """An empty page that knows the rules."""
    page = opened.new_page()
    for script in SCRIPTS:
        page.add_script_tag(path=script)
    yield page
    page.close()


def in_browser(page: Page, asked: Sequence[Case]) -> list[dict[str, Any]]:
    sent = [
        {
            "data": base64.b64encode(case.data).decode(),
            "options": {
                "state": STATE,
                "quarters": list(QUARTERS),
                "world": case.world.value,
                "policy": case.policy,
                "maxRows": case.max_rows,
                "sliceBytes": case.slice_bytes,
            },
        }
        for case in asked
    ]
    answers: list[dict[str, Any]] = page.evaluate(IN_PAGE, sent)
    return answers


def on_server(case: Case, *, columnar: bool) -> CohortCheck:
    size = case.slice_bytes
    chunks = (case.data[at : at + size] for at in range(0, len(case.data), size)) if columnar else [case.data]
    return check(
        chunks,
        state_fips=STATE,
        quarters=set(QUARTERS),
        world=case.world,
        policy=case.policy,  # type: ignore[arg-type]
        max_rows=case.max_rows,
        columnar=columnar,
    )


def facts(answer: CohortCheck) -> dict[str, Any]:
    problems = [{"kind": p.kind, "count": p.count, "lines": p.lines} for p in answer.problems]
    said = {"ok": answer.ok, "quarter": answer.quarter, "rows": answer.rows, "excluded": answer.excluded}
    return said | {"problems": problems}


def test_kinds_are_those_of_the_server(page: Page) -> None:
    assert page.evaluate("wrCohort.KINDS") == [kind.value for kind in Kind if kind not in ACROSS]


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_three_readings_of_random_files_agree(page: Page, part: int) -> None:
    seed = int(os.environ.get("WR_SEED", "5")) + part
    asked = list(cases(seed, FILES))
    for start in range(0, FILES, AT_ONCE):
        some = asked[start : start + AT_ONCE]
        for number, (case, browsers) in enumerate(zip(some, in_browser(page, some), strict=True), start):
            fast, exact = (facts(on_server(case, columnar=way)) for way in (True, False))
            # The number of the case says how to make it again; the file itself is not printed.
            assert fast == exact, f"seed {seed}, file {number}: the server's two paths differ"
            assert browsers == exact, f"seed {seed}, file {number}: the browser differs"


def test_every_kind_came_up_among_them() -> None:
    found = {problem.kind for case in cases(5, 3_000) for problem in on_server(case, columnar=True).problems}
    assert {kind.value for kind in Kind} - ACROSS - {Kind.MATCHING_STARTED} - found == set()


@pytest.mark.parametrize("world", SsnWorld)
def test_numbers_are_judged_alike(page: Page, world: SsnWorld) -> None:
    """Every area, group and serial of interest, and every number that is well known, under an ID of its own."""
    numbers = [int(number) for number in WELL_KNOWN]
    numbers += [
        area * 1_000_000 + group * 10_000 + 7 for area in (0, 1, 665, 666, 667, 899, 900, 999) for group in range(100)
    ]
    numbers += [area * 1_000_000 + 120_000 for area in range(0, 1000, 37)]
    lines = [f"{STATE},20161", *(f"n{n},{number:09d}" for n, number in enumerate(numbers))]
    case = Case("\n".join(lines).encode(), world, "exclude", 5_000_000, 1 << 20)
    assert in_browser(page, [case]) == [facts(on_server(case, columnar=True))]
