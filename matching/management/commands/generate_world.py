"""Writes the files of a synthetic world: employers that reproduce published QCEW, people with specimen SSNs."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.core.qcew.completion import CompletionError
from matching.core.qcew.layout import QcewError
from matching.core.world import ShockError, WorldError, WorldFile, build_world, read_shock, shock_facts, write_files
from matching.core.world.writing import DIRT
from matching.loads.register import quarter_after

SECONDS_BETWEEN = 1.0


class Command(BaseCommand):
    """``generate_world DIR --states 44,10 --quarters 20161:20164 --persons N --seed S [--shock ... --facts FILE]``."""

    help = "Writes wage-record and establishment files of synthetic people; nothing in them is about anyone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--states", required=True, help="FIPS codes, e.g. 44,10")
        parser.add_argument("--quarters", required=True, help="e.g. 20161,20162 or a range 20161:20164")
        parser.add_argument("--persons", type=int, help="size of the world; default: published employment")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--layout", choices=("csv", "fixed", "mixed"), default="csv")
        parser.add_argument("--dirt", type=float, default=DIRT, help="share of wage records wrong on purpose")
        parser.add_argument("--qcew", type=Path, default=settings.BASE_DIR / "data", help="published QCEW, by area")
        parser.add_argument(
            "--shock",
            action="append",
            default=[],
            metavar="naics=722,from=20173,to=20182,jobs=-0.4,pay=0.05,state=44,county=44007",
            help="an industry loses (or gains) this share of its jobs, or of pay per job; may be given several times",
        )
        parser.add_argument("--facts", type=Path, help="write what the shocks did to this file (JSON)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._generate(options)
        except (WorldError, ShockError, QcewError, CompletionError) as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{problem.filename or options['directory']}: {problem.strerror or problem}") from None

    def _generate(self, options: dict[str, Any]) -> None:
        quarters = read_quarters(options["quarters"])
        shocks = [read_shock(text) for text in options["shock"]]
        if options["facts"] and not shocks:
            raise CommandError("--facts says what shocks did; name one with --shock.")
        if not options["qcew"].is_dir():
            raise CommandError(f"{options['qcew']} is not a folder of published QCEW.")
        world = build_world(
            states=options["states"].split(","),
            persons=options["persons"],
            seed=options["seed"],
            qcew_dir=options["qcew"],
            shocks=shocks,
            told=lambda state: self._say(f"Reading and completing the published cells of state {state} ..."),
        )
        told = _Told(self)
        written = write_files(
            options["directory"], world, quarters, layout=options["layout"], dirt=options["dirt"], progress=told
        )
        for file in written.files:
            self.stdout.write(_line(file))
        if options["facts"]:
            facts = shock_facts(world, quarters, options["dirt"])
            options["facts"].write_text(json.dumps(facts, indent=1) + "\n")
            self.stdout.write(f"{options['facts']}: what {len(shocks)} shock(s) did")
        seconds = max(time.monotonic() - told.since, 1e-9)
        self.stdout.write(
            f"{written.persons:,} persons, {written.wage_records:,} wage records in {seconds:,.0f} s, "
            f"scale {written.scale:.4f}"
        )

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)


class _Told:
    """Says, at most once a second, how much is written and how long the rest will take."""

    def __init__(self, command: BaseCommand) -> None:
        self.since = self._last = time.monotonic()
        self._command = command

    def __call__(self, name: str, done: int, expected: int) -> None:
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN:
            return
        self._last = now
        left = (now - self.since) * (expected - done) / max(done, 1)
        text = f"{name}: {done:,} of about {expected:,} wage records, {_duration(left)} left"
        self._command.stderr.write(text, style_func=str)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def _line(file: WorldFile) -> str:
    return f"{file.path}: {file.rows:,} rows, wages {file.wages:,}"


def read_quarters(text: str) -> list[int]:
    """Quarters YYYYQ from a list or a range; CommandError for anything else."""
    first, colon, last = text.partition(":")
    words = [first, last] if colon else text.split(",")
    if not all(len(word) == 5 and word.isdigit() and word[4] in "1234" for word in words):
        raise CommandError("Quarters are YYYYQ: 20161,20162 or 20161:20164.")
    if not colon:
        return [int(word) for word in words]
    if int(last) < int(first):
        raise CommandError(f"The range of quarters ends ({last}) before it begins ({first}).")
    quarters = [int(first)]
    while quarters[-1] < int(last):
        quarters.append(quarter_after(quarters[-1]))
    return quarters
