"""Runs of the same requests from the same point, each on copies of database and files, with its own processes.

The point is right after “start matching” with nobody at work: the work is in the database, and in no queue at all.
"""

import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from django.test import override_settings
from psycopg import sql
from psycopg.rows import dict_row
from redis import StrictRedis

from config import deaf_worker, launch
from config.embedded import Redis, find_place
from config.embedded.place import CHECKOUT
from config.embedded.process import free_port
from config.launch import Kind
from config.servers import folders, site_address
from requests_app import keys, sealed_files
from requests_app.models import DataRequest
from requests_app.services.packages import locks
from tests import sites

LEASE_SECONDS = 6
PATIENCE_SECONDS = 400
STAGE = "wage_records_chaos"
# The parts of the file stores that belong to the point where runs start.
KEPT = ("VAULT_ROOT", "KEY_ROOT")
FINAL = {"micro": "ready_for_release", "micro_to_macro": "disclosure_review"}


@dataclass(frozen=True)
class Stage:
    """The point where runs start: a database to clone, files to copy, the kinds of the requests by their numbers."""

    database: str
    files: Path
    kinds: dict[str, str]

    def of_kind(self, kind: str) -> str:
        """The number of the first request of this kind."""
        return next(number for number, its_kind in self.kinds.items() if its_kind == kind)


@dataclass(frozen=True)
class Outcome:
    """Everything a run leaves that must not depend on what happened on the way; states and packages by number."""

    states: dict[str, str]
    packages: dict[str, list[tuple[int, str]]]
    opened: list[str]
    results: list[tuple[Any, ...]]
    counts: list[tuple[Any, ...]]
    decisions: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    notices: int
    jobs: list[tuple[Any, ...]]
    files: list[tuple[Any, ...]]
    keys_left: int


