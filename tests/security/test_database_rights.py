"""Every right of every role on everything in the database is exactly the design's table; PostgreSQL refuses the rest.

What is there is read from the catalogue, so a table made later is covered without a word here.
"""

import re
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from requests_app.database_rules import READ_WRITE, RIGHTS, ROLES
from tests.security.roles import connected

pytestmark = pytest.mark.django_db
Row = tuple[Any, ...]

# security.md, "The boundary, in one picture", as it stands there.
TABLE = """
| schema (owner: wr_owner, which migrates and runs nothing) | wr_web | wr_worker | wr_loader |
|---|---|---|---|
| workflow, people, notices | read, write | read, write | none |
| events | insert, read | insert, read | insert |
| holdings, load quality, match and disclosure *summaries that pages may show* | read | write | write |
| wages: records, units, employer summary, segments' registry | none | read | read, write |
| person vault | none | read | read, insert, update |
| ledger, unprotected tables' registry | none | read, write | none |
"""
SCHEMA_OF_LINE = {
    "workflow": "workflow", "events": "events", "holdings": "summaries", "wages:": "wages", "person": "vault",
    "ledger,": "ledger",
}  # fmt: skip
WORDS = {
    "none": set(),
    "read": {"SELECT"},
    "insert": {"INSERT"},
    "update": {"UPDATE"},
    "write": {"SELECT", "INSERT", "UPDATE", "DELETE"},  # whoever writes rows finds them first
}
TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
# These exist in every PostgreSQL database and are not the application's.
SYSTEM_SCHEMAS = ("pg_catalog", "information_schema", "pg_toast")
SECRET_SCHEMAS = ("wages", "vault", "ledger")


def expected_rights() -> dict[tuple[str, str], set[str]]:
    """(schema, role) -> rights on its tables, read from the table above."""
    rights = {}
    for line in TABLE.strip().splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        schema = next(
            name for begin, name in SCHEMA_OF_LINE.items() if re.split(r"[ ]", f"{cells[0]} ")[0].startswith(begin)
        )
        for role, words in zip(ROLES, cells[1:], strict=True):
            rights[schema, role] = set().union(*(WORDS[word.strip()] for word in words.split(",")))
    return rights


EXPECTED = expected_rights()


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection[Row]]:
    """The superuser's view, with a partition of wage records made as a load makes it."""
    with django_db_blocker.unblock(), connected("wr_loader") as loader:
        loader.execute("SELECT wages.make_partition(2099, 2000000001, 2000000002)")
    with django_db_blocker.unblock(), connected("superuser") as superuser:
        yield superuser
        superuser.execute("DROP TABLE wages.wage_record_2099")


def rows(superuser: psycopg.Connection[Row], query: LiteralString, *values: object) -> list[Row]:
    return superuser.execute(query, values).fetchall()


def tables(superuser: psycopg.Connection[Row], *schemas: str) -> list[Row]:
    """(oid, schema, name) of every table, view and the like."""
    query = """SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(%s) ORDER BY 2, 3"""
    found = rows(superuser, query, list(SYSTEM_SCHEMAS))
    return [row for row in found if row[1] in schemas] if schemas else found


def test_rights_in_code_are_those_of_the_design() -> None:
    in_code = {
        (schema, role): set(RIGHTS[schema].get(role, "").replace(",", "").split())
        for schema in RIGHTS
        for role in ROLES
    }
    assert in_code == EXPECTED
    assert set(READ_WRITE.replace(",", "").split()) == WORDS["write"]


def test_every_right_on_every_table_is_exactly_the_table(catalogue: psycopg.Connection[Row]) -> None:
    checked = 0
    for oid, schema, name in tables(catalogue):
        for role in ROLES:
            asked = ", ".join(f"has_table_privilege(%(role)s, %(oid)s::oid, '{right}')" for right in TABLE_RIGHTS)
            has = catalogue.execute(f"SELECT {asked}", {"role": role, "oid": oid}).fetchone()  # type: ignore[arg-type]
            assert has
            granted = {right for right, yes in zip(TABLE_RIGHTS, has, strict=True) if yes}
            assert granted == EXPECTED.get((schema, role), set()), (schema, name, role)
            checked += len(TABLE_RIGHTS)
    names = {(schema, name) for _, schema, name in tables(catalogue)}
    assert {("wages", "wage_record_2099"), ("vault", "person"), ("events", "event")} <= names
    assert {schema for schema, _ in names} == set(RIGHTS)
    assert checked == len(names) * len(ROLES) * len(TABLE_RIGHTS)
    print(f"{len(names)} tables x {len(ROLES)} roles x {len(TABLE_RIGHTS)} rights: {checked} checked")


