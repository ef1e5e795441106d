"""Reports one load: rejects by line and code, what the edits flagged, totals beside published QCEW."""

import os
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from matching.loads.reports import NoSuchLoad, report_of
from matching.models import Kind


class Command(BaseCommand):
    """``load_report STATE QUARTER KIND [--load-version N] [--accounts FILE] [--records FILE]``."""

    help = "Reports what was rejected and flagged in a load, with line numbers and accounts. Never a person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("state", help="FIPS code, e.g. 44")
        parser.add_argument("quarter", type=int, help="YYYYQ, e.g. 20161")
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("--load-version", type=int, metavar="N", help="the version; without it the one in use")
        parser.add_argument("--accounts", type=Path, metavar="FILE", help="write every flagged account as CSV")
        parser.add_argument("--records", type=Path, metavar="FILE", help="write the flagged records as CSV")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = report_of(options["state"], options["quarter"], options["kind"], options["load_version"])
        except NoSuchLoad as problem:
            raise CommandError(str(problem)) from None
        for line in report.lines():
            self.stdout.write(line)
        self._write(options["accounts"], report.write_accounts)
        self._write(options["records"], report.write_records)

    def _write(self, path: Path | None, write: Callable[[TextIO], int]) -> None:
        """A new file that only its owner may read: accounts are confidential."""
        if path is None:
            return
        try:
            place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}.") from None
        with os.fdopen(place, "w", newline="") as out:
            self.stdout.write(f"{path}: {write(out):,} lines")