def clone_database(environment: Mapping[str, str], source: str, target: str) -> None:
    """`target` as a copy of `source`, to which nobody may be connected."""
    drop_database(environment, target)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER wr_owner")
    with psycopg.connect(environment["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(statement.format(sql.Identifier(target), sql.Identifier(source)))


def drop_database(environment: Mapping[str, str], name: str) -> None:
    """The database is gone, whoever was connected."""
    with psycopg.connect(environment["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))


def play(environment: Mapping[str, str], *arguments: str) -> Any:
    """What people do, as the web role (tests/chaos/play.py)."""
    web = launch.environment(Kind.WEB, environment) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.chaos.play", *arguments]
    done = subprocess.run(command, env=web, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Run:
    """One run's servers and processes; what it can be asked, and what can happen to it."""

    def __init__(self, environment: Mapping[str, str], redis: Redis, stage: Stage) -> None:
        self.environment, self.redis, self.stage = environment, redis, stage
        self.processes: list[subprocess.Popen[bytes]] = []
        self.kinds: dict[int, Kind] = {}
        self.successors: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, *kinds: Kind) -> list[subprocess.Popen[bytes]]:
        """Processes of these kinds, started together."""
        started = [launch.start(kind, self.environment) for kind in kinds]
        self.kinds |= {process.pid: kind for process, kind in zip(started, kinds, strict=True)}
        self.processes += started
        return started

    def heal(self) -> None:
        """Starts anew a worker that ended because it heard nothing, as the supervisor would."""
        for process in list(self.processes):
            if process.poll() == deaf_worker.EXIT_STATUS:
                self.processes.remove(process)
                launch.kill(process)
                (self.successors[process.pid],) = self.start(self.kinds[process.pid])

    def current(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """The process, or the one that was started in its place."""
        while process.pid in self.successors:
            process = self.successors[process.pid]
        return process

    def alive(self) -> list[subprocess.Popen[bytes]]:
        """The processes that run."""
        return [process for process in self.processes if process.poll() is None]

    def resume(self, process: subprocess.Popen[bytes]) -> None:
        """A stopped process and its children go on as if nothing had happened."""
        os.killpg(self.current(process).pid, signal.SIGCONT)

    def flood(self, messages: int) -> None:
        """So many messages about work that is there wait in the queue."""
        with Celery("flood", broker=self.redis.url, set_as_current=False) as celery:
            for row in self.query("SELECT id FROM workflow.requests_app_job LIMIT 1"):
                for _ in range(messages):
                    celery.send_task("requests_app.tasks.work", args=[row["id"]], queue="work")

    def queued(self) -> int:
        """Messages in the workers' queue."""
        with StrictRedis.from_url(self.redis.url) as queue:
            return int(queue.llen("work"))

    def stop(self) -> None:
        """Nothing of the run goes on."""
        for process in self.processes:
            launch.kill(process)

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows, read past all roles."""
        superuser = sites.named(self.environment["SUPERUSER_DATABASE_URL"], self.environment["RUN_DATABASE"])
        with psycopg.connect(superuser, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def job(self, kind: str) -> dict[str, Any]:
        """The newest job of this kind; empty where there is none yet."""
        rows = self.query("SELECT * FROM workflow.requests_app_job WHERE kind = %s ORDER BY created_at DESC", kind)
        return rows[0] if rows else {}

    def running(self) -> list[str]:
        """The kinds of the jobs that run now."""
        rows = self.query("SELECT kind FROM workflow.requests_app_job WHERE state = 'running' ORDER BY kind")
        return [row["kind"] for row in rows]

    def until(self, happened: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
        """Waits; says what the jobs were at where it waited too long."""
        deadline = time.monotonic() + patience
        while not happened():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not happen.\n{self.jobs()}\n{self.log()[-6000:]}")
            self.heal()
            time.sleep(0.02)

    def jobs(self) -> list[tuple[Any, ...]]:
        """Kind, state, attempts and words of every job."""
        return self.rows("SELECT kind, state, attempt, progress_words, error FROM requests_app_job")

    def freeze(self, worker: subprocess.Popen[bytes], *kinds: str) -> dict[str, Any]:
        """Stops the worker while it does a job of one of `kinds`, and makes sure that it is in the middle; the row."""
        middle = (
            "SELECT * FROM workflow.requests_app_job"
            " WHERE kind = ANY(%s) AND state = 'running' AND progress_done < progress_known"
        )
        self.until(lambda: bool(self.query(middle, list(kinds))), f"{' or '.join(kinds)} under way")
        os.killpg(self.current(worker).pid, signal.SIGSTOP)
        time.sleep(0.2)  # a statement that was on its way to the database arrives
        rows = self.query(middle, list(kinds))
        assert rows, f"The job ended before its worker could be stopped: {self.jobs()}"
        return rows[0]

    def ended(self) -> bool:
        """Every request has its package and nothing is left to do."""
        return all(row["state"] == FINAL[row["kind"]] for row in self.requests()) and self.idle()

    def idle(self) -> bool:
        """No job waits, runs or failed."""
        return not self.query("SELECT 1 FROM workflow.requests_app_job WHERE state NOT IN ('done', 'cancelled')")

    def requests(self) -> list[dict[str, Any]]:
        """Each request's row."""
        return self.query("SELECT * FROM workflow.requests_app_datarequest ORDER BY number")

    def states(self) -> dict[str, str]:
        """State of each request."""
        return {row["number"]: row["state"] for row in self.requests()}

    def work_of(self, number: str) -> set[tuple[str, str]]:
        """Kind and state of the request's jobs since its files were accepted; a match has one for every file."""
        rows = self.query(
            "SELECT j.kind, j.state FROM workflow.requests_app_job j JOIN workflow.requests_app_datarequest r"
            " ON r.id = j.request_id WHERE number = %s AND j.kind NOT IN ('make_cohort_key', 'check_cohort')",
            number,
        )
        return {(row["kind"], row["state"]) for row in rows}

    def remains_of(self, number: str) -> list[str]:
        """Its key, its files that can still be read or are still there, and its results."""
        files = self.query(
            "SELECT f.* FROM workflow.requests_app_sealedfile f JOIN workflow.requests_app_datarequest r"
            " ON r.id = f.request_id WHERE number = %s",
            number,
        )
        vault = {path.name for path in Path(self.environment["VAULT_ROOT"]).glob("*/*")}
        left = [row["name"] for row in files if bytes(row["wrapped_key"]) or row["sealed_sha256"] in vault]
        left += [path.name for path in Path(self.environment["KEY_ROOT"]).glob(f"{number}*")]
        results = (
            "SELECT r.number, m.cohort FROM matching_matchresult m"
            " JOIN requests_app_datarequest r ON r.id = m.request_id"
        )
        return left + [cohort for of_request, cohort in self.rows(results) if of_request == number]

    def wait_for_end(self, patience: float = PATIENCE_SECONDS) -> "Outcome":
        """The outcome, once nothing is left to do."""
        self.until(self.ended, "The end of every request", patience)
        return self.outcome()

    def outcome(self) -> Outcome:
        """As it stands now."""
        return Outcome(
            states=self.states(),
            packages={number: self.packages(number) for number in self.stage.kinds},
            opened=self.opened_packages(),
            results=self.rows("SELECT cohort, quarter, persons, records FROM matching_matchresult"),
            counts=self.rows(
                "SELECT request_number, cohort, quarter, state, persons_sent, persons_found, records"
                " FROM summaries.match_count"
            ),
            decisions=self.rows("SELECT request_id, transition FROM requests_app_decision"),
            events=self.rows("SELECT request_number, kind, outcome FROM events.event"),
            notices=len(self.query("SELECT 1 FROM workflow.requests_app_notice")),
            jobs=self.rows("SELECT kind, state FROM requests_app_job"),
            files=self.rows("SELECT kind, name, plain_bytes, shredded_at IS NULL FROM requests_app_sealedfile"),
            keys_left=len(list(Path(self.environment["KEY_ROOT"]).iterdir())),
        )

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """A statement on the workflow's tables, its rows sorted."""
        for prefix in ("requests_app_", "matching_"):
            statement = statement.replace(f" {prefix}", f" workflow.{prefix}")
        return sorted(tuple(row.values()) for row in self.query(statement))

    def packages(self, number: str) -> list[tuple[int, str]]:
        """Version and SHA-256 of each package of the request."""
        rows = self.query(
            "SELECT version, sha256 FROM workflow.requests_app_package p"
            " JOIN workflow.requests_app_datarequest r ON r.id = p.request_id WHERE number = %s ORDER BY version",
            number,
        )
        return [(row["version"], row["sha256"]) for row in rows]

    def opened_packages(self) -> list[str]:
        """SHA-256 of every package's bytes as the worker's key opens them now."""
        private = keys.load_private(Path(self.environment["WORKER_PRIVATE_KEY_FILE"]).read_bytes())
        digests = []
        roots = {name: self.environment[name] for name in KEPT}
        for row in self.query(
            "SELECT f.*, r.number FROM workflow.requests_app_sealedfile f"
            " JOIN workflow.requests_app_datarequest r ON r.id = f.request_id WHERE f.kind = 'package' ORDER BY f.name"
        ):
            label = sealed_files.label(row["id"], sealed_files.bound_to(row["kind"], row["request_id"]))
            with override_settings(**roots):
                wrapped = locks.unlock(row["wrapped_key"], DataRequest(number=row["number"]))
                data_key = sealed_files.unwrap(wrapped, private, label)
                plain = b"".join(sealed_files.read_sealed(row["id"], row["sealed_sha256"], data_key))
            digests.append(hashlib.sha256(plain).hexdigest())
        return digests

    def log(self) -> str:
        """Everything the processes logged."""
        return sites.log_text(self.environment)


@contextmanager
def run_of(stage: Stage, given: Mapping[str, str] = os.environ, *, name: str = f"{STAGE}_run") -> Iterator[Run]:
    """A run from `stage` with nothing started yet but its own empty queue."""
    clone_database(given, stage.database, name)
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        run = Run(environment_of(given, name, folder, redis), redis, stage)
        for variable in KEPT:
            shutil.copytree(stage.files / variable, run.environment[variable], dirs_exist_ok=True)
        try:
            yield run
        finally:
            run.stop()
            drop_database(given, name)


@contextmanager
def stage_of(world: str, name: str, *prepare: str) -> Iterator[Stage]:
    """Requests right after “start matching”, and no process that works on them; `prepare`: how play.py makes them."""
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        clone_database(os.environ, world, name)
        environment = environment_of(os.environ, name, folder, redis)
        run = Run(environment, redis, Stage(name, folder, {}))
        try:
            worker, _, _ = run.start(Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
            numbers = play(environment, *prepare)
            launch.stop(worker)
            assert play(environment, "step", "begin_matching", *numbers) == ["matching"] * len(numbers)
            run.stop()
            draw_seals(environment, numbers)
            kept = folder / "kept"
            for variable in KEPT:
                shutil.copytree(environment[variable], kept / variable)
            yield Stage(name, kept, {row["number"]: row["kind"] for row in run.requests()})
        finally:
            run.stop()
            drop_database(os.environ, name)


def draw_seals(environment: Mapping[str, str], numbers: list[str]) -> None:
    """A request's release seal is drawn at random by its first build; drawn before, all runs share it."""
    superuser = sites.named(environment["SUPERUSER_DATABASE_URL"], environment["RUN_DATABASE"])
    with psycopg.connect(superuser, autocommit=True) as connection:
        for number in numbers:
            connection.execute("INSERT INTO ledger.release_seal VALUES (%s, %s)", [number, secrets.token_hex(32)])


def environment_of(given: Mapping[str, str], database: str, folder: Path, redis: Redis) -> dict[str, str]:
    """An own database, queue, files and port; a short lease and a quick sweep."""
    base = {key: value for key, value in {**os.environ, **given}.items() if key != "WR_PROCESS"}
    urls = {variable: sites.named(base[variable], database) for variable in sites.DATABASE_URLS}
    pace = {"JOB_LEASE_SECONDS": str(LEASE_SECONDS), "SWEEP_SECONDS": "1"}
    own = folders(folder) | site_address(free_port()) | {"REDIS_URL": redis.url, "RUN_DATABASE": database}
    shutil.copytree(base["SEGMENT_ROOT"], own["SEGMENT_ROOT"], dirs_exist_ok=True)
    return base | urls | pace | own


def moments(seed: int, count: int, longest: float) -> list[float]:
    """Seeded seconds to wait."""
    drawn = random.Random(seed)
    return [drawn.uniform(0, longest) for _ in range(count)]
