"""Audits real published QCEW files: how many withheld cells follow from the published ones. Never prints a value."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from disclosure.core.audit.published import PublishedAudit, audit_published, state_quarters
from matching.core.qcew.layout import QcewError
from matching.core.qcew.published import read_quarterly

COUNTS = ("cells", "withheld", "recoverable", "relations")


class Command(BaseCommand):
    """``audit_published_qcew DIR [--quarter YYYYQ] [--json FILE]``: exit status 0 only when nothing is recoverable."""

    help = "Counts the withheld cells of published QCEW files that their published cells give away."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="quarterly files of whole states, csv or csv.gz")
        parser.add_argument("--quarter", type=int, metavar="YYYYQ", help="one quarter; without it every one found")
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the summary")

    def handle(self, *_args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            audits = self._audits(options["folder"], options["quarter"])
        except (QcewError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        summary: dict[str, float] = {name: sum(getattr(one, name) for one in audits) for name in COUNTS}
        summary["seconds"] = round(time.perf_counter() - started, 2)
        text = json.dumps(summary)
        if options["json"]:
            options["json"].write_text(text + "\n")
        self.stdout.write(text)
        if summary["recoverable"]:
            raise CommandError(f"{summary['recoverable']} withheld cells are recoverable.", returncode=1)

    def _audits(self, folder: Path, quarter: int | None) -> list[PublishedAudit]:
        paths = sorted(path for path in folder.rglob("*") if path.name.lower().endswith((".csv", ".csv.gz")))
        if not paths:
            raise QcewError(f"{folder}: no csv or csv.gz file is there.")
        table = read_quarterly(paths)
        pairs = state_quarters(table, quarter)
        if not pairs:
            raise QcewError(f"{folder}: no statewide file" + (f" of quarter {quarter}." if quarter else "."))
        audits = []
        for one in audit_published(table, pairs):
            audits.append(one)
            self.stderr.write(f"state {one.state}, {one.quarter}: {one.cells} cells, {one.withheld} withheld, "
                              f"{one.recoverable} recoverable, {one.relations} relations")  # fmt: skip
        return audits
