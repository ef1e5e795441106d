"""Loads establishment (QCEW micro) files; each is one transaction of its own."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from matching.loads.loading import load_establishments
from matching.management.commands.load_wage_records import add_edition, load_each


class Command(BaseCommand):
    """``load_establishments FILE...``: one CSV file per state and quarter, plain or gz."""

    help = "Loads establishment files (CSV, plain or gz), one state and quarter each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        add_edition(parser)
        parser.add_argument("--quarter", type=int, help="YYYYQ, where neither columns nor file name say it")

    def handle(self, *_args: Any, **options: Any) -> None:
        said = {name: options[name] for name in ("quarter", "released_on", "final")}
        load_each(self, options["files"], lambda path, told: load_establishments(path, progress=told, **said))
