"""Writes the files of a synthetic world: employers that reproduce published QCEW, people with specimen SSNs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.core.qcew_layout import QcewError
from matching.core.world import WorldError, write_world
from matching.core.world.writing import DIRT
from matching.load_register import quarter_after


class Command(BaseCommand):
    """``generate_world DIR --states 44,10 --quarters 20161:20164 --persons N --seed S``."""

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

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            world = write_world(
                options["directory"],
                states=options["states"].split(","),
                quarters=read_quarters(options["quarters"]),
                persons=options["persons"],
                seed=options["seed"],
                qcew_dir=options["qcew"],
                layout=options["layout"],
                dirt=options["dirt"],
                progress=self._progress,
            )
        except (WorldError, QcewError) as problem:
            raise CommandError(str(problem)) from None
        for file in world.files:
            self.stdout.write(f"{file.path}: {file.rows:,} rows, wages {file.wages:,}")
        self.stdout.write(f"{world.persons:,} persons, {world.wage_records:,} wage records, scale {world.scale:.4f}")

    def _progress(self, name: str, done: int, expected: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{name}: {done:,} of about {expected:,} ...", ending="")
            self.stdout.flush()


def read_quarters(text: str) -> list[int]:
    """Quarters YYYYQ from a list or a range; CommandError for anything else."""
    first, colon, last = text.partition(":")
    words = [first, last] if colon else text.split(",")
    if not all(len(word) == 5 and word.isdigit() and word[4] in "1234" for word in words):
        raise CommandError("Quarters are YYYYQ: 20161,20162 or 20161:20164.")
    if not colon:
        return [int(word) for word in words]
    quarters = [int(first)]
    while quarters[-1] < int(last):
        quarters.append(quarter_after(quarters[-1]))
    return quarters