def test_no_right_on_a_single_column_nor_for_everybody(catalogue: psycopg.Connection[Row]) -> None:
    on_columns = """SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                    WHERE a.attacl IS NOT NULL AND c.relnamespace = ANY(
                        SELECT oid FROM pg_namespace WHERE nspname <> ALL(%s))"""
    assert rows(catalogue, on_columns, list(SYSTEM_SCHEMAS)) == []
    for_all = """SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 0 AND c.relnamespace = ANY(
                    SELECT oid FROM pg_namespace WHERE nspname <> ALL(%s))"""
    assert rows(catalogue, for_all, list(SYSTEM_SCHEMAS)) == []
    nobody_else = """SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
                     WHERE c.relnamespace = ANY(SELECT oid FROM pg_namespace WHERE nspname <> ALL(%s))"""
    assert {role for (role,) in rows(catalogue, nobody_else, list(SYSTEM_SCHEMAS))} <= {*ROLES, "wr_owner"}


def test_schemas_are_entered_by_those_who_have_a_right_in_them_and_nobody_makes_anything(
    catalogue: psycopg.Connection[Row],
) -> None:
    schemas = rows(catalogue, "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%%' ORDER BY 1")
    for (schema,) in schemas:
        for role in ROLES:
            ask = "SELECT has_schema_privilege(%s, %s, 'USAGE'), has_schema_privilege(%s, %s, 'CREATE')"
            ((enters, makes),) = rows(catalogue, ask, role, schema, role, schema)
            assert not makes, (schema, role)
            if schema not in {"public", "information_schema"}:
                assert enters == bool(EXPECTED[schema, role]), (schema, role)
    assert rows(catalogue, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


def test_sequences_are_used_only_by_those_who_insert(catalogue: psycopg.Connection[Row]) -> None:
    query = """SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind = 'S'"""
    sequences = rows(catalogue, query)
    assert len(sequences) > 10
    for oid, schema, name in sequences:
        for role in ROLES:
            ask = "SELECT has_sequence_privilege(%s, %s::oid, 'USAGE'), has_sequence_privilege(%s, %s::oid, 'UPDATE')"
            ((uses, sets),) = rows(catalogue, ask, role, oid, role, oid)
            assert (uses, sets) == ("INSERT" in EXPECTED[schema, role], False), (schema, name, role)


def test_functions_are_run_only_by_those_who_insert(catalogue: psycopg.Connection[Row]) -> None:
    query = """SELECT p.oid, n.nspname, p.proname, p.prosecdef, p.proconfig FROM pg_proc p
               JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> ALL(%s)"""
    functions = rows(catalogue, query, list(SYSTEM_SCHEMAS))
    assert {"chain_event", "event_hash", "make_partition"} <= {name for _, _, name, _, _ in functions}
    for oid, schema, name, as_owner, setting in functions:
        for role in ROLES:
            ((runs,),) = rows(catalogue, "SELECT has_function_privilege(%s, %s::oid, 'EXECUTE')", role, oid)
            assert runs == ("INSERT" in EXPECTED[schema, role]), (schema, name, role)
        # what runs with the owner's rights finds its names in the catalogue first, in a temporary schema last
        assert not as_owner or setting == ["search_path=pg_catalog, pg_temp"], name


def test_roles_are_plain_and_members_of_nothing(catalogue: psycopg.Connection[Row]) -> None:
    query = """SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles
               WHERE rolname = ANY(%s)"""
    assert {row[1:] for row in rows(catalogue, query, list(ROLES))} == {(False,) * 5}
    assert (
        rows(
            catalogue, "SELECT roleid::regrole FROM pg_auth_members WHERE member::regrole::text = ANY(%s)", list(ROLES)
        )
        == []
    )
    owned = "SELECT relname FROM pg_class WHERE relowner::regrole::text = ANY(%s)"
    assert rows(catalogue, owned, list(ROLES)) == []


def test_only_worker_and_loader_make_temporary_tables(catalogue: psycopg.Connection[Row]) -> None:
    ask = "SELECT has_database_privilege(%s, current_database(), %s)"
    may = {role for role in ROLES if rows(catalogue, ask, role, "TEMPORARY") == [(True,)]}
    assert may == {"wr_worker", "wr_loader"}
    assert not any(rows(catalogue, ask, role, "CREATE") == [(True,)] for role in ROLES)


STATEMENTS = {
    "SELECT": sql.SQL("SELECT * FROM {}"),
    "INSERT": sql.SQL("INSERT INTO {} DEFAULT VALUES"),
    "UPDATE": sql.SQL("UPDATE {} SET {} = NULL"),
    "DELETE": sql.SQL("DELETE FROM {}"),
    "TRUNCATE": sql.SQL("TRUNCATE {}"),
    "COPY": sql.SQL("COPY {} TO STDOUT"),
    "LOCK": sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE"),
    "DROP": sql.SQL("DROP TABLE {}"),
    "ALTER": sql.SQL("ALTER TABLE {} ADD COLUMN more integer"),
}


def refused(role: str, schema: str, name: str, column: str, statement: str) -> bool:
    """The statement, really executed and undone: True where PostgreSQL refuses for lack of a right."""
    table = sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(name))
    with connected(role, autocommit=False) as own:
        try:
            own.execute(STATEMENTS[statement].format(table, sql.Identifier(column)))
        except InsufficientPrivilege:
            return True
        finally:
            own.rollback()
    return False


