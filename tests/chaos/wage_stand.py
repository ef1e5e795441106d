"""A PostgreSQL server of its own with a loaded wage store, from which copies are taken, loaded into, and killed in.

What a copy holds is told by one hash per table (moments, chain hashes and identity columns aside) and by the bytes of
its match segments.
"""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from config import launch
from config.embedded import Postgres, ensure_owner, ensure_roles, find_place
from config.embedded.place import CHECKOUT
from config.embedded.process import spawn
from config.embedded.roles import OWNER, WORKING_ROLES
from config.servers import folders
from matching.core.load_files.wage_layouts import CSV_FIELDS
from tests import sites
from tests.chaos import runs
from tests.integration.matching.load_files import establishments

TEMPLATE, COPY = "wage_records_stand", "wage_records_stand_copy"
PERSONS = 12_000
PATIENCE_SECONDS = 300
_TABLES = """
SELECT n.nspname || '.' || c.relname,
       array_agg(a.attname::text) FILTER (WHERE a.atttypid = 'timestamptz'::regtype OR a.attidentity <> ''
                                           OR a.attname IN ('hash', 'previous_hash'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('wages', 'vault', 'summaries', 'events') AND c.relkind = 'r'
GROUP BY 1
"""
_HASH = """
SELECT md5(string_agg(line, '' ORDER BY line)) FROM (SELECT md5((to_jsonb(t) - %s::text[])::text) AS line FROM {} t) x
"""
_AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'wr_loader' AND datname = %s"
Contents = dict[str, str]


def wage_file(path: Path, *, seed: int, first_person: int = 0) -> Path:
    """A quarter of some persons from `first_person` on: several jobs, impossible numbers, rejects, a name with é."""
    draw = random.Random(seed)
    lines = [",".join(CSV_FIELDS)]
    for n in range(first_person, first_person + PERSONS):
        ssn = f"9{n // 490_000:02}{1 + n // 10_000 % 49:02}{n % 10_000:04}"
        for _ in range(1 + (n % 7 == 0)):
            wage, hours = draw.randrange(60_000), draw.choice(("", "480"))
            account, ein = draw.randrange(1, 900), draw.choice(("", "7"))
            lines.append(f"{ssn},José,,Roe,44,{account},0,{ein},2016,1,{wage},{hours},")
    lines += ["000000000,,,,44,1,0,,2016,1,5,,"] * 20 + ["x,,,,44,1,0,,2016,1,5,,"] * 5
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    return path


def establishment_file(path: Path) -> Path:
    """The quarter's establishments: those of the accounts that pay wages, and as many again times six."""
    draw = random.Random(3)
    rows = [{"uin": str(account), "employed": draw.randrange(1, 90)} for account in range(1, 6_300)]
    return establishments(path, *rows)


