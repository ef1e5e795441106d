"""Every statement, really tried as every role on every table, view, sequence and function, and undone.

PostgreSQL refuses for lack of a right exactly where the design's table gives none; a table, view or partition made
later is tried without a word here, a function that runs as the owner has to be named.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from requests_app.database_rules import ROLES
from tests.security.database_catalogue import EXPECTED, SYSTEM_SCHEMAS, Row, rows
from tests.security.roles import connected

pytestmark = pytest.mark.django_db
# statement -> one of these rights allows it; none: it is the owner's alone
STATEMENTS: dict[str, tuple[LiteralString, set[str]]] = {
    "SELECT": ("SELECT * FROM {table} LIMIT 1", {"SELECT"}),
    "SELECT FOR UPDATE": ("SELECT * FROM {table} LIMIT 1 FOR UPDATE", {"UPDATE"}),
    "INSERT": ("INSERT INTO {table} DEFAULT VALUES", {"INSERT"}),
    "UPDATE": ("UPDATE {table} SET {column} = NULL", {"UPDATE"}),
    "DELETE": ("DELETE FROM {table}", {"DELETE"}),
    "LOCK": ("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", {"UPDATE", "DELETE"}),
    "TRUNCATE": ("TRUNCATE {table}", set()),
    "DROP": ("DROP TABLE {table}", set()),
    "ALTER": ("ALTER TABLE {table} ADD COLUMN more integer", set()),
    "RENAME": ("ALTER TABLE {table} RENAME TO mine", set()),
    "OWN": ("ALTER TABLE {table} OWNER TO CURRENT_USER", set()),
    "INDEX": ("CREATE INDEX ON {table} ({column})", set()),
    "DISABLE TRIGGER": ("ALTER TABLE {table} DISABLE TRIGGER ALL", set()),
    "POLICY": ("CREATE POLICY mine ON {table}", set()),
}
ON_VIEWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
# What runs with the owner's rights, and who may run it; everything else runs with the caller's own.
AS_OWNER: dict[str, set[str]] = {
    "events.chain_event": {"wr_web", "wr_worker", "wr_loader"},  # a trigger
    "wages.make_partition": {"wr_loader"},
    "wages.drop_partition": {"wr_loader"},
    "wages.analyze_employers": {"wr_loader"},
    "vault.make_next": {"wr_loader"},
    "vault.index_next": {"wr_loader"},
    "vault.switch_to_next": {"wr_loader"},
    "vault.drop_next": {"wr_loader"},
}


class Tried:
    """A role's own connection; every statement is undone."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def is_refused(self, statement: sql.Composed) -> bool:
        """True where PostgreSQL says that the role lacks a right or does not own it, and no trigger of ours does."""
        try:
            self._connection.execute(statement)
        except InsufficientPrivilege as refusal:
            return str(refusal).startswith(("permission denied", "must be owner"))
        except psycopg.Error:
            return False  # it was let through, and failed for another reason
        finally:
            self._connection.rollback()
        return False


@contextmanager
def trying(role: str) -> Iterator[Tried]:
    with connected(role, autocommit=False) as connection:
        yield Tried(connection)


def relations(superuser: psycopg.Connection[Row]) -> list[Row]:
    """Schema, name, whether it is a view, and first column of everything with rows."""
    query = """SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), a.attname
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(%s) ORDER BY 1, 2"""
    return rows(superuser, query, list(SYSTEM_SCHEMAS))


@pytest.mark.parametrize("role", ROLES)
def test_every_statement_on_every_table_is_refused_exactly_without_its_right(
    role: str, catalogue: psycopg.Connection[Row]
) -> None:
    wrong, tried = [], 0
    with trying(role) as own:
        for schema, name, is_view, column in relations(catalogue):
            has = EXPECTED.get((schema, role), set())
            names = {"table": sql.Identifier(schema, name), "column": sql.Identifier(column)}
            for said, (statement, rights) in STATEMENTS.items():
                if is_view and said not in ON_VIEWS:
                    continue
                expected = not (rights & has) or (said == "SELECT FOR UPDATE" and "SELECT" not in has)
                tried += 1
                if own.is_refused(sql.SQL(statement).format(**names)) != expected:
                    wrong.append((said, schema, name, "should be refused" if expected else "should be let through"))
    assert wrong == []
    assert tried > 60 * len(STATEMENTS)
    print(f"{role}: {tried} statements tried")


@pytest.mark.parametrize("role", ROLES)
def test_sequences_are_advanced_by_those_who_insert_and_set_by_nobody(
    role: str, catalogue: psycopg.Connection[Row]
) -> None:
    query = """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind = 'S' AND n.nspname <> ALL(%s)"""
    found = rows(catalogue, query, list(SYSTEM_SCHEMAS))
    assert len(found) > 10
    with trying(role) as own:
        for schema, name in found:
            text = sql.Literal(f"{schema}.{name}")
            inserts = "INSERT" in EXPECTED[schema, role]
            assert own.is_refused(sql.SQL("SELECT nextval({})").format(text)) != inserts, (schema, name)
            assert own.is_refused(sql.SQL("SELECT setval({}, 1)").format(text)), (schema, name)


def test_only_the_named_functions_run_as_the_owner(catalogue: psycopg.Connection[Row]) -> None:
    query = """SELECT n.nspname || '.' || p.proname, p.prosecdef, p.proowner::regrole::text FROM pg_proc p
               JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> ALL(%s)"""
    found = rows(catalogue, query, list(SYSTEM_SCHEMAS))
    assert {name for name, as_owner, _ in found if as_owner} == set(AS_OWNER)
    assert {owner for _, _, owner in found} == {"wr_owner"}


@pytest.mark.parametrize("role", ROLES)
def test_functions_are_refused_to_those_who_may_not_run_them(role: str, catalogue: psycopg.Connection[Row]) -> None:
    query = """SELECT n.nspname, p.proname, ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes) t)
               FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> ALL(%s)"""
    refused = 0
    with trying(role) as own:
        for schema, name, types in rows(catalogue, query, list(SYSTEM_SCHEMAS)):
            may = AS_OWNER.get(f"{schema}.{name}", {r for r in ROLES if "INSERT" in EXPECTED[schema, r]})
            if role in may:
                continue
            nulls = sql.SQL(", ").join(sql.SQL(f"NULL::{kind}") for kind in types)
            assert own.is_refused(sql.SQL("SELECT {}({})").format(sql.Identifier(schema, name), nulls)), (schema, name)
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_made_in_any_schema_and_no_other_role_is_taken(
    role: str, catalogue: psycopg.Connection[Row]
) -> None:
    schemas = rows(catalogue, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'")
    with trying(role) as own:
        for (schema,) in schemas:
            made = sql.Identifier(schema, "made_by_a_role")
            assert own.is_refused(sql.SQL("CREATE TABLE {} (id integer)").format(made)), schema
        for other in {"wr_owner", *ROLES} - {role}:
            assert own.is_refused(sql.SQL("SET ROLE {}").format(sql.Identifier(other))), other
        for statement in ("CREATE SCHEMA mine", "CREATE ROLE mine"):
            assert own.is_refused(sql.SQL(statement).format()), statement
        temporary = sql.SQL("CREATE TEMP TABLE mine (id integer)").format()
        assert own.is_refused(temporary) == (role == "wr_web")
