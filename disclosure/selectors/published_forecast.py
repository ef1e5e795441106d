"""The forecast a coordinator sees while designing a table: from published QCEW and the form, and from nothing else.

Web computes it, and web has no right on wage records (security.md): a confidential record cannot change what stands
here. Kept in the cache until other files of published QCEW are loaded.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Max

from disclosure.core.advice.forecast import Forecast, better, forecast
from disclosure.core.advice.suggest import Coarser
from disclosure.core.tabulation.design import DesignError, TableDesign
from matching.models import PublishedFile
from matching.published_shares import OWNERS, Depth, Period, PublishedShares, nearest_periods, published_shares
from requests_app import form
from requests_app.form import RequestForm
from requests_app.models import DataRequest
from requests_app.states import AGGREGATED, Kind

KEPT_SECONDS = 24 * 60 * 60
STATES_AT_MOST = 12  # of a request for more, the first in the order of FIPS codes stand for all: a page must not wait


@dataclass(frozen=True)
class PublishedForecast:
    """What published QCEW tells of a design: the forecast, designs that would help, and on what it rests.

    `now` is None where QCEW cannot tell. `people_a_cell` is for tables of people, of whom QCEW knows nothing: how many
    of the expected people there would be in each of the finest cells, were they spread evenly.
    """

    now: Forecast | None
    better: tuple[Forecast, ...]
    periods: Sequence[Period]
    unpublished: tuple[str, ...]
    people_a_cell: float | None = None
    finest_cells: int = 0


def published_forecast(request: DataRequest) -> PublishedForecast | None:
    """The forecast of the design as saved; None while the form does not say enough."""
    asked = form.read(request)
    if asked.kind not in AGGREGATED or not asked.states or not asked.quarters:
        return None
    try:
        design = TableDesign.from_dict(asked.design, people=asked.kind is Kind.MICRO_TO_MACRO)
    except DesignError:
        return None
    periods = nearest_periods(asked.states, asked.quarters)
    unpublished = tuple(sorted(set(asked.states) - {state for state, _ in periods}))
    periods = periods[:STATES_AT_MOST]
    shares = _shares(design, periods) if periods and design.source in OWNERS else {}
    if asked.kind == Kind.MICRO_TO_MACRO:
        return _of_people(asked, design, shares, periods, unpublished)
    if design.of_people or design.layout == "qcew":
        return PublishedForecast(None, (), periods, unpublished)
    states = len(periods)
    now = forecast(Coarser(design), shares, states)
    helpful = better(design, shares, states) if now and now.withheld else ()
    return PublishedForecast(now, helpful, periods, unpublished)


def _shares(design: TableDesign, periods: Sequence[Period]) -> PublishedShares:
    depth = Depth(
        digits=design.industry_level if "industry" in design.dimensions else 0,
        counties="area" in design.dimensions and design.area_level == "county",
        by_owner="ownership" in design.dimensions,
    )
    owners = [one for one in OWNERS[design.source] if not design.ownerships or one in design.ownerships]
    newest = PublishedFile.objects.aggregate(newest=Max("pk"))["newest"]
    known_by = repr((owners, periods, sorted(design.industries), depth, newest)).encode()
    key = f"published-shares-{hashlib.sha256(known_by).hexdigest()}"
    found: PublishedShares | None = cache.get(key)
    if found is None:
        found = published_shares(owners, periods, design.industries, depth)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _of_people(
    asked: RequestForm,
    design: TableDesign,
    shares: PublishedShares,
    periods: Sequence[Period],
    unpublished: tuple[str, ...],
) -> PublishedForecast | None:
    """People spread evenly over the finest cells: the form's own numbers, and the industries and areas there are."""
    if not asked.expected_size:
        return None
    digits = design.industry_level if "industry" in design.dimensions else 0
    areas = design.area_level if "area" in design.dimensions else "all"
    owners = "each" if "ownership" in design.dimensions else "together"
    places = shares.get((areas, digits, owners))
    cells = places.cells if places else 1
    cells *= max(len(asked.cohorts), 1) if "cohort" in design.dimensions else 1
    cells *= len(asked.states) if "state" in design.dimensions else 1
    return PublishedForecast(None, (), periods, unpublished, asked.expected_size / cells, cells)
