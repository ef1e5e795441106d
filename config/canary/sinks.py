"""Where an SSN could have come to rest: the places one environment of the system keeps anything in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg

FOLDERS = (
    "VAULT_ROOT", "OUTBOX_ROOT", "KEY_ROOT", "SEGMENT_ROOT", "ANCHOR_ROOT", "EMAIL_FILE_PATH", "LOG_ROOT",
    "BEAT_SCHEDULE_FILE",
)  # fmt: skip
SERVER_FILES = ("postgres.log", "redis.log", "redis")


@dataclass(frozen=True)
class Sinks:
    """The places to search. `data_directory` is PostgreSQL's, None where it is on another machine or not readable."""

    database_url: str | None = None
    data_directory: Path | None = None
    redis_url: str | None = None
    folders: tuple[Path, ...] = ()
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of_environment(
        cls,
        environment: Mapping[str, str],
        *,
        extra_folders: Iterable[Path] = (),
        blobs: Mapping[str, bytes] | None = None,
    ) -> Self:
        """Everything `config.servers` made for one environment, and what the caller adds.

        The database is read as the superuser where there is one (tests), else as the owner of every table.
        """
        owner = environment["DATABASE_URL"]
        superuser = environment.get("SUPERUSER_DATABASE_URL")
        folders = [Path(environment[name]) for name in FOLDERS if name in environment]
        if servers := environment.get("SERVERS_ROOT"):
            folders += [Path(servers) / name for name in SERVER_FILES]
        return cls(
            database_url=_same_database(superuser, owner) if superuser else owner,
            data_directory=_data_directory(owner, environment.get("SERVERS_ROOT")),
            redis_url=environment.get("REDIS_URL"),
            folders=(*folders, *map(Path, extra_folders)),
            blobs=dict(blobs or {}),
        )


def _same_database(url: str, other: str) -> str:
    """`url` with the database of `other`."""
    return urlunsplit(urlsplit(url)._replace(path=urlsplit(other).path))


def _data_directory(owner_url: str, servers: str | None) -> Path | None:
    """The embedded server's folder, if `owner_url` leads to that very server (its port is in postmaster.pid)."""
    folder = Path(servers or "/nonexistent") / "postgres"
    try:
        port = (folder / "postmaster.pid").read_text().splitlines()[3]
    except (OSError, IndexError):
        return None
    with psycopg.connect(owner_url) as connection:
        return folder if port == str(connection.info.port) else None
