"""How to sign in as the demonstration's people: password and TOTP secret derive from this installation's secret."""

import base64
import hashlib
import hmac
import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings

from requests_app.demo.cast import EVERY_PLAYER, Player
from requests_app.models import Person


def _derived(purpose: str, email: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"demo {purpose} {email}".encode(), hashlib.sha256)


def password_of(player: Player) -> str:
    """The player's password in this installation."""
    return base64.b32encode(_derived("password", player.email)).decode().lower()[:20]


def _totp_key(player: Player) -> bytes:
    return _derived("totp", player.email)[:20]


def current_code(player: Player) -> str:
    """The second factor that is valid now: RFC 6238, SHA-1, six digits, 30 seconds, as authenticator apps have it."""
    return TOTP(_totp_key(player), 6, SHA1(), 30).generate(int(time.time())).decode()  # noqa: S303


def player_of(key: str) -> Player:
    """The player of this key; KeyError where there is none."""
    return {player.key: player for player in EVERY_PLAYER}[key]


def let_in(people: dict[str, Person]) -> None:
    """Gives every player their password and second factor."""
    for key, person in people.items():
        player = player_of(key)
        if not person.has_usable_password() or not person.check_password(password_of(player)):
            person.set_password(password_of(player))
            person.save(update_fields=["password"])
        Authenticator.objects.update_or_create(
            user=person,
            type=Authenticator.Type.TOTP,
            defaults={"data": {"secret": get_adapter().encrypt(base64.b32encode(_totp_key(player)).decode())}},
        )
