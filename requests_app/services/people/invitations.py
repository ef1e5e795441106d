"""The one-time link with which a person sets their first password, or a new one after BLS has seen who asks.

The link is made from the account as it is now and is kept nowhere: not in the database, the log or an event. It ends
with the password it sets, with the next link, and after seven days (settings.PASSWORD_RESET_TIMEOUT).
"""

from smtplib import SMTPException

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from requests_app.models import Person
from requests_app.people_policies import check_manage
from requests_app.policies import Denied
from requests_app.services.event_log import events

log = structlog.get_logger("invitations")
SUBJECT = "Wage records: set your password"
BODY = """{name},

the Bureau of Labor Statistics has made an account for you in the Wage Records Application. Set your password here,
within seven days:

{link}

The link works once. After that you sign in with this e-mail address, and set up a second factor.
If you did not expect this mail, tell BLS.
"""


class InvitationTokens(PasswordResetTokenGenerator):
    """Bound to the account's password, last sign-in and address: whatever changes one of them ends the link."""

    key_salt = "requests_app.services.people.invitations"


tokens = InvitationTokens()


def make_link(person: Person) -> str:
    """The address that sets the password; signed with SECRET_KEY, so a process without the site's key makes none."""
    return f"{settings.SITE_URL}{reverse('invitation', args=[person.public_id, tokens.make_token(person)])}"


def person_of_link(public_id: str, token: str) -> Person | None:
    """Who may set a password with this link now; nobody where it was used, replaced, or is older than seven days."""
    person = Person.objects.filter(public_id=public_id, is_active=True).first()
    return person if person and tokens.check_token(person, token) else None


def send_link(person: Person, *, actor: Person) -> bool:
    """Ends the password and every open session, and mails a new link. False where the mail could not be sent."""
    with transaction.atomic():
        check_manage(actor, person)
        _end_password(person)
        events.record("person.send_link", actor=actor, subject=f"person {person.pk}")
    return _mail(person)


def reset_second_factor(person: Person, *, actor: Person) -> bool:
    """Takes every second factor away, and sends a new link: a password alone must not be enough to set up another."""
    with transaction.atomic():
        check_manage(actor, person)
        removed = Authenticator.objects.filter(user=person).delete()[0]
        _end_password(person)
        detail = {"authenticators": removed}
        events.record("person.reset_factor", actor=actor, subject=f"person {person.pk}", detail=detail)
    return _mail(person)


def _end_password(person: Person) -> None:
    """Sessions carry a hash of the password, so they end with it, and so do older links."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active:
        raise Denied(f"{person.name}'s account is disabled. Enable it first.")
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    person.password = locked.password


def _mail(person: Person) -> bool:
    """After the commit, so that no mail tells what did not happen."""
    try:
        send_mail(SUBJECT, BODY.format(name=person.name, link=make_link(person)), None, [person.email])
    except (OSError, SMTPException) as error:
        log.warning("link not sent", person=person.pk, error=type(error).__name__)
        return False
    return True


@transaction.atomic
def set_password(person: Person, token: str, password: str) -> None:
    """Sets the password once; a second try with the same link, however fast, is refused."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active or not tokens.check_token(locked, token):
        raise Denied("This link was used already, or has ended. Ask BLS for a new one.")
    locked.set_password(password)
    locked.save(update_fields=["password"])
    events.record("person.set_password", actor=locked, subject=f"person {locked.pk}")
