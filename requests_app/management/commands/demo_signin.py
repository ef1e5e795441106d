"""Prints how to sign in to the demonstration as a role: address, password and the second factor valid now."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from requests_app.demo.cast import EVERY_PLAYER
from requests_app.demo.signin import current_code, password_of, player_of


class Command(BaseCommand):
    """./run manage demo_signin ROLE"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The role's key."""
        parser.add_argument("role", nargs="?", help=", ".join(player.key for player in EVERY_PLAYER))

    def handle(self, *_args: object, role: str | None, **_options: object) -> None:
        """Refuses outside the demonstration."""
        if not settings.DEMO_MODE:
            raise CommandError("This is not a demonstration: people here have their own passwords.")
        keys = [player.key for player in EVERY_PLAYER]
        if role not in keys:
            raise CommandError(f"Name one of: {', '.join(keys)}.")
        player = player_of(role)
        self.stdout.write(f"{player.name}, {player.title} ({player.agency})")
        self.stdout.write(f"  sign in at     {settings.SITE_URL}/accounts/login/")
        self.stdout.write(f"  email          {player.email}")
        self.stdout.write(f"  password       {password_of(player)}")
        self.stdout.write(f"  second factor  {current_code(player)}  (changes every 30 seconds)")
