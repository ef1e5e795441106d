"""The person vault and the one that is made beside it during a rotation, read and written a range of persons at a time.

Tokens come and go as whole columns; what a token means is never in PostgreSQL's hands.
"""

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Max

from matching.core.tokens import Tokens
from matching.models import VaultPerson
from matching.sql.copy_binary import Column, copy_in
from matching.sql.statements import statement

NEXT = "vault.person_next"
Ids = npt.NDArray[np.int32]
_IS_THERE = "SELECT to_regclass('vault.person_next') IS NOT NULL"
_IS_INDEXED = (
    "SELECT count(*) = 2 FROM pg_constraint WHERE conrelid = 'vault.person_next'::regclass AND contype IN ('p', 'u')"
)
_INDEX_MEMORY = "SET LOCAL maintenance_work_mem = '256MB'"


def last_person() -> int:
    """The highest number of a person; 0 in an empty vault."""
    return VaultPerson.objects.aggregate(last=Max("person_id"))["last"] or 0


def is_there() -> bool:
    """Whether a next vault was begun."""
    return bool(_value(_IS_THERE))


def make() -> None:
    """An empty next vault, without indexes."""
    _value("SELECT vault.make_next()")


def drop() -> None:
    """No next vault any more."""
    _value("SELECT vault.drop_next()")


def index() -> None:
    """Both indexes; nothing happens where they stand. Two equal tokens or numbers are an error here."""
    if not _value(_IS_INDEXED):
        with connection.cursor() as cursor:
            cursor.execute(_INDEX_MEMORY)
        _value("SELECT vault.index_next()")


def read(after: int, up_to: int) -> tuple[Ids, Tokens]:
    """Persons with numbers above `after` and not above `up_to`, and their tokens."""
    ids, token = _columns("rotation_read", ["token"], {"after": after, "up_to": up_to})
    return ids, token


def missing() -> tuple[Ids, Tokens]:
    """Persons the next vault does not know yet."""
    ids, token = _columns("rotation_missing", ["token"], {})
    return ids, token


def both(after: int, up_to: int) -> tuple[Ids, Tokens, Tokens]:
    """Persons of a range that stand in both vaults, with their two tokens."""
    ids, token, next_token = _columns("rotation_compare", ["token", "next_token"], {"after": after, "up_to": up_to})
    return ids, token, next_token


def write(ids: Ids, token: Tokens, version: int) -> None:
    """Persons into the next vault."""
    if len(ids):
        columns: list[Column] = [ids, token, np.full(len(ids), version, np.int16)]
        with connection.cursor() as cursor:
            copy_in(cursor, "vault.person_next (person_id, token, key_version)", columns)


def exchange(version: int, now: datetime) -> int:
    """The next vault in place of the one in use, and the mark of the live version; number of persons.

    Raises OperationalError: 55P03 where somebody reads the vault for more than two seconds, 55000 where the two do not
    hold the same persons.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT vault.switch_to_next(%s, %s)", [version, now])
        return int(cursor.fetchone()[0])


def _columns(name: str, tokens: list[str], parameters: dict[str, Any]) -> tuple[Any, ...]:
    """The answer of a statement as columns, person_id first; each comes as one value, not row by row."""
    packed = ["string_agg(int4send(person_id), ''::bytea)", *(f"string_agg(uuid_send({t}), ''::bytea)" for t in tokens)]
    query = f"SELECT {', '.join(packed)} FROM ({statement(name)}) answer"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        ids, *values = (bytes(value or b"") for value in cursor.fetchone())
    return np.frombuffer(ids, ">i4").astype(np.int32), *(np.frombuffer(v, ">u8").reshape(-1, 2) for v in values)


def _value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
