"""The forecast a coordinator sees while designing a table: from published QCEW and the form, and from nothing else.

Web computes it, and web has no right on wage records (security.md): a confidential record cannot change what stands
here. Kept in the cache until other files of published QCEW are loaded.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Max

from disclosure.core.advice.costs import finest_cells, is_foreseen
from disclosure.core.advice.forecast import Forecast, better, forecast
from disclosure.core.advice.suggest import Coarser
from disclosure.core.qcew.codes import CLASS_FROM
from disclosure.core.tabulation.design import DesignError, TableDesign
from disclosure.core.tabulation.regions import REST, metropolitan_area
from matching.core.tabulation.outcomes import TENURES
from matching.models import PublishedFile
from matching.published_shares import (
    OWNERS,
    Depth,
    Groups,
    Period,
    PublishedShares,
    nearest_periods,
    published_shares,
)
from requests_app import form
from requests_app.form import RequestForm
from requests_app.models import DataRequest
from requests_app.selectors.life.titles import codes
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


@dataclass(frozen=True)
class Basis:
    """What is published of a form's states: the quarters that stand for those asked for, and their cells by level."""

    periods: Sequence[Period]
    unpublished: tuple[str, ...]
    shares: PublishedShares


def published_forecast(request: DataRequest) -> PublishedForecast | None:
    """The forecast of the design as saved; None while the form does not say enough."""
    asked = form.read(request)
    try:
        design = TableDesign.from_dict(asked.design, people=asked.kind is Kind.MICRO_TO_MACRO)
    except DesignError:
        return None
    basis = basis_of(asked, design)
    return None if basis is None else forecast_of(asked, design, basis)


def basis_of(asked: RequestForm, design: TableDesign) -> Basis | None:
    """What is published that such a design can be held against; None while the form names no states and quarters."""
    if asked.kind not in AGGREGATED or not asked.states or not asked.quarters:
        return None
    periods = nearest_periods(asked.states, asked.quarters)
    unpublished = tuple(sorted(set(asked.states) - {state for state, _ in periods}))
    periods = periods[:STATES_AT_MOST]
    shares = _shares(design, periods) if periods and design.source in OWNERS else {}
    return Basis(periods, unpublished, shares)


def forecast_of(asked: RequestForm, design: TableDesign, basis: Basis) -> PublishedForecast | None:
    """The forecast of a sound design, saved or not."""
    if asked.kind == Kind.MICRO_TO_MACRO:
        return _of_people(asked, design, basis)
    if not is_foreseen(design):
        return PublishedForecast(None, (), basis.periods, basis.unpublished)
    states = len(basis.periods)
    now = forecast(Coarser(design), basis.shares, states)
    helpful = better(design, basis.shares, states) if now and now.withheld else ()
    return PublishedForecast(now, helpful, basis.periods, basis.unpublished)


def _shares(design: TableDesign, periods: Sequence[Period]) -> PublishedShares:
    """Every level, so that finer designs can be told of as well; the same for all designs of these industries."""
    depth = Depth(digits=6, counties=True, by_owner=True)
    owners = [one for one in OWNERS[design.source] if not design.ownerships or one in design.ownerships]
    newest = PublishedFile.objects.aggregate(newest=Max("pk"))["newest"]
    known_by = repr((owners, periods, sorted(design.industries), design.regions_by_county(), depth, newest)).encode()
    key = f"published-shares-{hashlib.sha256(known_by).hexdigest()}"
    found: PublishedShares | None = cache.get(key)
    if found is None:
        found = published_shares(owners, periods, design.industries, depth, _groups(design, periods))
        cache.set(key, found, KEPT_SECONDS)
    return found


def _groups(design: TableDesign, periods: Sequence[Period]) -> Groups:
    """Which counties of the states stand together: as metropolitan areas, and as the form's own regions."""
    states = {state for state, _ in periods}
    counties = [code for code in codes("area") if code[:2] in states and code.isdigit() and code[2:] != "000"]
    named = design.regions_by_county()
    own = {"region": {county: named.get(county, REST) for county in counties}} if named else {}
    return {"metro": {county: metropolitan_area(county) for county in counties}, **own}


def _of_people(asked: RequestForm, design: TableDesign, basis: Basis) -> PublishedForecast | None:
    """People spread evenly over the finest cells: the form's own numbers, and the industries and areas there are."""
    if not asked.expected_size:
        return None
    cells = finest_cells(design, basis.shares, codes_of(asked, design, basis.shares))
    return PublishedForecast(None, (), basis.periods, basis.unpublished, asked.expected_size / cells, cells)


def codes_of(asked: RequestForm, design: TableDesign, shares: PublishedShares) -> dict[str, int]:
    """How many codes each dimension has that QCEW does not know: the form's own, and as many industries before."""
    industries = shares.get(("all", design.industry_level, "together"))
    return {
        "cohort": max(len(asked.cohorts), 1),
        "state": len(asked.states),
        "origin_state": len(asked.states),
        "origin_industry": industries.cells if industries else 1,
        "tenure": len(TENURES) - 1,
        "size": len(CLASS_FROM) + 1,
    }
