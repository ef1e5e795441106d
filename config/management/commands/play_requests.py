"""Plays three requests in the web role; started by play_demo with the web process's environment."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from config.demo import story
from config.demo.questions import SAMPLES, SMALL
from requests_app.demo.cast import make_cast, make_three_at_bls


class Command(BaseCommand):
    """manage.py play_requests FOLDER REPORT"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where opened packages and the report go."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("report", type=Path)
        parser.add_argument("--years", action="store_true", help="the sample questions, of years that must be loaded")
        parser.add_argument("--three-at-bls", action="store_true", help="BLS is played by three people alone")

    def handle(
        self, *_args: object, folder: Path, report: Path, years: bool, three_at_bls: bool, **_options: object
    ) -> None:
        """One request of each kind."""
        people = make_three_at_bls() if three_at_bls else make_cast()
        asked = SAMPLES if years else SMALL.values()
        ended = [story.play(question, people, folder, self._say) for question in asked]
        report.write_text(json.dumps(story.as_report(ended)))

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        self.stdout.flush()
