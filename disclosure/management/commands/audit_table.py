"""Audits a suppression pattern of any additive table: what can be worked out from what it publishes."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from disclosure.core.audit.auditor import Audit, audit
from disclosure.core.files.tables import MEASURE, read_status, read_table
from disclosure.core.rules.parameters import Parameters
from disclosure.management.table_command import TableCommand


class Command(TableCommand):
    """``audit_table CELLS RELATIONS STATUS [--contributions MICRO] [--intervals] [--json SUMMARY]``."""

    help = "Audits a suppression pattern: exact, under-protected, singleton and residual disclosures."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """The pattern, and whether feasible intervals are wanted."""
        parser.add_argument("status", type=Path, metavar="STATUS", help="cell, status: F, P or S")
        parser.add_argument("--intervals", action="store_true", help="add every withheld cell's feasible interval")

    def work(self, options: dict[str, Any]) -> tuple[Audit, dict[str, Any]]:
        """Audit; the intervals are confidential and stand in the summary by cell."""
        table = read_table(options["cells"], options["relations"], options["contributions"], Parameters())
        self.remark(table)
        pattern = read_status(options["status"], table)
        self.say(f"Auditing {int(pattern.withheld.sum())} withheld of {len(table.system)} cells")
        found = audit(table.system, table.sensitivity, pattern, intervals=options["intervals"])
        summary: dict[str, Any] = {**found.counts(), "suppressed": found.suppressed}
        if found.intervals is not None:
            keys = table.system.keys
            summary["intervals"] = {keys[cell][0]: bounds for cell, bounds in found.intervals[MEASURE].items()}
        return found, summary
