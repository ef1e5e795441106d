"""Loads wage-record files; each is one transaction of its own."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from matching.loads.loading import LoadRefused, LoadResult, load_wage_records
from matching.loads.register import Done, Progress
from matching.models import Kind

SECONDS_BETWEEN = 1.0


class Command(BaseCommand):
    """``load_wage_records FILE...``: one file per state and quarter, either layout, plain or gz."""

    help = "Loads wage-record files (fixed width or CSV, plain or gz), one state and quarter each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        add_edition(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        said = {name: options[name] for name in ("released_on", "final")}
        load_each(self, options["files"], lambda path, told: load_wage_records(path, progress=told, **said))


def load_each(command: BaseCommand, files: list[Path], load: Callable[[Path, Progress], LoadResult]) -> None:
    """Loads one file after the other, each for itself, and reports on each; CommandError if any was refused."""
    refused = 0
    for number, path in enumerate(files, 1):
        told = _Told(command, f"{path.name} ({number} of {len(files)})" if len(files) > 1 else path.name)
        try:
            result = load(path, told)
        except LoadRefused as problem:
            refused += 1
            command.stderr.write(f"{path.name}: {problem}")
        except OSError as problem:
            refused += 1
            command.stderr.write(f"{path.name}: {problem.strerror or problem}. Nothing of it was loaded.")
        except (DatabaseError, InterfaceError, psycopg.Error) as problem:  # whose own words may quote a row
            raise CommandError(f"{path.name}: {_why_ended(problem)}") from None
        else:
            command.stdout.write(report(path, result))
    if refused:
        raise CommandError(f"{refused} of {len(files)} files were refused; the others are loaded.")


def _why_ended(problem: Exception) -> str:
    """What happened to PostgreSQL, and what to do; without its own words."""
    if isinstance(problem.__cause__ or problem, psycopg.errors.DiskFull):
        return "PostgreSQL has no room left on its disk. Nothing of it was loaded; make room, then load it again."
    name = type(problem).__name__
    return f"PostgreSQL ended the load ({name}). Nothing of it was loaded; run the command again."


class _Told:
    """Says, at most once a second, how far a load is and how long this step will take."""

    def __init__(self, command: BaseCommand, name: str) -> None:
        self._command, self._name, self._step = command, name, ""
        self._since = self._last = time.monotonic()

    def __call__(self, done: Done) -> None:
        now = time.monotonic()
        if done.step != self._step:
            self._step, self._since = done.step, now
        if now - self._last < SECONDS_BETWEEN or done.part == 0:
            return
        self._last = now
        left = round((now - self._since) * (done.whole - done.part) / done.part)
        share = 100 * done.part // max(done.whole, 1)
        text = f"{self._name}: {done.rows:,} records {done.step}, {share} %, {left // 60} min {left % 60:02} s left"
        self._command.stderr.write(text, style_func=str)


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
