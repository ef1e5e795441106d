"""The cohort checker as a command: the same rules as an upload, no database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from matching.core.cohort.file import CohortCheck, check
from matching.core.cohort.identity import check_across
from matching.core.ssn import SsnWorld

_CHUNK = 1 << 20
_NOT_READ = "The file cannot be read: {}. Look at its name and its rights."


class Command(BaseCommand):
    """``check_cohort FILE --state 44 --quarters 20161,20162 --json OUT``; exit status 0 when the file is accepted."""

    help = "Checks a cohort file as an upload does and says everything that is wrong with it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--state", required=True, help="two-digit FIPS code of the requesting state")
        parser.add_argument("--quarters", required=True, help="approved quarters, e.g. 20161,20162")
        parser.add_argument("--policy", choices=("strict", "exclude"), default="strict")
        parser.add_argument(
            "--beside",
            type=Path,
            action="append",
            default=[],
            metavar="OTHER",
            help="another file of the same request, that this one must agree with; as often as there are others",
        )
        parser.add_argument("--json", type=Path, dest="out", help="write the report here")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not (len(options["state"]) == 2 and options["state"].isascii() and options["state"].isdigit()):
            raise CommandError("The state is a two-digit FIPS code, e.g. 44.")
        asked = {"state_fips": options["state"], "quarters": _quarters(options["quarters"])}
        try:
            result = _checked(options["file"], **asked, policy=options["policy"])
            result = _compared(result, options["beside"] or (), **asked)
        except OSError as problem:
            why = _NOT_READ.format(problem.strerror)
            _write(options["out"], {"ok": False, "rows": 0, "problems": [_unreadable(why)]})
            raise CommandError(why) from None
        _write(options["out"], report(result, options["policy"]))
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


def _checked(path: Path, *, policy: Any, state_fips: str, quarters: set[int]) -> CohortCheck:
    with path.open("rb") as stream:
        return check(
            iter(lambda: stream.read(_CHUNK), b""),
            state_fips=state_fips,
            quarters=quarters,
            world=SsnWorld(settings.SSN_WORLD),
            policy=policy,
        )


def _compared(result: CohortCheck, beside: Iterable[Path], *, state_fips: str, quarters: set[int]) -> CohortCheck:
    """The answer with what contradicts other files; a file is named by its place among them, never by its name.

    Of the others the good lines count; what is wrong with them is their own check's to say.
    """
    for number, path in enumerate(beside, 1):
        other = _checked(path, policy="exclude", state_fips=state_fips, quarters=quarters)
        if other.cohort is None:
            raise CommandError(f"Nobody can be read from the other file number {number}: check it by itself first.")
        if result.cohort is not None:
            found = check_across(result.cohort, other.cohort, "")
            found = [replace(p, hint=f"{p.hint} (Compared with the other file number {number}.)") for p in found]
            result = replace(result, ok=result.ok and not found, problems=[*result.problems, *found])
    return result


def _unreadable(why: str) -> dict[str, Any]:
    return {"kind": "not_readable", "count": 1, "lines": [], "hint": why}


def _write(out: Path | None, answer: dict[str, Any]) -> None:
    if out is None:
        return
    try:
        out.write_text(json.dumps(answer, indent=2) + "\n")
    except OSError as problem:
        raise CommandError(f"The report cannot be written: {problem.strerror}.") from None


def _quarters(text: str) -> set[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(len(w) == 5 and w.isascii() and w.isdigit() and w[4] in "1234" for w in words):
        raise CommandError("Quarters are YYYYQ, parted by commas, e.g. 20161,20162.")
    return {int(word) for word in words}
