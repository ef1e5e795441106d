"""Verifies the hash chain of the event log, and the anchors kept outside; run it at will, and after every restore."""

import json as json_module
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from requests_app.services.event_log import verification
from requests_app.services.event_log.verification import Verification


class Command(BaseCommand):
    """./run manage verify_events"""

    help = "Walks the event log's hash chain and names the first link or anchor that does not hold; exit status 1 then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Output for people or machines, and the file of anchors to compare with."""
        parser.add_argument("--json", action="store_true", help="print one line of JSON")
        parser.add_argument("--anchor", type=Path, metavar="FILE", help="compare with the anchors of this file")
        parser.add_argument(
            "--anchor-key",
            type=Path,
            metavar="FILE",
            help="the public keys of the anchors; else ANCHOR_PUBLIC_KEY_FILE",
        )

    def handle(
        self, *_args: object, json: bool, anchor: Path | None, anchor_key: Path | None, **_options: object
    ) -> None:
        """Says how many events hold and the head; where a link or an anchor does not hold, which and how."""
        found = verification.check(anchor, self._keys(anchor, anchor_key), None if json else self._tell)
        self.stdout.write(as_json(found, anchored=anchor is not None) if json else in_words(found, anchor))
        if not found.holds:
            raise SystemExit(1)

    def _keys(self, anchor: Path | None, given: Path | None) -> bytes:
        if anchor is None:
            return b""
        keys = given or settings.ANCHOR_PUBLIC_KEY_FILE
        for file, what in ((anchor, "anchors"), (keys, "the public keys of the anchors")):
            if file is None or not file.is_file():
                raise CommandError(
                    f"There is no file of {what}: {file or 'give --anchor-key or ANCHOR_PUBLIC_KEY_FILE'}"
                )
        assert keys is not None  # noqa: S101  looked at above
        return keys.read_bytes()

    def _tell(self, done: int, known: int) -> None:
        """Progress on long logs, on standard error and on one line where that is a terminal."""
        end = "\r" if sys.stderr.isatty() else "\n"
        self.stderr.write(f"{done:,} of {known:,} events", ending=end)


def as_json(found: Verification, *, anchored: bool) -> str:
    """One line: count, head, first break; with anchors, how many hold and what is wrong."""
    facts = found.chain.as_dict()
    if anchored:
        facts |= {"anchors": found.anchors, "anchor_problems": [problem.words for problem in found.problems]}
    return json_module.dumps(facts | {"holds": found.holds}, sort_keys=True)


def in_words(found: Verification, anchor: Path | None) -> str:
    """The same for people."""
    chain = found.chain
    if chain.holds:
        lines = [f"{chain.count:,} events, the chain holds. Head: {chain.head}"]
    else:
        lines = [f"{chain.count:,} events hold, up to the hash {chain.head}."]
    if anchor and not found.problems:
        lines.append(f"{found.anchors:,} anchors of {anchor} are as they were signed, and hold.")
    return "\n".join([*lines, *verification.sentences(found)])
