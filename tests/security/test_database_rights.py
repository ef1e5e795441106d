"""Every right of every role on everything in the database is exactly the design's table, as the catalogue says.

What is there is read from the catalogue, so a table made later is covered without a word here.
"""

import re
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from psycopg.errors import InsufficientPrivilege

from requests_app.database_rules import READ_WRITE, RIGHTS, ROLES
from tests.security.database_catalogue import EXPECTED, SYSTEM_SCHEMAS, TABLE_RIGHTS, WORDS, Row, rows, tables
from tests.security.roles import connected

pytestmark = pytest.mark.django_db
PAGE = Path(settings.BASE_DIR) / "docs/generated/database-rights.md"


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
            has = catalogue.execute(f"SELECT {asked}", {"role": role, "oid": oid}).fetchone()
            assert has
            granted = {right for right, yes in zip(TABLE_RIGHTS, has, strict=True) if yes}
            assert granted == EXPECTED.get((schema, role), set()), (schema, name, role)
            checked += len(TABLE_RIGHTS)
    names = {(schema, name) for _, schema, name in tables(catalogue)}
    assert {("wages", "wage_record_2099"), ("vault", "person"), ("events", "event")} <= names
    assert {schema for schema, _ in names} == set(RIGHTS)
    assert checked == len(names) * len(ROLES) * len(TABLE_RIGHTS)
    print(f"{len(names)} tables x {len(ROLES)} roles x {len(TABLE_RIGHTS)} rights: {checked} checked")


def test_every_table_has_its_row_in_the_documentation(catalogue: psycopg.Connection[Row]) -> None:
    """A new table is a decision about its schema: it stands on the page of rights, or is named here with its reason."""
    documented = set(re.findall(r"^\| `(\w+\.\w+)` \|", PAGE.read_text(), re.MULTILINE))
    own = {"requests_app", "matching", "disclosure"}
    every = apps.get_models(include_auto_created=True)
    models = [model for model in every if model._meta.app_label not in own or model._meta.auto_created]
    frameworks = {f"workflow.{model._meta.db_table}" for model in models} | {"workflow.django_migrations"}
    caches = {f"workflow.{cache['LOCATION']}" for cache in settings.CACHES.values() if "db." in cache["BACKEND"]}
    partitions = rows(catalogue, "SELECT inhrelid FROM pg_inherits WHERE inhparent = 'wages.wage_record'::regclass")
    known = documented | frameworks | caches | {"vault.person_next"}  # the last: only while the SSN key is rotated
    there = {f"{schema}.{name}" for oid, schema, name in tables(catalogue) if (oid,) not in partitions}
    assert there - known == set()
    assert documented - there == set()
    assert len(partitions) >= 1


def test_what_the_owner_makes_later_is_nobody_elses(catalogue: psycopg.Connection[Row]) -> None:
    with connected("wr_owner", autocommit=False) as owner:
        for schema in RIGHTS:
            owner.execute(f"CREATE TABLE {schema}.later (id integer GENERATED ALWAYS AS IDENTITY)")
            for role in ROLES:
                asked = f"has_table_privilege(%s, '{schema}.later', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
                assert owner.execute(f"SELECT {asked}", [role]).fetchone() == (False,)
        owner.rollback()
    assert rows(catalogue, "SELECT defaclrole::regrole FROM pg_default_acl") == []


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


EVENT = """
INSERT INTO events.event VALUES
    (0, now(), 'test', 'done', NULL, 'test', split_part(session_user, '_', 2), '', '', '{}', '', '')
"""


CHANGES: dict[str, LiteralString] = {
    "UPDATE": "UPDATE events.event SET kind = NULL", "DELETE": "DELETE FROM events.event",
    "TRUNCATE": "TRUNCATE events.event",
}  # fmt: skip


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("role", [*ROLES, "wr_owner"])
@pytest.mark.usefixtures("catalogue")
def test_events_are_changed_by_nobody(role: str, statement: str) -> None:
    with connected(role, autocommit=False) as own:
        own.execute(EVENT)
        with pytest.raises(InsufficientPrivilege):
            own.execute(CHANGES[statement])
        own.rollback()


@pytest.mark.usefixtures("catalogue")
def test_loader_writes_events_and_reads_none() -> None:
    with connected("wr_loader", autocommit=False) as loader:
        loader.execute(EVENT)
        with pytest.raises(InsufficientPrivilege):
            loader.execute("SELECT seq FROM events.event")
        loader.rollback()
