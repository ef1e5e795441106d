"""Loads establishment (QCEW micro) files; each is one transaction of its own."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.loads import LoadRefused, load_establishments
from matching.management.commands.load_wage_records import add_edition, report


class Command(BaseCommand):
    """``load_establishments FILE...``: one CSV file per state and quarter, plain or gz."""

    help = "Loads establishment files (CSV, plain or gz), one state and quarter each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        add_edition(parser)
        parser.add_argument("--quarter", type=int, help="YYYYQ, where neither columns nor file name say it")

    def handle(self, *_args: Any, **options: Any) -> None:
        refused = [path for path in options["files"] if not self._load(path, options)]
        if refused:
            raise CommandError(f"{len(refused)} of {len(options['files'])} files were refused; the others are loaded.")

    def _load(self, path: Path, options: dict[str, Any]) -> bool:
        said = {name: options[name] for name in ("quarter", "released_on", "final")}
        try:
            result = load_establishments(path, **said)
        except (LoadRefused, OSError) as problem:
            self.stderr.write(f"{path.name}: {problem}")
            return False
        self.stdout.write(report(path, result))
        return True