def first_column(superuser: psycopg.Connection[Row], oid: int) -> str:
    ((name,),) = rows(superuser, "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum = 1", oid)
    return str(name)


def test_web_is_refused_on_every_table_of_wages_vault_and_ledger(catalogue: psycopg.Connection[Row]) -> None:
    secret = tables(catalogue, *SECRET_SCHEMAS)
    tried = [
        ((schema, name, statement), refused("wr_web", schema, name, first_column(catalogue, oid), statement))
        for oid, schema, name in secret
        for statement in STATEMENTS
    ]
    assert [what for what, was_refused in tried if not was_refused] == []
    assert {schema for _, schema, _ in secret} >= {"wages", "vault"}
    assert len(tried) == len(secret) * len(STATEMENTS)
    print(f"wr_web refused on {len(secret)} tables, {len(tried)} statements")


def test_web_is_refused_the_functions_that_touch_wage_records(catalogue: psycopg.Connection[Row]) -> None:
    for call in ("SELECT wages.make_partition(2098, 5, 6)", "SELECT wages.analyze_employers()"):
        for role in ("wr_web", "wr_worker"):
            with connected(role) as own, pytest.raises(InsufficientPrivilege):
                own.execute(call)  # type: ignore[call-overload]


EVENT = """
INSERT INTO events.event VALUES
    (0, now(), 'test', 'done', NULL, 'test', split_part(session_user, '_', 2), '', '', '{}', '', '')
"""


@pytest.mark.parametrize("statement", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize("role", [*ROLES, "wr_owner"])
@pytest.mark.usefixtures("catalogue")
def test_events_are_changed_by_nobody(role: str, statement: str) -> None:
    with connected(role, autocommit=False) as own:
        own.execute(EVENT)
        with pytest.raises(InsufficientPrivilege):
            own.execute(STATEMENTS[statement].format(sql.SQL("events.event"), sql.SQL("kind")))
        own.rollback()


@pytest.mark.usefixtures("catalogue")
def test_loader_writes_events_and_reads_none() -> None:
    with connected("wr_loader", autocommit=False) as loader:
        loader.execute(EVENT)
        with pytest.raises(InsufficientPrivilege):
            loader.execute("SELECT seq FROM events.event")
        loader.rollback()
