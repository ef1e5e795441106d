"""The cohort checker as a command: the same rules as an upload, no database."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.core.cohort_file import CohortCheck, check
from matching.core.ssn import SsnWorld

_CHUNK = 1 << 20


class Command(BaseCommand):
    """``check_cohort FILE --state 44 --quarters 20161,20162 --json OUT``; exit status 0 when the file is accepted."""

    help = "Checks a cohort file as an upload does and says everything that is wrong with it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--state", required=True, help="two-digit FIPS code of the requesting state")
        parser.add_argument("--quarters", required=True, help="approved quarters, e.g. 20161,20162")
        parser.add_argument("--policy", choices=("strict", "exclude"), default="strict")
        parser.add_argument("--json", type=Path, dest="out", help="write the report here")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            stream = options["file"].open("rb")
        except OSError as problem:
            raise CommandError(f"The file cannot be read: {problem.strerror}.") from None
        with stream:
            result = check(
                iter(lambda: stream.read(_CHUNK), b""),
                state_fips=options["state"],
                quarters=_quarters(options["quarters"]),
                world=SsnWorld(settings.SSN_WORLD),
                policy=options["policy"],
            )
        if options["out"]:
            options["out"].write_text(json.dumps(report(result, options["policy"]), indent=2) + "\n")
        self._say(result)
        if not result.ok:
            sys.exit(1)

    def _say(self, result: CohortCheck) -> None:
        self.stdout.write(f"{'accepted' if result.ok else 'refused'}: persons' lines: {result.rows:,}")
        for problem in result.problems:
            lines = ", ".join(str(number) for number in problem.lines[:10]) or "the whole file"
            more = ", ..." if problem.count > 10 else ""
            self.stdout.write(f"  {problem.kind}: {problem.count:,} (lines: {lines}{more})\n    {problem.hint}")


def report(result: CohortCheck, policy: str) -> dict[str, Any]:
    """The report as JSON: ok, rows, problems by kind with count, lines and hint; under "exclude" the lines left out."""
    problems = [{key: value for key, value in asdict(p).items() if key != "file"} for p in result.problems]
    answer: dict[str, Any] = {"ok": result.ok, "rows": result.rows, "problems": problems}
    return answer | ({"excluded": result.excluded} if policy == "exclude" else {})


def _quarters(text: str) -> set[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(len(w) == 5 and w.isdigit() and w[4] in "1234" for w in words):
        raise CommandError("Quarters are YYYYQ, parted by commas, e.g. 20161,20162.")
    return {int(word) for word in words}
