"""Protects any additive table: which further cells to withhold so that no sensitive one can be worked out."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from disclosure.core.audit.auditor import Audit
from disclosure.core.files.tables import MEASURE, TableFile, read_frozen, read_table, status_lines
from disclosure.core.pattern import Pattern
from disclosure.core.rules.parameters import Parameters
from disclosure.core.suppression.search import protect_and_audit
from disclosure.management.table_command import TableCommand


class Command(TableCommand):
    """``protect_table CELLS RELATIONS --out STATUS [--contributions MICRO] [--frozen FILE] [--json SUMMARY]``."""

    help = "Finds a suppression pattern whose audit is clean, or says why there is none."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Where the pattern goes, and what was decided before."""
        parser.add_argument("--out", type=Path, required=True, metavar="STATUS", help="the pattern: cell, status")
        parser.add_argument("--frozen", type=Path, metavar="FILE",
                            help="cells decided before: cell[,status]; published ones stay published")  # fmt: skip
        parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="give up then; no pattern is written")

    def work(self, options: dict[str, Any]) -> tuple[Audit, dict[str, Any]]:
        """Protect, audit afresh, write the pattern."""
        table = read_table(options["cells"], options["relations"], options["contributions"], Parameters())
        self.remark(table)
        frozen, withheld = read_frozen(options["frozen"], table) if options["frozen"] else ([], [])
        pattern, audit = protect_and_audit(
            table.system,
            table.sensitivity,
            frozen=frozen,
            preferred=withheld,
            progress=self._progress,
            seconds=options["time_limit"],
        )
        options["out"].write_text("\n".join(status_lines(table, pattern)) + "\n")
        return audit, summary(table, pattern, audit)

    def _progress(self, done: int, known: int) -> None:
        if done * 10 // known > (done - 1) * 10 // known:
            self.say(f"Protecting sensitive cells: {done} of {known}")


def summary(table: TableFile, pattern: Pattern, audit: Audit) -> dict[str, Any]:
    """Return the counts of a protected table; value_share is complementary value over the value of all cells."""
    values = table.system.values[MEASURE]
    share = float(values[pattern.complementary].sum()) / max(float(values.sum()), 1.0)
    return {
        "cells": len(table.system),
        "primary": int(pattern.primary.sum()),
        "complementary": int(pattern.complementary.sum()),
        "value_share": round(share, 5),
        "seconds": 0.0,
        "audit": audit.counts(),
    }
