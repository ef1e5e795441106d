"""API tokens: a named person's key to the API, shown once, kept as a hash, ended by itself or at once."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from requests_app.models import ApiToken, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.standing import roles_of
from requests_app.states import Role

# So that a token is recognised where it lies by mistake, in a log or a repository.
PREFIX = "wrt_"
SECRET_BYTES = 32
DEFAULT_DAYS = 90
MAX_DAYS = 365
MOST_TOKENS = 10
# A write for every call would be a write too many.
NOTED_AGAIN_AFTER = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may do besides reporting an incident, which every token may."""

    READ = "read"
    DRAFT = "draft"
    UPLOAD = "upload"
    REVIEW = "review"


class TokenRefused(Exception):
    """The token opens nothing; the message says why. `token` None: nobody has such a token."""

    def __init__(self, why: str, token: ApiToken | None = None) -> None:
        super().__init__(why)
        self.token = token


def in_use() -> Q:
    """The tokens that count now: not ended, not revoked."""
    return Q(revoked_at__isnull=True, expires_at__gt=timezone.now())


@transaction.atomic
def create_token(
    *, actor: Person, name: str, scopes: Collection[Scope], days: int = DEFAULT_DAYS
) -> tuple[ApiToken, str]:
    """A token of the actor's own and its secret, which nobody can show again: only its SHA-256 is kept."""
    Person.objects.select_for_update().get(pk=actor.pk)  # two at once are counted one after the other
    if actor.api_tokens.filter(in_use()).count() >= MOST_TOKENS:
        raise Denied(f"You have {MOST_TOKENS} tokens in use, and nobody may have more. Revoke one first.")
    if not 1 <= days <= MAX_DAYS:
        raise Denied(f"A token lasts between 1 and {MAX_DAYS} days.")
    now, secret = timezone.now(), PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        person=actor,
        name=name,
        secret_sha256=_hash(secret),
        scopes=sorted({Scope.READ, *scopes}),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    detail = {"scopes": token.scopes, "expires_at": token.expires_at}
    events.record("token.create", actor=actor, subject=f"token {token.pk}", detail=detail, at=now)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Person) -> None:
    """Ends a token at once: its person may, and an Administrator. One that was revoked before stays as it is."""
    locked = ApiToken.objects.select_for_update().get(pk=token.pk)
    if locked.person_id != actor.pk and Role.ADMINISTRATOR not in roles_of(actor):
        raise Denied("A token is revoked by its person or by an Administrator.")
    if locked.revoked_at:
        return
    locked.revoked_at, locked.revoked_by = timezone.now(), actor
    locked.save(update_fields=["revoked_at", "revoked_by"])
    detail = {"person": f"person {locked.person_id}"}
    events.record("token.revoke", actor=actor, subject=f"token {locked.pk}", detail=detail, at=locked.revoked_at)


def use_token(secret: str) -> ApiToken:
    """The token with this secret, with its person; `TokenRefused` where it does not count now."""
    token = ApiToken.objects.select_related("person__agency").filter(secret_sha256=_hash(secret)).first()
    if token is None:
        raise TokenRefused("Nobody has this token. Check that it was copied whole.")
    now = timezone.now()
    if token.revoked_at:
        raise TokenRefused("This token was revoked. Make a new one.", token)
    if token.expires_at <= now:
        raise TokenRefused("This token has expired. Make a new one.", token)
    if not token.person.is_active:
        raise TokenRefused("The account of this token's person is not active.", token)
    if token.last_used_at is None or token.last_used_at < now - NOTED_AGAIN_AFTER:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def record_refused_use(refused: TokenRefused, *, address: str) -> None:
    """A token that opened nothing was sent: whose it was, from where, and why it was refused."""
    token = refused.token
    events.record(
        "token.use",
        actor=None,
        unknown_person=True,
        subject=f"token {token.pk}" if token else "no token",
        outcome="refused",
        detail={"reasons": [str(refused)], "address": address} | ({"person": token.person_id} if token else {}),
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
