"""Positive control of the search for canaries: planted in every sink and form, it is found, and only it."""

import base64
import dataclasses
import gzip
import io
import logging
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import Model
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from config.canary import Canary, Sinks, search, survey, write_ahead_log
from matching.models.cohorts import CohortUpload
from matching.models.matches import PersonSet
from matching.services.cohort_persons import KEY_FILE as FINGERPRINT_KEY
from requests_app.models import SealedFile
from requests_app.models.ids import new_ulid

Sent = dict[str, bytes]
pytestmark = pytest.mark.django_db  # the database is made; what is planted goes through connections of its own


@pytest.fixture
def canary() -> Canary:
    """A new one for every test: what another test planted stays in the write-ahead log."""
    return fresh()


def fresh() -> Canary:
    """A specimen SSN (area 9xx, group 49) and a temporary ID."""
    serial = 1000 + secrets.randbelow(9000)
    return Canary(f"{900 + secrets.randbelow(100)}49{serial}", f"ID{secrets.token_hex(4)}")


def as_text(canary: Canary) -> Sent:
    """Every form of the canary as a text, written here without the search's own code; form -> bytes."""
    ssn, four = canary.ssn, canary.ssn[-4:]
    hyphenated = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"
    return {
        "plain": f"line 7: {ssn} was sent".encode(),
        "hyphenated": f"<td>{hyphenated}</td>".encode(),
        "spaced": f"({hyphenated.replace('-', ' ')})".encode(),
        "plain, reversed": f"x{ssn[::-1]}x".encode(),
        "hyphenated, reversed": hyphenated[::-1].encode(),
        "plain, base64 0": base64.b64encode(f"{ssn}..".encode()),
        "plain, base64 1": base64.b64encode(f"1{ssn}.".encode()),
        "plain, base64 2": base64.b64encode(f"12{ssn}".encode()),
        "hyphenated, base64": base64.b64encode(f"[{hyphenated}]".encode()),
        "plain, hexadecimal": ssn.encode().hex().encode(),
        "last four beside the ID 0": f"{canary.temporary_id},{four}".encode(),
        "last four beside the ID 1": f"{canary.temporary_id}{four}".encode(),
        "last four beside the ID 2": f"{canary.temporary_id}...{four}".encode(),
        "last four beside the ID 3": f"{four};{canary.temporary_id}".encode(),
    }


def as_bytes(canary: Canary) -> Sent:
    """The textual forms, and those that only bytes can have."""
    return as_text(canary) | {
        "plain, UTF-16": canary.ssn.encode("utf-16-le"),
        "number little": int(canary.ssn).to_bytes(8, "little"),
        "number big": int(canary.ssn).to_bytes(8, "big"),
    }


def names(sent: Sent) -> set[str]:
    """The forms' names as hits give them."""
    return {name.rstrip("0123").strip().removesuffix(" little").removesuffix(" big") for name in sent}


