"""Rotation of the SSN key: a vault under the next key is made beside the one in use, verified, and put in its place.

The vault in use stays as it is until the switch, so matches and loads go on, and no person ever stands under two
versions at once (docs/adr/0014). A range of persons is one transaction: whoever is killed goes on where it was.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg.errors import UniqueViolation

from matching.core.load_files.rejects import LoadRefused
from matching.core.ssn import is_possible
from matching.core.tokens import Tokens, WrongKey, key_fingerprint, ssns, tokens
from matching.loads.register import begin as begin_load
from matching.models import VaultKey
from matching.segments import register
from matching.segments.vault import remake_vault
from matching.vault import keys as vault_keys
from matching.vault import rotation_tables
from matching.vault.rotation_tables import Ids
from requests_app.services.event_log import events

BATCH = 500_000
SWITCH_TRIES = 30
_ONE_ROTATION_AT_A_TIME = 7263003
Progress = Callable[[str, int, int], None]  # what is done, persons so far, persons in all


class RotationRefused(Exception):
    """Why the key is not rotated; the vault in use is as it was. Holds counts and versions only."""


class NotVerified(RotationRefused):
    """The next vault is not what it must be."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The verification failed: {why}. Nothing was switched; find out why before you go on.")
        self.why = why


@dataclass(frozen=True)
class Rotation:
    """A rotation under way: the version in use and the one to come, with their keys."""

    old: VaultKey
    new: VaultKey
    old_key: bytes = field(repr=False)
    new_key: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"version {self.old.version} to {self.new.version}"

    def rewrite(self, token: Tokens) -> Tokens:
        """Tokens under the old key as tokens under the new one. Raises NotVerified for others."""
        try:
            return tokens(ssns(token, self.old_key), self.new_key)
        except WrongKey:
            raise NotVerified("the vault holds tokens that were not made with its key") from None


@dataclass(frozen=True)
class Rotated:
    """What a rotation did. ``unchanged``: the vault lived under the next key already."""

    version: int
    persons: int
    unchanged: bool = False


def rotate(progress: Progress, batch: int = BATCH) -> Rotated:
    """Puts the vault under the key of ``SSN_KEY_FILE_NEXT``; goes on with a rotation that did not come to its end.

    ``batch`` persons make one transaction. Raises RotationRefused where a key, the version waiting or the verification
    does not allow it.
    """
    with _one_at_a_time():
        live, new_key = vault_keys.live_version(), vault_keys.next_key_of_file()
        if live is None:
            raise RotationRefused("The vault is empty: load with the new key as SSN_KEY_FILE.")
        if new_key is None:
            raise RotationRefused("Name the file of the next key in SSN_KEY_FILE_NEXT.")
        if live.fingerprint == key_fingerprint(new_key):
            return Rotated(live.version, 0, unchanged=True)
        rotation = _open(live, new_key)
        try:
            return Rotated(rotation.new.version, _steps(rotation, progress, batch))
        except NotVerified as problem:
            events.record(
                "vault.rotate_key", actor=None, subject=str(rotation), detail={"reason": problem.why}, outcome="failed"
            )
            raise


def _steps(rotation: Rotation, progress: Progress, batch: int) -> int:
    _fill(rotation, progress, batch)
    progress("Indexes", 0, 0)
    _index()
    _verify(rotation, progress, batch)
    progress("The switch, as soon as no load is under way", 0, 0)
    return _switch(rotation)


def abandon() -> int:
    """Gives up a rotation that has not switched: the next vault is dropped, its version never used; that version."""
    with _one_at_a_time(), transaction.atomic():
        waiting = _waiting()
        if waiting is None:
            raise RotationRefused("No rotation is under way.")
        now = timezone.now()
        rotation_tables.drop()
        VaultKey.objects.filter(pk=waiting.pk).update(retired_at=now)
        events.record("vault.rotate_key_abandon", actor=None, subject=f"version {waiting.version}", at=now)
        return waiting.version


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A second rotation is refused; a killed one's lock ends with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_ROTATION_AT_A_TIME])
        if not cursor.fetchone()[0]:
            raise RotationRefused("A rotation is under way already.")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_ROTATION_AT_A_TIME])


def _waiting() -> VaultKey | None:
    """The version of a rotation that was begun and has neither switched nor been given up."""
    return VaultKey.objects.filter(live_from__isnull=True, retired_at__isnull=True).first()


@transaction.atomic
def _open(live: VaultKey, new_key: bytes) -> Rotation:
    """The rotation to this key that waits, or a new one."""
    try:
        old_key = vault_keys.live_key().key
    except LoadRefused as problem:
        raise RotationRefused(str(problem)) from None
    return Rotation(live, _waiting_for(key_fingerprint(new_key), live), old_key, new_key)


