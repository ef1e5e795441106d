"""Goes through every sink once and says where a form of a canary was found: the place and the form, never the value."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from config.canary import database, write_ahead_log
from config.canary.archives import chunks, parts_of_bytes, parts_of_file
from config.canary.database import Column, Connection
from config.canary.needles import Canary, Needles
from config.canary.sinks import Sinks

WAL = "pg_wal"


@dataclass(frozen=True, order=True)
class Hit:
    """A form of some canary in one place."""

    sink: str
    place: str
    form: str


@dataclass
class Extent:
    """How much of a sink was read."""

    places: int = 0
    bytes: int = 0


@dataclass
class Survey:
    """What a search found and how far it reached; `unreadable` names what it could not read."""

    hits: list[Hit] = field(default_factory=list)
    extents: dict[str, Extent] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def search(canaries: Sequence[Canary], sinks: Sinks) -> list[Hit]:
    """Every place where any form of any canary stands; PermissionError where something could not be read."""
    done = survey(canaries, sinks)
    if done.unreadable:
        raise PermissionError("The search for canaries could not read: " + ", ".join(done.unreadable))
    return done.hits


def survey(canaries: Sequence[Canary], sinks: Sinks) -> Survey:
    """The same, with how much of each sink was read."""
    return _Search(canaries).run(sinks)


class _Search:
    def __init__(self, canaries: Sequence[Canary]) -> None:
        self._needles = Needles(canaries)
        self._numbers = [int(canary.ssn) for canary in canaries]
        self._done = Survey()

    def run(self, sinks: Sinks) -> Survey:
        for name, data in sinks.blobs.items():
            for place, content in parts_of_bytes(data, name):
                self._look("memory", place, content)
        for folder in sinks.folders:
            self._look_in_folder("files", folder)
        if sinks.redis_url:
            self._look_in_redis(sinks.redis_url)
        if sinks.database_url:
            with psycopg.connect(sinks.database_url) as connection:
                self._look_in_tables(connection)
                connection.rollback()
        if sinks.data_directory:
            self._look_in_server_files(sinks.data_directory)
        self._done.hits = sorted(set(self._done.hits))
        return self._done

    def _look(self, sink: str, place: str, content: Iterable[bytes]) -> set[str]:
        """Reads one place to its end and keeps what was found."""
        extent = self._done.extents.setdefault(sink, Extent())
        extent.places += 1
        found = self._needles.find_in_stream(_counted(content, extent))
        self._done.hits += [Hit(sink, place, form) for form in found]
        return found

    def _look_in_folder(self, sink: str, folder: Path) -> None:
        """A file, or every file below a folder; names count too. Links are not followed: nothing is read twice."""
        if not folder.exists():
            return
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_symlink() or not path.is_file():
                continue
            self._look(sink, f"name of {path.parent}", [path.name.encode()])
            try:
                for place, content in parts_of_file(path):
                    self._look(sink, place, content)
            except FileNotFoundError:
                continue  # removed meanwhile, as a log or a queue file may be
            except PermissionError:
                self._done.unreadable.append(str(path))

    def _look_in_server_files(self, folder: Path) -> None:
        """The write-ahead log, and the server's other files as they are: rows deleted or dropped are still in them."""
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            is_log = WAL in path.parts
            sink = "write-ahead log" if is_log else "database files"
            try:
                with path.open("rb") as source:
                    content = write_ahead_log.records(source) if is_log else chunks(source)
                    self._look(sink, str(path.relative_to(folder)), content)
            except FileNotFoundError:
                continue
            except PermissionError:
                self._done.unreadable.append(str(path))

    def _look_in_redis(self, url: str) -> None:
        client: Any = redis.from_url(url)
        with client:
            for key in client.scan_iter(count=1000):
                place = f"{client.type(key).decode()} {self._shown(key)}"
                self._look("Redis", place, [key, b"\n", *_values(client, key)])

    def _shown(self, key: bytes) -> str:
        """The name of a key, unless it holds what is looked for."""
        return "(name withheld)" if self._needles.find_in(key) else key.decode(errors="replace")

    def _look_in_tables(self, connection: Connection) -> None:
        for columns in database.tables(connection).values():
            integers = [column for column in columns if column.kind == "integer"]
            texts = [column for column in columns if column not in integers]
            for column in integers:
                self._look_for_number(connection, column)
            if texts:
                self._look_in_columns(connection, texts)
            for column in (column for column in columns if column.kind == "bytea"):
                self._look_in_values(connection, column)

    def _look_for_number(self, connection: Connection, column: Column) -> None:
        self._done.extents.setdefault("database", Extent()).places += 1
        if database.has_number(connection, column, self._numbers):
            self._done.hits.append(Hit("database", column.place, "number"))

    def _look_in_columns(self, connection: Connection, columns: list[Column]) -> None:
        """All columns at once; only where something was found, one by one, to say which."""
        extent = self._done.extents.setdefault("database", Extent())
        extent.places += len(columns)
        found = self._needles.find_in_stream(_counted(database.text_of(connection, columns), extent))
        unplaced = set(found)
        for column in columns if found else ():
            here = self._needles.find_in_stream(database.text_of(connection, [column]))
            self._done.hits += [Hit("database", column.place, form) for form in here]
            unplaced -= here
        # an ID in one column and the digits in the next
        table = f"{columns[0].schema}.{columns[0].table}"
        self._done.hits += [Hit("database", table, form) for form in unplaced]

    def _look_in_values(self, connection: Connection, column: Column) -> None:
        """Bytes once more, as they are: they may be an archive, and hold what no text can."""
        for value in database.values_of(connection, column):
            for place, content in parts_of_bytes(value, column.place):
                self._look("database", place, content)


def _counted(content: Iterable[bytes], extent: Extent) -> Iterator[bytes]:
    for chunk in content:
        extent.bytes += len(chunk)
        yield chunk


def _values(client: Any, key: bytes) -> Iterator[bytes]:
    """Everything kept under a key, whatever its type; each value apart, so that two are never read as one."""
    match client.type(key):
        case b"string":
            values = [client.get(key) or b""]
        case b"list":
            values = client.lrange(key, 0, -1)
        case b"hash":
            values = [part for pair in client.hgetall(key).items() for part in pair]
        case b"set":
            values = list(client.smembers(key))
        case b"zset":
            values = client.zrange(key, 0, -1)
        case b"stream":
            values = [part for _, entry in client.xrange(key) for pair in entry.items() for part in pair]
        case kind:
            raise ValueError(f"Redis holds a key of a type that is not read: {kind!r}")
    for value in values:
        yield value
        yield b"\n"
