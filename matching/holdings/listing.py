"""Holdings line by line: the quarters of one state on the page, and everything chosen as CSV."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from matching.holdings.looks import Findings
from matching.models import Holding
from requests_app.fips import STATE_NAMES
from requests_app.templatetags.formats import count, count_of, day, quarter

PUBLIC_COLUMNS = ["Quarter", "Status", "Official release"]
QUALITY_COLUMNS = ["Loaded", "Rows", "Rejected", "Edits flagged"]
HEADER = ["state_fips", "state", "year", "quarter", "kind", "status", "official_release", "released"]
QUALITY_HEADER = ["version", "loaded_on", "rows", "rejected", "unmatchable", "records_flagged", "accounts_flagged"]


def columns(*, with_quality: bool) -> list[str]:
    """The headings of `lines`."""
    return PUBLIC_COLUMNS + (QUALITY_COLUMNS if with_quality else [])


def lines(
    holdings: Iterable[Holding], today: date, found: Mapping[int, Findings] | None
) -> list[dict[str, Any]]:  # fmt: skip
    """The quarters of one state, newest first, for components/list_table.html; quality where `found` is given."""
    return [_line(one, today, found) for one in sorted(holdings, key=lambda one: -one.quarter)]


def _line(holding: Holding, today: date, found: Mapping[int, Findings] | None) -> dict[str, Any]:
    cells = [holding.edition, release_words(holding.release_date, today)]
    if found is None:
        return {"label": quarter(holding.quarter), "cells": cells}
    cells += [
        f"Loaded {day(holding.loaded_at)}", count_of(holding.rows, "row"), f"{count(holding.rejected)} rejected",
        finding_words(found.get(holding.load_id)),
    ]  # fmt: skip
    return {
        "label": quarter(holding.quarter), "cells": cells,
        "url": reverse("holding", args=[holding.state, holding.quarter]),
    }  # fmt: skip


def release_words(on: date | None, today: date) -> str:
    """When the quarter is or was officially released."""
    if on is None:
        return "Released; no date recorded"
    return f"{'Released' if on <= today else 'To be released'} {day(on)}"


def finding_words(found: Findings | None) -> str:
    """What the edits flagged, and whether that was looked at."""
    if found is None:
        return "Not computed"
    if not (found.records or found.accounts):
        return "Nothing flagged"
    looked = "looked at" if found.looked_at else "not looked at yet"
    return f"{count_of(found.records, 'record')}, {count_of(found.accounts, 'account')} flagged; {looked}"


def csv_rows(
    holdings: Iterable[Holding], today: date, found: Mapping[int, Findings] | None
) -> Iterator[list[str]]:  # fmt: skip
    """Header and one line per holding, in order of state and quarter; quality where `found` is given."""
    yield HEADER + ([] if found is None else QUALITY_HEADER)
    for one in holdings:
        on = one.release_date
        line = [
            one.state, STATE_NAMES.get(one.state, one.state), str(one.quarter // 10), str(one.quarter % 10), one.kind,
            one.edition.lower(), on.isoformat() if on else "", "no" if on and on > today else "yes",
        ]  # fmt: skip
        yield line + ([] if found is None else _quality_cells(one, found.get(one.load_id)))


def _quality_cells(holding: Holding, found: Findings | None) -> list[str]:
    flagged = ["", ""] if found is None else [str(found.records), str(found.accounts)]
    counts = [str(holding.rows), str(holding.rejected), str(holding.unmatchable)]
    return [str(holding.version), holding.loaded_at.date().isoformat(), *counts, *flagged]
