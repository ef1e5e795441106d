"""Plays the demonstration: people, a synthetic world, the three sample questions, and the search for canary SSNs."""

import json
import os
import shutil
import subprocess
import time
import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import canary, launch
from config.demo.questions import SAMPLES
from requests_app.demo.cast import EVERY_PLAYER

CANARIES_A_COHORT = 20


class Command(BaseCommand):
    """./run demo does everything around it."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the report goes."""
        parser.add_argument("--json", dest="report_to", type=Path, help="write what came out to this file")

    def handle(self, *_args: object, report_to: Path | None, **_options: object) -> None:
        """Exit status 0 only where all three requests are closed and no canary was found."""
        if not settings.DEMO_MODE:
            raise CommandError("This is not a demonstration: set WR_MODE=demo, or use ./run demo.")
        started = time.monotonic()
        call_command("prepare_demo", years=True, stdout=self.stdout)
        self._say("Playing the three sample questions of the request instructions, one of each kind ...")
        report: dict[str, Any] = {"requests": self._play()}
        hits = canary.search(canaries(), canary.Sinks.of_environment(os.environ, extra_folders=[opened_folder()]))
        report |= {"canary_hits": len(hits), "seconds": round(time.monotonic() - started, 2)}
        if report_to:
            report_to.write_text(json.dumps(report, indent=2) + "\n")
        self._conclude(report)
        if hits:
            raise CommandError(
                "An SSN was found where none may be: " + "; ".join(f"{h.sink} {h.place}" for h in hits[:20])
            )

    def _play(self) -> list[dict[str, Any]]:
        """In a process of its own, with the web role's environment."""
        folder = opened_folder()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        report = folder / "requests.json"
        command = launch.management_command(["play_requests", str(folder), str(report), "--years"])
        subprocess.run(command, env=launch.environment(launch.Kind.WEB, os.environ), check=True)
        requests: list[dict[str, Any]] = json.loads(report.read_text())
        report.unlink()
        for request in requests:
            with zipfile.ZipFile(request["package"]) as package:
                package.extractall(Path(request["package"]).with_suffix(""))
        return requests

    def _conclude(self, report: dict[str, Any]) -> None:
        for request in report["requests"]:
            self._say(
                f"  {request['id']}  {request['kind']:15} {request['state']:8} {request['rows']:>9,} rows "
                f"{request['cells']:>6,} cells {request['withheld']:>5,} withheld  {request['seconds']:>6} s"
            )
        self._say(f"Packages, opened: {opened_folder()}")
        self._say(f"Canary SSNs found outside the workers' memory: {report['canary_hits']}")
        self._say(f"\nThe site: {settings.SITE_URL}   How to sign in:  ./run manage demo_signin ROLE")
        self._say("Roles: " + ", ".join(player.key for player in EVERY_PLAYER))

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def opened_folder() -> Path:
    """Where whoever wants to look finds the opened packages."""
    return settings.BASE_DIR / ".run" / "demo"


def canaries() -> list[canary.Canary]:
    """Some people of every cohort that was sent: their SSNs may be found nowhere."""
    return [
        canary.Canary(ssn=ssn, temporary_id=id_)
        for question in SAMPLES
        for cohort in question.cohorts().values()
        for id_, ssn in list(zip(cohort.ids, cohort.ssn, strict=True))[:CANARIES_A_COHORT]
    ]
