"""The report of one load for the Data Steward at the loader's machine: what was rejected and flagged, with accounts.

Lines and codes of rejects, accounts and units of flags; never a person, and so no SSN. Accounts are confidential: the
report is printed or written where the loads are, and no page shows it.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from django.db import connection

from matching.cohorts.selectors import lines_in_words
from matching.core.edits import accounts as account_edits
from matching.core.edits import records as edits
from matching.models import AccountFlag, Kind, Load, LoadQuality, PublishedComparison, Status
from matching.sql.statements import statement

SHOWN = 10
WORDS = {str(edit): words for every in (edits.WORDS, account_edits.WORDS) for edit, words in every.items()}
_FLAG = ("edit", "uin", "run", "loaded", "compared")


class NoSuchLoad(Exception):
    """Nothing of this state, quarter, kind and version is loaded; the message says so."""


@dataclass(frozen=True)
class LoadReport:
    """One load and its quality, None where it was loaded before there were edits."""

    load: Load
    quality: LoadQuality | None

    def lines(self) -> Iterator[str]:
        """The report in words, a line at a time."""
        load = self.load
        yield f"{load}, {load.get_status_display().lower()}: {load.rows:,} rows, wages {load.total_wages:,}"
        yield f"Rejected: {load.rejected:,}"
        for code, number in sorted(load.rejects.items()):
            yield f"  {code}: {number:,}, lines {lines_in_words(load.reject_lines.get(code, []), number)}"
        if self.quality is None:
            yield "No edits were made when this was loaded; load the file again to have them."
            return
        yield from _flagged(
            "Flagged records" if load.kind == Kind.WAGE_RECORDS else "Flagged units", self.quality.edits
        )
        yield from _flagged("Flagged accounts", self.quality.account_edits)
        yield from self._changes(self.quality)
        yield from self._published()
        yield from self._accounts()

    def _changes(self, quality: LoadQuality) -> Iterator[str]:
        for words, rows, wages in (
            ("quarter", quality.rows_quarter_before, quality.wages_quarter_before),
            ("year", quality.rows_year_before, quality.wages_year_before),
        ):
            if rows and wages:
                yield (
                    f"Change on the {words}: rows {quality.rows / rows - 1:+.1%}, "
                    f"wages {quality.total_wages / wages - 1:+.1%}"
                )
            else:
                yield f"Change on the {words}: nothing to compare with is loaded"

    def _published(self) -> Iterator[str]:
        yield "Beside published QCEW (loaded, published, ratio):"
        for one in PublishedComparison.objects.filter(load_id=self.load.pk).order_by("ownership", "measure"):
            what = f"  ownership {one.ownership}, {one.measure}: {one.loaded:,.0f}"
            if one.published is None:
                yield f"{what}, {'withheld' if one.disclosure_code == 'N' else 'not published or not loaded'}"
            else:
                ratio = f", {one.loaded / one.published:.4f}" if one.published else ""
                yield f"{what}, {one.published:,.1f}{ratio}"

    def _accounts(self) -> Iterator[str]:
        flags = AccountFlag.objects.filter(load_id=self.load.pk)
        for edit in flags.order_by("edit").values_list("edit", flat=True).distinct():
            yield f"{WORDS[edit]} ({edit}):"
            found = flags.filter(edit=edit).order_by("uin", "run")
            for one in found[:SHOWN]:
                yield f"  {one.uin}{' ' + one.run if one.run else ''}: {_figure(one.loaded)} / {_figure(one.compared)}"
            if (more := found.count() - SHOWN) > 0:
                yield f"  and {more:,} more"

    def write_accounts(self, out: TextIO) -> int:
        """Every flagged account and unit as CSV; gives the number of lines."""
        flags = AccountFlag.objects.filter(load_id=self.load.pk).order_by("edit", "uin", "run")
        return _write(out, _FLAG, flags.values_list(*_FLAG).iterator())

    def write_records(self, out: TextIO) -> int:
        """Flagged records as CSV: which account and unit, which wages, and no person."""
        with connection.cursor() as cursor:
            cursor.execute(statement("flagged_records"), {"load": self.load.pk})
            return _write(out, ("edit", "uin", "run", "wages"), iter(cursor.fetchone, None))


def report_of(state: str, quarter: int, kind: str, version: int | None) -> LoadReport:
    """The report of a version; without one, of the version in use, else of the newest. Raises NoSuchLoad."""
    loads = Load.objects.filter(state=state, quarter=quarter, kind=kind).order_by("-version")
    if version is not None:
        found = loads.filter(version=version).first()
    else:
        found = loads.filter(status=Status.VISIBLE).first() or loads.first()
    if found is None:
        raise NoSuchLoad(f"No such load: {Kind(kind).label.lower()} of state {state}, quarter {quarter}.")
    return LoadReport(found, LoadQuality.objects.filter(pk=found.pk).first())


def _flagged(title: str, counts: dict[str, int]) -> Iterator[str]:
    yield f"{title}: {sum(counts.values()):,}"
    for edit, number in sorted(counts.items()):
        if number:
            yield f"  {number:,}: {WORDS[edit]} ({edit})"


def _figure(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _write(out: TextIO, names: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> int:
    writer = csv.writer(out)
    writer.writerow(names)
    written = 0
    for row in rows:
        writer.writerow(row)
        written += 1
    return written
