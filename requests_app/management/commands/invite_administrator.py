"""Makes BLS and the first Administrator, and prints the one-time link with which they set their password.

Afterwards the Administrator invites everybody else on the site; the command refuses once there is one.
"""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from requests_app.models import Agency, Person
from requests_app.policies import Denied
from requests_app.services.life import notices
from requests_app.services.people import invitations, memberships, people
from requests_app.states import Role

NO_KEY = (
    "The link is signed with the web process's SECRET_KEY, which is not here. Run this in the web service: "
    "docker compose run --rm web python manage.py invite_administrator EMAIL --name NAME"
)


class Command(BaseCommand):
    """./run manage invite_administrator EMAIL --name NAME"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True)

    def handle(self, *_args: object, email: str, name: str, **_options: object) -> None:
        """Refuses where there is an Administrator, and where the link could not be opened."""
        if settings.WR_PROCESS != "web" and not {"SECRET_KEY", "SECRET_KEY_FILE"} & set(os.environ):
            raise CommandError(NO_KEY)
        try:
            validate_email(email)
            person = first_administrator(email, name)
        except (Denied, ValidationError) as problem:
            raise CommandError(" ".join(getattr(problem, "reasons", None) or problem.messages)) from problem  # type: ignore[union-attr]
        self.stdout.write(f"{person.name} is the Administrator. The link works once, for seven days:")
        self.stdout.write(invitations.make_link(person))


@transaction.atomic
def first_administrator(email: str, name: str) -> Person:
    """BLS, and its Administrator, or the same one again where they have not set a password yet."""
    bls, _made = Agency.objects.get_or_create(
        postal="BLS", defaults={"fips": None, "state_name": "United States", "name": "Bureau of Labor Statistics"}
    )
    for person in notices.holders(Role.ADMINISTRATOR):
        if person.email == email.lower() and not person.has_usable_password():
            return person
        raise Denied(f"{person.name} is the Administrator already, and invites people on the site.")
    person = people.invite(email, name, bls, actor=None)
    memberships.give_role(person, Role.ADMINISTRATOR, actor=None, starts_on=timezone.localdate())
    return person
