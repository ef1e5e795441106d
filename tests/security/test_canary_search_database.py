"""Positive control of the search for canaries: planted in columns, rows and the write-ahead log, they are found."""

import gzip
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.db.models import Model
from pytest_django.plugin import DjangoDbBlocker

from config.canary import Canary, Sinks, search, survey, write_ahead_log
from matching.models.cohorts import CohortUpload
from matching.models.matches import PersonSet
from requests_app.models import SealedFile
from tests.security.canaries import as_bytes, as_text, fresh, names, zipped

pytestmark = pytest.mark.django_db  # the database is made; what is planted goes through connections of its own


EMPTY: dict[str, object] = {
    "character varying": "x",
    "integer": 1,
    "bigint": 1,
    "bytea": b"",
    "timestamp with time zone": "2026-01-01T00:00:00Z",
    "jsonb": "{}",
    "boolean": False,
}


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The test database as its superuser, with one table more, of every kind of column."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
    url = urlunsplit(urlsplit(os.environ["SUPERUSER_DATABASE_URL"])._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(
            "CREATE TABLE ledger.control (t text, b bytea, j jsonb, u uuid, i integer, n bigint, a text[])"
        )
        try:
            yield url
        finally:
            superuser.execute("DROP TABLE ledger.control")


def insert(url: str, column: str, values: list[object]) -> None:
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute("SET synchronous_commit = on")  # the log is in its file when an insert returns
        superuser.execute("TRUNCATE ledger.control")
        for value in values:
            superuser.execute(f"INSERT INTO ledger.control ({column}) VALUES (%s)", [value])


@pytest.mark.parametrize("column", ["t", "b", "j", "a"])
def test_column_with_each_form_is_found(database: str, canary: Canary, column: str) -> None:
    sent = as_bytes(canary) if column == "b" else as_text(canary)
    texts = {"t": lambda data: data.decode(), "b": bytes, "a": lambda data: ["first", data.decode()]}
    texts["j"] = lambda data: psycopg.types.json.Jsonb({"deep": [{"x": data.decode()}]})
    insert(database, column, [texts[column](data) for data in sent.values()])
    hits = search([canary], Sinks(database_url=database))
    assert {hit.form for hit in hits} == names(sent)
    assert {hit.place for hit in hits} == {f"ledger.control.{column}"}


@pytest.mark.parametrize("column", ["i", "n"])
def test_number_column_is_found(database: str, canary: Canary, column: str) -> None:
    insert(database, column, [int(canary.ssn)])
    (hit,) = search([canary], Sinks(database_url=database))
    assert hit.place == f"ledger.control.{column}"


def test_identifier_in_one_column_and_digits_in_the_next_are_found(database: str, canary: Canary) -> None:
    insert(database, "t", [])
    with psycopg.connect(database, autocommit=True) as superuser:
        values = [canary.temporary_id, canary.ssn[-4:].encode()]
        superuser.execute("INSERT INTO ledger.control (t, b) VALUES (%s, %s)", values)
    (hit,) = search([canary], Sinks(database_url=database))
    assert (hit.place, hit.form) == ("ledger.control", "last four beside the ID")


def test_bytes_that_are_an_archive_and_a_uuid_are_found(database: str, canary: Canary) -> None:
    insert(database, "b", [gzip.compress(canary.ssn.encode()), zipped(canary.ssn.encode())])
    hits = search([canary], Sinks(database_url=database))
    assert {hit.place for hit in hits} == {"ledger.control.b!unpacked", "ledger.control.b!inside.csv"}
    insert(database, "u", [f"{canary.ssn}{'0' * 23}"])
    assert [hit.place for hit in search([canary], Sinks(database_url=database))] == ["ledger.control.u"]


def test_database_without_the_canary_has_no_hit_and_every_column_was_read(database: str, canary: Canary) -> None:
    insert(database, "t", [fresh().ssn])
    done = survey([canary], Sinks(database_url=database))
    with psycopg.connect(database) as superuser:
        columns = superuser.execute(
            "SELECT count(*) FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema') AND c.table_name NOT IN"
            " (SELECT relname FROM pg_class WHERE relkind = 'p')"
        ).fetchone()
    assert done.hits == []
    assert columns
    assert done.extents["database"].places >= columns[0] > 300


@pytest.fixture
def server_folder() -> Path:
    """PostgreSQL's data directory."""
    folder = Sinks.of_environment(os.environ).data_directory
    if folder is None:
        pytest.skip("The database server's own files are not on this machine: not searched.")
    return folder


def test_write_ahead_log_with_each_form_is_found(
    database: str, canary: Canary, server_folder: Path, tmp_path: Path
) -> None:
    segment = "SELECT pg_walfile_name(pg_current_wal_lsn())"
    with psycopg.connect(database, autocommit=True) as superuser:
        first = superuser.execute(segment).fetchone()
        insert(database, "b", list(as_bytes(canary).values()))
        last = superuser.execute(segment).fetchone()
        # of a log of up to a gigabyte, the files that were written meanwhile
        (tmp_path / "pg_wal").mkdir()
        for path in (server_folder / "pg_wal").iterdir():
            if first and last and first[0] <= path.name <= last[0]:
                shutil.copy(path, tmp_path / "pg_wal")
    hits = search([canary], Sinks(data_directory=tmp_path))
    assert {(hit.sink, hit.form) for hit in hits} == {("write-ahead log", name) for name in names(as_bytes(canary))}
    assert search([fresh()], Sinks(data_directory=tmp_path)) == []


def test_deleted_rows_are_found_in_the_files_of_the_database(
    database: str, canary: Canary, server_folder: Path
) -> None:
    insert(database, "b", list(as_bytes(canary).values()))
    with psycopg.connect(database, autocommit=True) as superuser:
        superuser.execute("DELETE FROM ledger.control")
        superuser.execute("CHECKPOINT")
        row = superuser.execute("SELECT pg_relation_filepath('ledger.control')").fetchone()
    assert row
    assert search([canary], Sinks(database_url=database)) == []
    hits = search([canary], Sinks(data_directory=(server_folder / row[0]).parent))
    assert {(hit.sink, hit.form) for hit in hits} >= {("database files", name) for name in names(as_bytes(canary))}


def columns_of(model: type[Model], *names_of_fields: str) -> list[tuple[str, str]]:
    table = model._meta.db_table.replace('"', "")
    table = table if "." in table else f"workflow.{table}"
    return [(table, name) for name in names_of_fields]


COLUMNS_OF_A_MATCH = [
    *columns_of(PersonSet, "fingerprints"),
    *columns_of(CohortUpload, "marks", "wrapped_keys"),
    *columns_of(SealedFile, "wrapped_key"),
]


@pytest.mark.parametrize(("table", "column"), COLUMNS_OF_A_MATCH)
def test_column_that_a_match_fills_is_found(database: str, canary: Canary, table: str, column: str) -> None:
    with psycopg.connect(database, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        kinds = superuser.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''",
            [table],
        ).fetchall()
        values = {name: EMPTY[kind.split("(")[0]] for name, kind, needed in kinds if needed}
        values |= {column: b"\x00" + canary.ssn.encode()}
        places = ", ".join(["%s"] * len(values))
        superuser.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", list(values.values()))
        try:
            hits = search([canary], Sinks(database_url=database))
        finally:
            superuser.execute(f"DELETE FROM {table}")
    assert (f"{table}.{column}", "plain") in {(hit.place, hit.form) for hit in hits}


def test_write_ahead_log_record_over_the_end_of_a_page_is_whole(canary: Canary) -> None:
    text = canary.ssn.encode()
    first = b"\x00" * 2 + (2).to_bytes(2, "little") + b"\x00" * (8192 - 4 - 4) + text[:4]
    second = b"\x00" * 24 + text[4:] + b"\x00" * 100
    assert text not in first + second
    assert text in b"".join(write_ahead_log.records(io.BytesIO(first + second)))
