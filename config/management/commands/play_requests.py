"""Plays the three requests in the web role; started by play_demo with the web process's environment."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from config.demo import story
from requests_app.demo.cast import PLAYERS
from requests_app.models import Person
from requests_app.states import Kind


class Command(BaseCommand):
    """manage.py play_requests FOLDER REPORT"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where opened packages and the report go."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("report", type=Path)

    def handle(self, *_args: object, folder: Path, report: Path, **_options: object) -> None:
        """One request of each kind."""
        people = {player.key: Person.objects.select_related("agency").get(email=player.email) for player in PLAYERS}
        ended = [story.play(kind, people, folder, self._say) for kind in Kind]
        report.write_text(json.dumps(story.as_report(ended)))

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        self.stdout.flush()
