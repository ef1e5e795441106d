"""Why a table could not be protected, in words for BLS: the cells concerned, and the earlier releases in the way."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from disclosure.core.ledger.joint import CHANGED, HIDDEN
from disclosure.core.qcew.cells import DIMENSIONS as QCEW_DIMENSIONS
from disclosure.core.tabulation.design import DesignError
from disclosure.models import HistoryRefusal
from disclosure.services import designs
from requests_app.models import DataRequest
from requests_app.policies import newest_package
from requests_app.selectors.life.titles import title

Key = tuple[str, ...]
_ABOUT = re.compile(r"^The cell (?P<cell>.+?) (?P<rest>(?:is sensitive|cannot be protected).*)$")
_RELEASE = re.compile(r"(?P<number>WR-\d{4}-\d{6}), package \d+")
_MADE_BY_NOBODY = {
    HIDDEN: "A sum of contributions that the tables together tell apart",
    CHANGED: "What a cell changed by between two loads",
}
PUBLISHED_DIMENSIONS = ("area", "ownership", "industry")


@dataclass(frozen=True)
class InTheWay:
    """Published cells of one earlier release that leave no safe pattern; `number` is its request, "" for QCEW."""

    release: str
    number: str
    cells: list[str]


@dataclass(frozen=True)
class Refusal:
    """One build that was refused: why, in sentences, and what stood in the way."""

    refused_at: datetime
    reasons: list[str]
    in_the_way: list[InTheWay]


def refusals_of(request: DataRequest) -> list[Refusal]:
    """Every refusal of a request's tables, the newest first."""
    kept = HistoryRefusal.objects.filter(request_number=request.number).order_by("-refused_at")
    words = _Words(request)
    return [Refusal(one.refused_at, [words.reason(text) for text in one.reasons], words.in_the_way(one.in_the_way))
            for one in kept]  # fmt: skip


def newest_refusal(request: DataRequest) -> Refusal | None:
    """Why the request's tables could not be built, while nothing was built since."""
    newest = newest_package(request)
    since = newest.built_at if newest else None
    return next((one for one in refusals_of(request) if since is None or one.refused_at > since), None)


class _Words:
    """Cells by the dimensions of the table they stand in; the designs of other requests are looked up once."""

    def __init__(self, request: DataRequest) -> None:
        self._request = request
        self._dimensions: dict[str, Key] = {}

    def reason(self, text: str) -> str:
        found = _ABOUT.match(text)
        if found is None:
            return text
        codes = tuple(found["cell"].split(" / "))
        named = _MADE_BY_NOBODY.get(codes[0]) or self._cell(codes)
        return f"{named} {found['rest']}"

    def in_the_way(self, kept: Iterable[list[str]]) -> list[InTheWay]:
        """The releases in the order they were found, each with its cells."""
        cells: dict[str, list[str]] = {}
        for release, *key in kept:
            cells.setdefault(release, []).append(self._words(tuple(key), self._of(release)))
        return [InTheWay(release, _number(release), found) for release, found in cells.items()]

    def _cell(self, codes: Key) -> str:
        """A cell of the table itself, or of an earlier release, which then stands first."""
        own = self._of(self._request.number)
        if len(codes) == 1 + len(own):
            return self._words(codes, own)
        return f"{self._words(codes[1:], self._of(codes[0]))} ({codes[0]})"

    def _of(self, release: str) -> Key:
        number = _number(release) or release
        if number not in self._dimensions:
            own = self._request if number == self._request.number else None
            other = own or DataRequest.objects.filter(number=number).first()
            self._dimensions[number] = _dimensions(other) if other else PUBLISHED_DIMENSIONS
        return self._dimensions[number]

    def _words(self, key: Key, dimensions: Key) -> str:
        names = ("quarter", *dimensions)
        if len(names) != len(key):
            return " / ".join(key)
        return " · ".join(map(title, names, key))


def _number(release: str) -> str:
    found = _RELEASE.search(release)
    return found["number"] if found and release.startswith(found["number"]) else ""


def _dimensions(request: DataRequest) -> Key:
    try:
        design = designs.design_of(request)
    except DesignError:
        return ()
    return QCEW_DIMENSIONS if design.layout == "qcew" else design.dimensions
