"""Loads wage-record files; each is one transaction of its own."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.loads import LoadRefused, LoadResult, load_wage_records
from matching.models import Kind


class Command(BaseCommand):
    """``load_wage_records FILE...``: one file per state and quarter, either layout, plain or gz."""

    help = "Loads wage-record files (fixed width or CSV, plain or gz), one state and quarter each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        add_edition(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        refused = [path for path in options["files"] if not self._load(path, options)]
        if refused:
            raise CommandError(f"{len(refused)} of {len(options['files'])} files were refused; the others are loaded.")

    def _load(self, path: Path, options: dict[str, Any]) -> bool:
        edition = {name: options[name] for name in ("released_on", "final")}
        try:
            result = load_wage_records(path, progress=self._progress, **edition)
        except (LoadRefused, OSError) as problem:
            self.stderr.write(f"{path.name}: {problem}")
            return False
        self.stdout.write(report(path, result))
        return True

    def _progress(self, rows: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{rows:,} records read ...", ending="")
            self.stdout.flush()


def add_edition(parser: ArgumentParser) -> None:
    """The options of both loading commands that say when the quarter is officially released, and that it is final."""
    parser.add_argument(
        "--released-on",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="official release of the quarter; until then only people on the pre-release list use it",
    )
    parser.add_argument(
        "--final",
        action="store_true",
        help="no correction is expected any more; with a file that is loaded already, says so of that load",
    )


def report(path: Path, result: LoadResult) -> str:
    """What a Data Steward sees of a load: counts, and rejected lines by code."""
    if result.unchanged:
        edition = ", final" if result.final else ""
        return f"{path.name}: the same file is loaded already (version {result.version}{edition}); nothing changed."
    lines = [
        f"{path.name}: {Kind(result.kind).label.lower()} of state {result.state}, quarter {result.quarter}, "
        f"version {result.version}: {result.rows:,} rows, {result.rejected:,} rejected, wages {result.total_wages:,}"
    ]
    if result.unmatchable:
        lines.append(f"  {result.unmatchable:,} rows have an impossible SSN; they count in totals and never match")
    for code, count in sorted(result.rejects.items()):
        shown = ", ".join(str(number) for number in result.reject_lines[code][:10])
        lines.append(f"  rejected, {code}: {count:,} (lines {shown}{', ...' if count > 10 else ''})")
    if result.concerned:
        lines.append(f"  made from the version before: {', '.join(result.concerned)}")
    return "\n".join(lines)
