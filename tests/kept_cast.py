"""The demonstration's cast in every test: made by the real services once per test process, then put back as rows.

Inviting everybody, giving roles and filing papers takes some 300 statements; their rows come back in one COPY a table.
"""

from django.db import connection, transaction

from requests_app.demo.cast import PLAYERS, make_cast
from requests_app.models import Event, Person
from tests.factories import behind_the_triggers

# How often this connection has written into each table since it last told the server.
WRITTEN = "SELECT format('%I.%I', schemaname, relname), n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
Rows = dict[str, bytes]


def take() -> Rows:
    """What `make_cast` leaves in a database without people, by table, as binary COPY has it; nothing of it stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        with behind_the_triggers():
            cursor.execute(f"TRUNCATE {Event._meta.db_table} CASCADE")  # of what a module loaded for all its tests
        cursor.execute(WRITTEN)
        before = set(cursor.fetchall())
        make_cast()
        cursor.execute(WRITTEN)
        rows = {}
        for table, _ in set(cursor.fetchall()) - before:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                rows[table] = b"".join(copy)
        transaction.set_rollback(True)
    return rows


def put_back(rows: Rows) -> dict[str, Person]:
    """Everybody by key, as `make_cast` returns them. Nobody may be there yet; where something was recorded before, the
    chain of events has to go on from it, so the cast is made by the services again."""
    if Event.objects.exists():
        return make_cast()
    with behind_the_triggers(), connection.cursor() as cursor:
        for table, content in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(content)
    by_email = {person.email: person for person in Person.objects.select_related("agency")}
    return {player.key: by_email[player.email] for player in PLAYERS}
