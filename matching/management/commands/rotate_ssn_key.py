"""Rotates the SSN key: the person vault is rewritten under the next key; wage records are not touched."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from matching.core.tokens import WrongKey
from matching.vault.rotation import BATCH, RotationRefused, abandon, rotate

SAY_EVERY_SECONDS = 5


class Command(BaseCommand):
    """``rotate_ssn_key``: from the key of SSN_KEY_FILE to that of SSN_KEY_FILE_NEXT; goes on after an interruption."""

    help = (
        "Puts the person vault under the key of SSN_KEY_FILE_NEXT. Matches and loads go on meanwhile. Run it again "
        "after an interruption: it goes on where it was. Steps before and after: docs/operations.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=BATCH, metavar="N", help=f"persons in one transaction (default {BATCH:,})"
        )
        parser.add_argument(
            "--abandon", action="store_true", help="give up a rotation that has not switched; the old key stays"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.stdout.write(self._abandon() if options["abandon"] else self._rotate(options["batch"]))
        except (RotationRefused, WrongKey) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, OperationalError, InterfaceError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "the database went away or gave up"
            raise CommandError(f"Interrupted: {why}. Run the command again: it goes on where it was.") from None

    def _abandon(self) -> str:
        return f"The rotation to version {abandon()} is given up; the vault is as it was."

    def _rotate(self, batch: int) -> str:
        self._step, self._began, self._said = "", 0.0, 0.0
        done = rotate(self._progress, batch)
        if done.unchanged:
            return f"The vault lives under the next key already (version {done.version}); nothing changed."
        return (
            f"{done.persons:,} persons verified; the vault lives under version {done.version} of the key. Now make the "
            "new key SSN_KEY_FILE everywhere."
        )

    def _progress(self, step: str, done: int, known: int) -> None:
        """A line when a step begins, and every few seconds the persons done and the time left."""
        now = time.monotonic()
        if step != self._step:
            self._step, self._began, self._said = step, now, now
            self.stdout.write(f"{step} ..." if not known else f"{step}: {done:,} of {known:,} persons")
        elif now - self._said >= SAY_EVERY_SECONDS:
            self._said = now
            left = (now - self._began) * (known - done) / max(done, 1)
            self.stdout.write(f"{step}: {done:,} of {known:,} persons, about {left:.0f} s left")
        self.stdout.flush()
