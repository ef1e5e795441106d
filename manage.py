#!/usr/bin/env python
"""Run a management command in the process role it belongs to.

Every process sees one database role only (docs/adr/0002). A command that loads wage files is the loader; everything
else started here by hand is the owner, who migrates and looks after the database.
"""

import os
import sys

LOADER_COMMANDS = {
    "drop_load", "load_establishments", "load_published_qcew", "load_report", "load_wage_records", "rebuild_segments",
    "rotate_ssn_key", "undo_load",
}  # fmt: skip


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("WR_PROCESS", "loader" if command in LOADER_COMMANDS else "owner")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