def _waiting_for(fingerprint: str, old: VaultKey) -> VaultKey:
    waiting = _waiting()
    if waiting is not None and waiting.fingerprint == fingerprint:
        return waiting
    if waiting is not None:
        raise RotationRefused(
            f"A rotation to another key (version {waiting.version}) is not finished: name that key in "
            "SSN_KEY_FILE_NEXT, or give that rotation up with --abandon."
        )
    if VaultKey.objects.filter(fingerprint=fingerprint, live_from__isnull=False).exists():
        raise RotationRefused("The next key was in use before. Make a new one.")
    return _begin(fingerprint, old)


def _begin(fingerprint: str, old: VaultKey) -> VaultKey:
    """A new version waits, and an empty vault for it stands beside the one in use."""
    now = timezone.now()
    version = VaultKey.objects.aggregate(last=Max("version"))["last"] + 1
    new = VaultKey.objects.create(version=version, world=old.world, fingerprint=fingerprint, made_at=now)
    rotation_tables.make()
    events.record("vault.rotate_key_begin", actor=None, subject=f"version {old.version} to {version}", at=now)
    return new


def _fill(rotation: Rotation, progress: Progress, batch: int) -> None:
    """Every range of persons that is not rewritten yet, and the mark that it is, in one transaction."""
    done, last = rotation.new.rewritten_to, rotation_tables.last_person()
    while done < last:
        up_to = min(done + batch, last)
        with transaction.atomic():
            ids, token = rotation_tables.read(done, up_to)
            _write(rotation, ids, token)
            VaultKey.objects.filter(pk=rotation.new.pk).update(rewritten_to=up_to)
        done = up_to
        progress("Rewritten", done, last)


def _write(rotation: Rotation, ids: Ids, token: Tokens) -> None:
    with _no_token_twice():
        rotation_tables.write(ids, rotation.rewrite(token), rotation.new.version)


@transaction.atomic
def _index() -> None:
    with _no_token_twice():
        rotation_tables.index()


@contextmanager
def _no_token_twice() -> Iterator[None]:
    """PostgreSQL's own refusal quotes a token, so it must not travel on."""
    try:
        yield
    except (IntegrityError, UniqueViolation):  # COPY's own errors come past Django
        raise NotVerified("two persons have the same token") from None


def _verify(rotation: Rotation, progress: Progress, batch: int) -> None:
    """Each person's two tokens mean the same number, one that is possible in this world; counts agree at the switch."""
    last = rotation_tables.last_person()
    for after in range(0, last, batch):
        _compare(rotation, after, after + batch)
        progress("Verified", min(after + batch, last), last)


def _compare(rotation: Rotation, after: int, up_to: int) -> None:
    ids, token, next_token = rotation_tables.both(after, up_to)
    if len(ids) == 0:
        return
    try:
        before, now = ssns(token, rotation.old_key), ssns(next_token, rotation.new_key)
    except WrongKey:
        raise NotVerified("some tokens were made with neither key") from None
    if not np.array_equal(before, now):
        raise NotVerified("some persons' tokens do not mean the same number")
    if not is_possible(now, vault_keys.ssn_world()).all():
        raise NotVerified("some tokens mean a number that is impossible in this world")


def _switch(rotation: Rotation) -> int:
    """When no load is under way: the last persons, files for the match, and the exchange; number of persons."""
    with transaction.atomic():
        persons = _switch_now(rotation)
    with transaction.atomic():
        register.one_load_at_a_time()
        register.sweep()  # the files of the old version
    return persons


def _switch_now(rotation: Rotation) -> int:
    """The vault under the next key takes the place of the old one, whose version is retired."""
    now = begin_load()
    late, token = rotation_tables.missing()
    _write(rotation, late, token)
    if len(late):
        for after in range(int(late.min()) - 1, int(late.max()), BATCH):
            _compare(rotation, after, min(after + BATCH, int(late.max())))
    with connection.cursor() as cursor:
        remake_vault(cursor, rotation.new.version, rotation_tables.NEXT)
    persons = _exchange(rotation, now)
    events.record(
        "vault.rotate_key", actor=None, subject=str(rotation), at=now, detail={"persons": persons},
    )  # fmt: skip
    return persons


def _exchange(rotation: Rotation, now: datetime) -> int:
    """Matches under way are waited for, a little at a time, so that they and those behind them go on."""
    for attempt in range(SWITCH_TRIES):
        try:
            with transaction.atomic():
                return rotation_tables.exchange(rotation.new.version, now)
        except OperationalError as problem:
            match getattr(problem.__cause__, "sqlstate", ""):
                case "55000":  # object not in prerequisite state: the function found them unequal
                    raise NotVerified("the next vault does not hold exactly the same persons") from None
                case "55P03":  # lock not available
                    time.sleep(min(attempt, 5))
                case _:
                    raise
    raise RotationRefused(
        "Somebody has been reading the vault all the time (a backup?), so the switch waited in vain. "
        "Run the command again: what is rewritten is kept."
    )
