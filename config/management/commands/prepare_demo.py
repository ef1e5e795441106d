"""Makes the demonstration's people and its synthetic world; done before, it changes nothing."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo import world
from requests_app.demo.cast import make_every_player
from requests_app.demo.signin import let_in


class Command(BaseCommand):
    """./run manage prepare_demo"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether the years of the sample questions are loaded as well."""
        parser.add_argument("--years", action="store_true", help="those quarters as well")

    def handle(self, *_args: object, years: bool, **_options: object) -> None:
        """People with their sign-ins, then wage records and establishments of three states."""
        if settings.WR_MODE not in {"demo", "test"}:
            raise CommandError("Made-up people and records are for demonstrations and tests only.")
        let_in(make_every_player())
        self.stdout.write("Making and loading a synthetic world of RI, DE and DC, 2016 Q1 and Q2 ...")
        self.stdout.flush()
        world.load(os.environ)
        if years:
            self.stdout.write("Loading more quarters of it, from 2012 to 2021 ...")
            self.stdout.flush()
            world.load_years(os.environ)
