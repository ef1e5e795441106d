"""Takes back the visible load of a state and quarter; the version before it, if any, is in use again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.core.load_files.rejects import LoadRefused
from matching.loads.withdrawal import undo_load
from matching.models import Kind


class Command(BaseCommand):
    """``undo_load STATE QUARTER KIND``."""

    help = "Undoes the load that is in use of a state and quarter; nothing is removed until drop_load."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_load(parser)
        parser.add_argument("--final", action="store_true", help="also where the load in use is final")

    def handle(self, *_args: Any, **options: Any) -> None:
        kind = Kind(options["kind"])
        try:
            undone, before, concerned = undo_load(kind, options["state"], options["quarter"], final=options["final"])
        except LoadRefused as problem:
            raise CommandError(str(problem)) from None
        now = f"version {before.version} is in use again" if before else "none is in use now"
        self.stdout.write(f"{kind.label} of state {undone.state}, quarter {undone.quarter}: "
                          f"version {undone.version} is undone, {now}.")  # fmt: skip
        if concerned:
            self.stdout.write(f"Results were made from it: {', '.join(concerned)}")


def add_load(parser: ArgumentParser) -> None:
    """The arguments of both commands that say which load."""
    parser.add_argument("state", help="FIPS code, e.g. 44")
    parser.add_argument("quarter", type=int, help="YYYYQ, e.g. 20161")
    parser.add_argument("kind", choices=Kind.values)
