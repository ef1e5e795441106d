"""What a request could leave behind: learnt while it is there, and looked for after the request's end.

Ciphertexts, wrapped keys and keys are learnt by their own bytes. They are looked for in every file below the site's
file stores, in every table, and in backups that `pg_dump` made and `pg_restore` brings back.
"""

import base64
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import override_settings
from psycopg import sql
from psycopg.rows import dict_row

from matching.services import cohort_keys
from requests_app import keys, sealed_files
from requests_app.models import DataRequest, SealedFile
from requests_app.models.files import FileKind
from requests_app.services.packages import files
from tests import backups, sites

STORES = ("VAULT_ROOT", "KEY_ROOT", "OUTBOX_ROOT", "ANCHOR_ROOT", "EMAIL_FILE_PATH", "LOG_ROOT")
HELD = ("wages", "vault")  # the states' own records, which a request only reads; its tables are compared by name
SAMPLE = slice(64, 128)  # of a file: behind its first lengths and headings, and different in every one
PATIENCE_SECONDS = 120
FILES = """
SELECT file.*, request.number FROM workflow.requests_app_sealedfile file
JOIN workflow.requests_app_datarequest request ON request.id = file.request_id WHERE request.number = ANY(%s)
"""
TABLES = """
SELECT n.nspname, c.relname, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
LONG_AGO = "UPDATE workflow.requests_app_datarequest SET state_since = '2001-01-01' WHERE number = %s"


@dataclass(frozen=True)
class Backup:
    """A dump of the database with a copy of the file store, and of the keys too, which no operator's backup holds."""

    dump: Path
    vault: Path
    keys: Path
    known: frozenset[str]


