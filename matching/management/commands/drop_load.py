"""Removes the records of a version that is no longer in use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.core.load_files.rejects import LoadRefused
from matching.loads.withdrawal import drop_load
from matching.management.commands.undo_load import add_load
from matching.models import Kind


class Command(BaseCommand):
    """``drop_load STATE QUARTER KIND VERSION``."""

    help = "Drops a replaced or undone version for good: its records go, its counts and hash stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_load(parser)
        # Django's own --version takes the plain name
        parser.add_argument("load_version", type=int, metavar="version")
        parser.add_argument("--although-used", action="store_true", help="also where results of requests rest on it")

    def handle(self, *_args: Any, **options: Any) -> None:
        kind = Kind(options["kind"])
        which = (kind, options["state"], options["quarter"], options["load_version"])
        try:
            load = drop_load(*which, although_used=options["although_used"])
        except LoadRefused as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{kind.label} of state {load.state}, quarter {load.quarter}: "
                          f"version {load.version} is dropped, {load.rows:,} rows.")  # fmt: skip
