"""What the commands on tables from files share: their arguments, their clock, their summary, their exit status.

Exit status 0 only when nothing is disclosed; 1 when something is; 2 when the files do not make a table or no pattern
is safe.
"""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from disclosure.core.audit.auditor import Audit
from disclosure.core.files.csv_table import TableError
from disclosure.core.files.tables import TableFile
from disclosure.core.suppression.search import Infeasible
from disclosure.core.system import InconsistentSystem


class TableCommand(BaseCommand):
    """A command on CELLS and RELATIONS; `work` does it and returns the audit and the summary."""

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cells", type=Path, metavar="CELLS", help="cell, wages, upl, lpl, primary, codes")
        parser.add_argument("relations", type=Path, metavar="RELATIONS", help="rel, cell, coef")
        self.add_own_arguments(parser)
        parser.add_argument("--contributions", type=Path, metavar="MICRO", help="contributions: codes, empr, wages")
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the summary")

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the one command."""
        raise NotImplementedError

    def work(self, options: dict[str, Any]) -> tuple[Audit, dict[str, Any]]:
        """Do what the command is for."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            audit, summary = self.work(options)
        except (TableError, InconsistentSystem, Infeasible, ArithmeticError, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        summary["seconds"] = round(time.perf_counter() - started, 3)
        text = json.dumps(summary)
        if options["json"]:
            options["json"].write_text(text + "\n")
        self.stdout.write(text)
        if not audit.clean:
            raise CommandError("The pattern discloses: " + words(audit), returncode=1)

    def say(self, words: str) -> None:
        """Tell how far the work is, beside the summary."""
        self.stderr.write(words)

    def remark(self, table: TableFile) -> None:
        """Tell what is odd about a table."""
        for one in table.remarks:
            self.say(f"Note: {one}")


def words(audit: Audit) -> str:
    """Return the counts of an audit in words."""
    return ", ".join(f"{count} {name}" for name, count in audit.counts().items() if count)