class Leavings:
    """Everything that was learnt of some requests of one site, by words, and the places where it might still lie."""

    def __init__(self, site: Mapping[str, str], database: str, folder: Path) -> None:
        self._site, self._folder = site, folder
        self.url = sites.named(site["SUPERUSER_DATABASE_URL"], database)
        self.key_root, self.vault = Path(site["KEY_ROOT"]), Path(site["VAULT_ROOT"])
        self.tables = self.tables_of(self.url)
        self.things: dict[str, bytes] = {}
        self.numbers: list[str] = []
        self.backups: list[Backup] = []

    def learn(self, number: str, *kinds: FileKind) -> frozenset[str]:
        """The ciphertexts and wrapped keys of the request's files of these kinds, and its keys; their names."""
        self.numbers = [*dict.fromkeys([*self.numbers, number])]
        found: dict[str, bytes] = {}
        for row in self._rows(self.url):
            if row["number"] == number and row["kind"] in kinds and row["shredded_at"] is None:
                found[f"{row['kind']} {row['id']}"] = _sample(self._path(row))
                found[f"wrapped key of {row['kind']} {row['id']}"] = bytes(row["wrapped_key"])
        for path in self._keys_of(number):
            found[f"key {path.relative_to(self.key_root)}"] = _sample(path)
        self.things |= found
        return frozenset(found)

    def keep(self, number: str, *kinds: FileKind) -> None:
        """Learns, and makes a backup of everything in the moment."""
        known, place = self.learn(number, *kinds), self._folder / f"backup-{len(self.backups)}"
        self.backups.append(self._back_up(place, known))

    def last_backup(self) -> Backup:
        """A backup of what there is now, of which nothing is known."""
        return self._back_up(self._folder / "last", ())

    def _back_up(self, place: Path, known: Iterable[str]) -> Backup:
        """The database as `pg_dump` keeps it, and copies of the files beside it."""
        place.mkdir()
        made = Backup(place / "dump", place / "vault", place / "keys", frozenset(known))
        backups.back_up(self.url, made.dump, *(f"--exclude-table-data={schema}.*" for schema in HELD))
        shutil.copytree(self.vault, made.vault)
        shutil.copytree(self.key_root, made.keys)
        return made

    @contextmanager
    def restored(self, backup: Backup) -> Iterator[str]:
        """The address of a database that was made from the backup."""
        superuser, name = self._site["SUPERUSER_DATABASE_URL"], "wage_records_restored"
        with backups.database(superuser, name):
            backups.restore(backup.dump, sites.named(superuser, name))
            yield sites.named(superuser, name)

    def on_disk(self, *places: Path) -> set[str]:
        """The things whose bytes are in a file of the site's stores, or in these places instead."""
        roots = places or tuple(Path(self._site[name]) for name in STORES)
        paths = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*"))]
        return self._found(path.read_bytes() for path in paths if path.is_file())

    def in_database(self, url: str) -> set[str]:
        """The things whose bytes are in a row of any table."""
        return self._found(_contents(url))

    def tables_of(self, url: str) -> set[tuple[str, str, str]]:
        """Every table by schema and name, and how long it lasts: `t` is somebody's temporary one."""
        with psycopg.connect(url) as superuser:
            return {(str(schema), str(name), str(lasts)) for schema, name, lasts in superuser.execute(TABLES)}

    def readable(self, url: str, vault: Path, key_root: Path) -> set[str]:
        """The requests' files that a worker with its own key could read, given this database and these folders."""
        worker = keys.load_private(Path(self._site["WORKER_PRIVATE_KEY_FILE"]).read_bytes())
        with override_settings(VAULT_ROOT=vault, KEY_ROOT=key_root):
            return {f"{row['kind']} {row['id']}" for row in self._rows(url) if _is_readable(row, worker)}

    def let_retention_end(self, number: str) -> None:
        """The request was closed so long ago that nothing of it need be kept any more."""
        with psycopg.connect(self.url) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(LONG_AGO, [number])

    def wait_for_end(self, *numbers: str) -> None:
        """The site's own sweep has ended every file and every key of the requests."""
        until = time.monotonic() + PATIENCE_SECONDS
        while left := self._left(numbers):
            assert time.monotonic() < until, left
            time.sleep(0.2)

    def _left(self, numbers: Iterable[str]) -> list[str]:
        wanted = list(numbers)
        rows = [row for row in self._rows(self.url) if row["number"] in wanted and row["shredded_at"] is None]
        on_disk = [path.name for number in wanted for path in self._keys_of(number)]
        return [*(str(row["id"]) for row in rows), *on_disk]

    def _rows(self, url: str) -> list[dict[str, Any]]:
        with psycopg.connect(url, row_factory=dict_row) as superuser:
            return superuser.execute(FILES, [self.numbers]).fetchall()

    def _keys_of(self, number: str) -> list[Path]:
        return [path for path in self.key_root.rglob(f"{number}*") if path.is_file()]

    def _path(self, row: Mapping[str, Any]) -> Path:
        with override_settings(VAULT_ROOT=self.vault):
            return sealed_files.path_of(row["sealed_sha256"])

    def _found(self, contents: Iterable[bytes]) -> set[str]:
        forms = {name: (thing, thing.hex().encode(), _base64(thing)) for name, thing in self.things.items()}
        found: set[str] = set()
        for content in contents:
            found |= {name for name, some in forms.items() if any(form in content for form in some)}
        return found


def _sample(path: Path) -> bytes:
    content = path.read_bytes()
    return content[SAMPLE] if len(content) >= SAMPLE.stop else content


def _base64(thing: bytes) -> bytes:
    """The text without its end, which depends on what follows."""
    return base64.b64encode(thing)[: len(thing) // 3 * 4]


def _contents(url: str) -> Iterator[bytes]:
    """The rows of every table as COPY writes them: bytes as hexadecimal digits."""
    with psycopg.connect(url) as superuser:
        listed = superuser.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|informa)'")
        for schema, table in [row for row in listed if row[0] not in HELD]:
            query = sql.SQL("COPY {}.{} TO STDOUT").format(sql.Identifier(schema), sql.Identifier(table))
            with superuser.cursor().copy(query) as copy:
                yield b"".join(map(bytes, copy))


def _is_readable(row: Mapping[str, Any], worker: rsa.RSAPrivateKey) -> bool:
    request = DataRequest(pk=row["request_id"], number=row["number"])
    columns = {name: row[name] for name in ("id", "kind", "wrapped_key", "locked", "sealed_sha256")}
    file = SealedFile(request=request, **columns)
    try:
        if file.kind == FileKind.COHORT:
            data_keys = files.data_keys(file, cohort_keys.private_key(request))
        else:
            data_keys = [files.data_key(file, worker)]
        return any(sealed_files.read_sealed(file.pk, file.sealed_sha256, *data_keys))
    except (sealed_files.Unreadable, cohort_keys.KeyDestroyed):
        return False
