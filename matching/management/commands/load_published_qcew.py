"""Loads published QCEW (public files of BLS) into tables that pages may read."""

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.core.qcew.checks.sums import QcewCheck, check_quarter
from matching.core.qcew.layout import QcewError
from matching.loads.published_qcew import (
    PublishedResult,
    files_below,
    load_published,
    published_cells,
    states_and_quarters,
)


class Command(BaseCommand):
    """``load_published_qcew DIR [FILE...]``: by area, by industry or single file, quarterly or annual, plain or gz."""

    help = "Loads published QCEW as printed. A later file replaces the cells it speaks of; the same file: no change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", type=Path, metavar="DIR|FILE")
        parser.add_argument("--check", action="store_true", help="check sums and weekly wages of what was loaded")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            paths = files_below(options["places"])
        except QcewError as problem:
            raise CommandError(str(problem)) from None
        results = [result for path in paths if (result := self._load(path)) is not None]
        if options["check"]:
            self._check(results)
        if len(results) < len(paths):
            refused = len(paths) - len(results)
            raise CommandError(f"{refused} of {len(paths)} files were refused; the others are loaded.")

    def _load(self, path: Path) -> PublishedResult | None:
        started = monotonic()

        def progress(done: int, known: int) -> None:
            if self.stdout.isatty() and done:
                left = (monotonic() - started) * (known - done) / done
                self.stdout.write(f"\r{path.name}: {100 * done // known} %, about {left:.0f} s left  ", ending="")
                self.stdout.flush()

        try:
            result = load_published(path, progress)
        except (QcewError, OSError) as problem:
            self.stderr.write(str(problem) if isinstance(problem, QcewError) else f"{path.name}: {problem.strerror}.")
            return None
        self.stdout.write(report(result))
        return result

    def _check(self, results: list[PublishedResult]) -> None:
        bad = 0
        for state, quarter in states_and_quarters(results):
            found = check_quarter(published_cells(state, quarter), state, quarter // 10, quarter % 10)
            self.stdout.write(check_report(found))
            bad += not found.good
        if bad:
            raise CommandError(f"{bad} states and quarters contradict themselves.")


def report(result: PublishedResult) -> str:
    """One line for a file."""
    if result.unchanged:
        return f"{result.name}: in force already; nothing changed."
    periods = result.periods[0] if len(result.periods) == 1 else f"{result.periods[0]} to {result.periods[-1]}"
    return (
        f"{result.name}: {result.frequency} by {result.scope}, {periods}, {len(result.areas):,} areas, "
        f"{result.rows:,} rows, {result.replaced:,} replaced"
    )


def check_report(found: QcewCheck) -> str:
    """One line for a state and quarter."""
    return (
        f"state {found.state}, {found.quarter}: {found.cells:,} cells, {found.withheld:,} withheld, "
        f"{found.without_establishment:,} without establishment; {found.relations:,} sums, "
        f"{found.relations_published:,} of them wholly published; wrong: {found.counts_broken} counts, "
        f"{found.sums_broken} sums, {found.parents_short} parents too small; {found.weekly_wages:,} weekly wages, "
        f"{found.weekly_wages_wrong} wrong"
    )