@dataclass
class Copy:
    """A database and a folder of segments of its own, both as the stand has them at first."""

    postgres: Postgres
    environment: dict[str, str]
    folder: Path

    def start(self, command: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
        """A management command as a process in a session of its own; what it says is in `said`."""
        return spawn(
            launch.management_command(command), log=self.folder / "said", cwd=CHECKOUT,
            environment=launch.management_environment(command, self.environment) | more,
        )  # fmt: skip

    def run(self, command: Sequence[str], *, before: Callable[[], None] | None = None) -> tuple[int, str]:
        """Exit status of a command and what it said; `before` runs in the new process, e.g. to set a limit."""
        done = subprocess.run(
            launch.management_command(command), env=launch.management_environment(command, self.environment),
            capture_output=True, text=True, check=False, cwd=CHECKOUT, preexec_fn=before,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    @contextmanager
    def small_disk(self, kilobytes: int) -> Iterator[None]:
        """Tables that the loader makes in PostgreSQL, as those of a load's records, lie on a disk of that size."""
        disk, account = self.folder / "disk", self.postgres.place.account
        disk.mkdir()
        owner = f",uid={account.uid},gid={account.gid}" if account else ""
        subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700{owner}", "none", disk], check=True
        )
        try:
            self._as_superuser(
                f"CREATE TABLESPACE small LOCATION '{disk}'",
                f"GRANT CREATE ON TABLESPACE small TO {OWNER}",
                "ALTER ROLE wr_loader SET default_tablespace = small",
            )
            yield
            self._as_superuser("ALTER ROLE wr_loader RESET default_tablespace", "DROP TABLESPACE small")
        finally:
            subprocess.run(["/bin/umount", "--lazy", disk], check=True)

    def _as_superuser(self, *statements: str) -> None:
        with psycopg.connect(self.environment["SUPERUSER_DATABASE_URL"], autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def said(self) -> str:
        """What started commands said."""
        return (self.folder / "said").read_text()

    def wait_for_work(self, process: subprocess.Popen[bytes]) -> None:
        """Until the process is in a transaction."""
        query = f"{_AT_WORK} AND xact_start IS NOT NULL"
        self._until(lambda: process.poll() is not None or self._count(query) > 0)

    def wait_for_nobody(self) -> None:
        """Until the server has seen that the loader is gone."""
        self._until(lambda: self._count(_AT_WORK) == 0)

    def contents(self) -> Contents:
        """Hash by table."""
        with self._connected() as connection:
            tables = connection.execute(_TABLES).fetchall()
            found = {}
            for name, left_out in tables:
                # a load's own number says which one it is; identity numbers may have gaps
                table = sql.Identifier(*name.split("."))
                row = connection.execute(sql.SQL(_HASH).format(table), [left_out or []]).fetchone()
                found[name] = str(row and row[0])
        return found

    def segments(self) -> Contents:
        """Every registered file with the hash of its bytes, which must be the one registered."""
        with self._connected() as connection:
            registered = connection.execute("SELECT name, sha256 FROM wages.segment").fetchall()
        found = {name: sha256((self._segment_root / name).read_bytes()).hexdigest() for name, _ in registered}
        assert found == dict(registered)
        return found

    def files(self) -> set[str]:
        """Everything in the folder of segments, but for empty folders."""
        return {str(path.relative_to(self._segment_root)) for path in self._segment_root.rglob("*") if path.is_file()}

    @property
    def _segment_root(self) -> Path:
        return Path(self.environment["SEGMENT_ROOT"])

    def _connected(self) -> psycopg.Connection[Any]:
        url = sites.named(self.environment["SUPERUSER_DATABASE_URL"], self.environment["RUN_DATABASE"])
        return psycopg.connect(url, autocommit=True)

    def _count(self, query: str) -> int:
        with psycopg.connect(self.environment["SUPERUSER_DATABASE_URL"], autocommit=True) as connection:
            row = connection.execute(query, [self.environment["RUN_DATABASE"]]).fetchone()  # type: ignore[arg-type]
        return int(row[0]) if row else 0

    def _until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < deadline, f"waited in vain\n{self.said()[-4000:]}"
            time.sleep(0.01)


@dataclass(frozen=True)
class Stand:
    """The loaded wage store; copies load `file`, its correction, and `establishments`."""

    postgres: Postgres
    environment: dict[str, str]
    folder: Path
    file: Path
    establishments: Path

    @contextmanager
    def copy(self) -> Iterator[Copy]:
        """As the stand was made; gone afterwards."""
        own = self.folder / "copy"
        own.mkdir()
        try:
            runs.clone_database(self.environment, TEMPLATE, COPY)
            environment = _led_to(self.environment, COPY) | folders(own)
            shutil.copytree(self.environment["SEGMENT_ROOT"], environment["SEGMENT_ROOT"], dirs_exist_ok=True)
            yield Copy(self.postgres, environment, own)
        finally:
            self.postgres.start()
            runs.drop_database(self.environment, COPY)
            shutil.rmtree(own)


@contextmanager
def stand() -> Iterator[Stand]:
    """The server, migrated, with one quarter loaded."""
    with find_place().scratch() as folder, Postgres(folder / "postgres", throwaway=True) as postgres:
        made = {"SUPERUSER_DATABASE_URL": postgres.url}
        made["DATABASE_URL"] = ensure_owner(postgres.url, "for this test only", for_tests=True)
        addresses = ensure_roles(made["DATABASE_URL"], dict.fromkeys(WORKING_ROLES.values(), "for this test only"))
        made |= {variable: addresses[role] for variable, role in WORKING_ROLES.items()}
        with psycopg.connect(postgres.url, autocommit=True) as superuser:
            superuser.execute(f"CREATE DATABASE {TEMPLATE} OWNER wr_owner")
        base = {name: value for name, value in os.environ.items() if name != "WR_PROCESS"} | made
        environment = _led_to(base, TEMPLATE) | folders(folder)
        (folder / "next-key").write_bytes(random.Random(7).randbytes(32))
        environment["SSN_KEY_FILE_NEXT"] = str(folder / "next-key")
        first = wage_file(folder / "first.csv", seed=1)
        for command in (["migrate", "--verbosity", "0"], ["load_wage_records", str(first)]):
            sites.manage(command, environment)
        corrected = wage_file(folder / "corrected.csv", seed=2, first_person=PERSONS // 50)
        yield Stand(postgres, environment, folder, corrected, establishment_file(folder / "establishments.csv"))


def _led_to(environment: Mapping[str, str], database: str) -> dict[str, str]:
    urls = {variable: sites.named(environment[variable], database) for variable in sites.DATABASE_URLS}
    return {**environment, **urls, "RUN_DATABASE": database}
