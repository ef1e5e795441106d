"""Checks that files of published QCEW agree with themselves: sums, weekly wages, changes over the year, quotients."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.core.management.base import BaseCommand, CommandError

from matching.core.qcew.checks.changes import check_changes
from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.checks.quotients import check_quotients
from matching.core.qcew.checks.sums import check_quarter
from matching.core.qcew.checks.years import check_years
from matching.core.qcew.file import QcewFile
from matching.core.qcew.layout import QUARTERLY, QcewError
from matching.core.qcew.published import read_quarterly, state_quarters
from matching.loads.published_qcew import files_below

Result = tuple[str, Any]


class Command(BaseCommand):
    """``check_published_qcew DIR|FILE... [--json FILE]``: exit status 0 only when nothing contradicts anything."""

    help = "Checks published QCEW files against themselves and prints what was checked and what is wrong, as counts."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", type=Path, metavar="DIR|FILE")
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the counts")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            results = list(self._results(files_below(options["places"])))
        except (QcewError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        counts = {name: asdict(found) for name, found in results}
        for name, found in counts.items():
            self.stdout.write(f"{name}: " + ", ".join(f"{what} {count}" for what, count in found.items()))
        if options["json"]:
            options["json"].write_text(json.dumps(counts) + "\n")
        bad = [name for name, found in results if not found.good]
        if bad:
            raise CommandError(f"Contradictions in {', '.join(bad)}.", returncode=1)

    def _results(self, paths: list[Path]) -> Iterator[Result]:
        """Every check of the quarterly files and of the annual ones."""
        kinds: dict[str, list[Path]] = {}
        for path in paths:
            kinds.setdefault(QcewFile(path).layout.frequency, []).append(path)
        for frequency, found in sorted(kinds.items()):
            self.stderr.write(f"{len(found)} {frequency} files ...")
            printed = Printed(found)
            if printed.layout is QUARTERLY:
                yield from self._quarters(read_quarterly(found))
            yield f"{frequency} changes", check_changes(printed)
            yield f"{frequency} quotients", check_quotients(printed)
            yield f"{frequency} years", check_years(printed)

    def _quarters(self, table: pa.Table) -> Iterator[Result]:
        """Sums and weekly wages of every state that is there with its statewide cells."""
        areas = sorted(area for area in set(table["area_fips"].to_pylist()) if area.endswith("000") and area.isdigit())
        for area in areas:
            for year, qtr in state_quarters(table, area[:2]):
                yield f"{area[:2]} {year} quarter {qtr}", check_quarter(table, area[:2], year, qtr)