def zipped(data: bytes) -> bytes:
    """A compressed ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", data)
    return out.getvalue()


EMPTY: dict[str, object] = {
    "character varying": "x",
    "integer": 1,
    "bigint": 1,
    "bytea": b"",
    "timestamp with time zone": "2026-01-01T00:00:00Z",
    "jsonb": "{}",
    "boolean": False,
}
# As much as is read at once: what stands behind it lies across two readings. Without digits: four beside a fifth are
# not somebody's last four.
NOISE = os.urandom(4 << 20).translate(bytes.maketrans(b"0123456789", b"g" * 10))
FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a file": (lambda data: data, ""),
    "a log": (lambda data: b'{"event": "' + data + b'"}\n', ""),
    "a ZIP": (zipped, "!inside.csv"),
    "a ZIP in a ZIP": (lambda data: zipped(zipped(data)), "!inside.csv!inside.csv"),
    "a GZIP": (gzip.compress, "!unpacked"),
    "a GZIP in a ZIP": (lambda data: zipped(gzip.compress(data)), "!inside.csv!unpacked"),
    "far inside": (lambda data: NOISE[: -len(data) // 2] + data, ""),
}


@pytest.mark.parametrize("kind", FILES)
def test_file_with_each_form_is_found(tmp_path: Path, canary: Canary, kind: str) -> None:
    write, inside = FILES[kind]
    for number, data in enumerate(as_bytes(canary).values()):
        (tmp_path / f"{number}").write_bytes(write(data))
    hits = search([canary, fresh()], Sinks(folders=(tmp_path,)))
    assert {hit.form for hit in hits} == names(as_bytes(canary))
    assert {hit.place for hit in hits} == {f"{tmp_path}/{number}{inside}" for number in range(len(as_bytes(canary)))}
    assert search([fresh()], Sinks(folders=(tmp_path,))) == []


def test_file_name_is_found_and_not_repeated(tmp_path: Path, canary: Canary) -> None:
    (tmp_path / f"{canary.ssn}.csv").touch()
    (hit,) = search([canary], Sinks(folders=(tmp_path,)))
    assert (hit.form, hit.place) == ("plain", f"name of {tmp_path}")


def test_mail_body_and_attachment_are_found(tmp_path: Path, canary: Canary, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    EmailMessage("Your request", f"É: {canary.ssn}", "a@b.example", ["c@d.example"]).send()
    other = fresh()
    mail = EmailMessage("Your package", "Attached.", "a@b.example", ["c@d.example"])
    mail.attach("package.zip", zipped(b"x" * 1000 + other.ssn.encode()), "application/zip")
    mail.send()
    assert {hit.form for hit in search([canary], Sinks(folders=(tmp_path,)))} >= {"plain"}
    assert [hit.place.split("!")[1:] for hit in search([other], Sinks(folders=(tmp_path,)))] == [
        ["application/zip", "inside.csv"]
    ]
    assert search([fresh()], Sinks(folders=(tmp_path,))) == []


def test_blob_of_memory_is_found(canary: Canary) -> None:
    blobs = {f"GET /{number}": data for number, data in enumerate(as_bytes(canary).values())}
    hits = search([canary], Sinks(blobs=blobs | {"package": zipped(canary.ssn.encode())}))
    assert {hit.form for hit in hits} == names(as_bytes(canary))
    assert {hit.place for hit in hits} == {*blobs, "package!inside.csv"}
    assert search([fresh()], Sinks(blobs=blobs)) == []


REDIS: dict[str, Callable[["redis.Redis", str, bytes], object]] = {
    "string": lambda client, key, data: client.set(key, data),
    "list": lambda client, key, data: client.rpush(key, b"first", data),
    "hash": lambda client, key, data: client.hset(key, "field", data),
    "set": lambda client, key, data: client.sadd(key, data),
    "zset": lambda client, key, data: client.zadd(key, {data: 1}),
    "stream": lambda client, key, data: client.xadd(key, {"field": data}),
}


@pytest.mark.parametrize("kind", REDIS)
def test_redis_value_with_each_form_is_found(canary: Canary, kind: str) -> None:
    url = os.environ["REDIS_URL"]
    sent = as_bytes(canary)
    keys = {f"canary:{kind}:{number}": data for number, data in enumerate(sent.values())}
    with redis.from_url(url) as client:
        try:
            for key, data in keys.items():
                REDIS[kind](client, key, data)
            hits = search([canary], Sinks(redis_url=url))
            assert search([fresh()], Sinks(redis_url=url)) == []
        finally:
            client.delete(*keys)
    assert {hit.form for hit in hits} == names(sent)
    assert {hit.place for hit in hits} == {f"{kind} {key}" for key in keys}


def test_redis_key_is_found_and_not_repeated(canary: Canary) -> None:
    url = os.environ["REDIS_URL"]
    with redis.from_url(url) as client:
        client.set(f"lock:{canary.ssn}", "1", ex=20)
        hits = search([canary], Sinks(redis_url=url))
        client.delete(f"lock:{canary.ssn}")
    assert [(hit.place, hit.form) for hit in hits] == [("string (name withheld)", "plain")]


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


def test_environment_names_every_place_the_servers_make() -> None:
    folder = Path("/somewhere/else")
    sinks = Sinks.of_environment(os.environ, extra_folders=[folder], blobs={"page": b""})
    wanted = ("VAULT_ROOT", "OUTBOX_ROOT", "KEY_ROOT", "SEGMENT_ROOT", "ANCHOR_ROOT", "EMAIL_FILE_PATH", "LOG_ROOT")
    assert {Path(os.environ[name]) for name in wanted} | {folder} <= set(sinks.folders)
    assert sinks.redis_url == os.environ["REDIS_URL"]
    assert urlsplit(sinks.database_url or "").path == urlsplit(os.environ["DATABASE_URL"]).path
    assert set(sinks.blobs) == {"page"}


# What uploads and matches leave on their way: parts as they arrive, the workers' key, rows set aside in a load.
FILES_OF_A_MATCH = {
    "VAULT_ROOT": f"incoming/{new_ulid()}",
    "KEY_ROOT": FINGERPRINT_KEY,
    "SEGMENT_ROOT": "load-1/records.3",
}


@pytest.mark.parametrize("root", FILES_OF_A_MATCH)
def test_file_that_a_match_leaves_is_found(tmp_path: Path, canary: Canary, root: str) -> None:
    sinks = dataclasses.replace(
        Sinks.of_environment(os.environ | {root: str(tmp_path)}), database_url=None, data_directory=None, redis_url=None
    )
    path = tmp_path / FILES_OF_A_MATCH[root]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(os.urandom(500) + b"".join(as_bytes(canary).values()) + os.urandom(500))
    hits = [hit for hit in search([canary], sinks) if hit.place == str(path)]
    assert {hit.form for hit in hits} == names(as_bytes(canary))


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


def test_unreadable_file_fails_the_search(tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.write_bytes(b"x")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(str(closed))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match="closed"):
        search([canary], Sinks(folders=(tmp_path,)))


def test_search_without_canaries_is_refused() -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        search([], Sinks())


@pytest.mark.parametrize(("ssn", "identifier"), [("12345678", "R0001"), ("12345678x", "R0001"), ("900491234", "R1")])
def test_canary_that_could_not_be_found_is_refused_without_being_repeated(ssn: str, identifier: str) -> None:
    with pytest.raises(ValueError, match="canary") as refused:
        Canary(ssn, identifier)
    assert ssn not in str(refused.value)


def test_canary_and_hit_do_not_show_the_value(canary: Canary) -> None:
    hits = search([canary], Sinks(blobs={"page": canary.ssn.encode()}))
    logging.getLogger("test").info("%r", canary)
    assert canary.ssn not in repr(canary) + repr(hits)
    assert [field.name for field in dataclasses.fields(hits[0])] == ["sink", "place", "form"]


def test_last_four_inside_a_longer_number_are_no_hit() -> None:
    numbered = Canary("900490123", "000045")
    pages = {"uin": b"0000450123", "and more": b"00004501239", "alone": b"1,000045,0123,2"}
    assert [hit.place for hit in search([numbered], Sinks(blobs=pages))] == ["alone"]


@pytest.mark.parametrize(
    "text", ["{id}\n{four}", "{id}....{four}", "{id},0000", "{other},{four}", "{four}", "{id},{four}5", "5{four},{id}"]
)
def test_last_four_elsewhere_are_no_hit(canary: Canary, text: str) -> None:
    page = text.format(id=canary.temporary_id, four=canary.ssn[-4:], other=fresh().temporary_id)
    assert search([canary], Sinks(blobs={"page": page.encode()})) == []


def test_write_ahead_log_record_over_the_end_of_a_page_is_whole(canary: Canary) -> None:
    text = canary.ssn.encode()
    first = b"\x00" * 2 + (2).to_bytes(2, "little") + b"\x00" * (8192 - 4 - 4) + text[:4]
    second = b"\x00" * 24 + text[4:] + b"\x00" * 100
    assert text not in first + second
    assert text in b"".join(write_ahead_log.records(io.BytesIO(first + second)))
