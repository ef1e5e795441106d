"""A cohort file of a million persons sent to a real web process, against the same HTTP requests written in the clear.

Two web processes stand side by side on one database, equal but for the encryption (clear_wsgi.py), and take the file in
turn, in parts as a program sends it and as the plain form of a browser without scripts. What the web processes hold in
memory is read from the kernel: at the start, after a small file, and at its highest.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import large_office
from bench.large_office import say
from config import launch
from config.embedded.process import free_port, spawn
from config.launch import Kind
from tests.sites import named

SMALL = 10_000
LIMIT_RATIO = 2.0
LIMIT_MB = 200.0
MEGABYTE = 1_048_576


@dataclass(frozen=True)
class Web:
    """A running web process: where it listens, and whom to ask for its memory."""

    port: int
    pid: int

    def peak_mb(self) -> float:
        """The most that any one of its processes ever held, in MB."""
        return max(_high_water(self.pid), self.workers_mb())

    def workers_mb(self) -> float:
        """The same of those that take requests; they begin with what the first process has loaded."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_high_water(int(pid)) for pid in children)


@dataclass(frozen=True)
class Sender:
    """Somebody who may send: the request, a token for programs, a session for the form."""

    number: str
    token: str
    session: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one line of JSON; 1 where a limit is missed."""
    options = _parser().parse_args(arguments)
    large_office.make_database()
    sender = _prepare()
    small, large = cohort_file(SMALL), cohort_file(options.rows)
    with _web("config.wsgi") as sealed, _web("bench.clear_wsgi") as clear:
        at_start = sealed.workers_mb()
        for web in (sealed, clear):
            in_parts(web, sender, small)
            as_form(web, sender, small)
        after_small = sealed.workers_mb()
        times: dict[str, list[float]] = {name: [] for name in ("parts", "parts_clear", "form", "form_clear")}
        for number in range(options.rounds):
            say(f"round {number + 1} of {options.rounds}")
            for suffix, web in _in_turn(number, sealed, clear):
                times[f"parts{suffix}"].append(in_parts(web, sender, large))
                times[f"form{suffix}"].append(as_form(web, sender, large))
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        result = {
            "bench": "upload",
            "rows": options.rows,
            "mb": round(len(large) / MEGABYTE, 1),
            "rounds": options.rounds,
            "seconds": {name: round(median, 3) for name, median in medians.items()},
            "ratio_parts": round(medians["parts"] / medians["parts_clear"], 2),
            "ratio_form": round(medians["form"] / medians["form_clear"], 2),
            "worker_mb": [round(held, 1) for held in (at_start, after_small, sealed.workers_mb())],
            "web_peak_mb": round(sealed.peak_mb(), 1),
        }
    print(json.dumps(result), flush=True)
    worst = max(result["ratio_parts"], result["ratio_form"])  # type: ignore[call-overload]
    return int(worst > LIMIT_RATIO or float(result["web_peak_mb"]) > LIMIT_MB)  # type: ignore[arg-type]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench upload", description=main.__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser


def _in_turn(number: int, sealed: Web, clear: Web) -> list[tuple[str, Web]]:
    """Who goes first changes with every round, so that neither always finds the disk as the other left it."""
    both = [("", sealed), ("_clear", clear)]
    return both if number % 2 == 0 else both[::-1]


def cohort_file(rows: int) -> bytes:
    """So many persons with numbers never issued, made here."""
    lines = (f"P{n:07d},{900 + n // 10_000 % 100}{1 + n // 1_000_000:02d}{n % 10_000:04d}\n" for n in range(rows))
    return b"44,20161\n" + "".join(lines).encode()


# -- the site ----------------------------------------------------------------------------------------------------------


def _prepare() -> Sender:
    """The product's migrations, the cast, and a request that waits for its files."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from matching.models.cohorts import CohortKey
    from requests_app import keys
    from requests_app.demo.cast import make_cast
    from requests_app.services.sign_in.tokens import Scope, create_token
    from requests_app.states import State
    from tests import factories
    from tests.pages import hold_quarters, signed_in

    call_command("migrate", verbosity=0)
    people = make_cast()
    hold_quarters()
    request = factories.draft(people)
    CohortKey.objects.create(request=request, public_pem=keys.new_pair(3072)[0], made_at=timezone.now())
    superuser = named(os.environ["SUPERUSER_DATABASE_URL"], large_office.NAME)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        waiting = "UPDATE workflow.requests_app_datarequest SET state = %s WHERE id = %s"
        connection.execute(waiting, [State.AWAITING_COHORT, request.pk])
    _, secret = create_token(actor=people["coordinator"], name="bench", scopes=[Scope.UPLOAD])
    session = signed_in(people["coordinator"]).cookies[settings.SESSION_COOKIE_NAME].value
    return Sender(request.number, secret, session)


@contextmanager
def _web(module: str) -> Iterator[Web]:
    """The web process as it is deployed, or its twin that encrypts nothing; each with two workers."""
    base = dict(os.environ) | {"PORT": str(free_port())}
    command = [str(part) if part != "config.wsgi" else module for part in launch.command(Kind.WEB, base)]
    folder = Path(base["LOG_ROOT"]) / module
    folder.mkdir(mode=0o700, exist_ok=True)
    environment = launch.environment(Kind.WEB, base) | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    log = folder / f"{Kind.WEB}.log"
    process = spawn(command, log=log, environment=environment, cwd=Path(__file__).parent.parent)
    try:
        launch.wait_for_web(process, base | {"LOG_ROOT": str(folder)})
        yield Web(int(base["PORT"]), process.pid)
    finally:
        launch.stop(process)


def _high_water(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("The kernel says nothing about this process.")


# -- sending -----------------------------------------------------------------------------------------------------------


def in_parts(web: Web, sender: Sender, data: bytes) -> float:
    """Seconds to begin, send every part and finish, over the API."""
    headers = {"Authorization": f"Bearer {sender.token}", "Content-Type": "application/json"}
    path = f"/api/v1/requests/{sender.number}/uploads"
    asked = json.dumps({"cohort": "Trainees", "quarter": 20161, "bytes": len(data)}).encode()
    started = time.perf_counter()
    upload = _call(web, "POST", path, asked, headers)
    one = f"{path}/{upload['id']}"
    for offset in range(0, len(data), upload["part_bytes"]):
        part = data[offset : offset + upload["part_bytes"]]
        digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
        said = {"Upload-Offset": str(offset), "Content-Digest": f"sha-256=:{digest}:"}
        _call(web, "PUT", one, part, headers | said | {"Content-Type": "application/octet-stream"})
    _call(web, "POST", f"{one}/finish", b"", headers)
    return time.perf_counter() - started


def as_form(web: Web, sender: Sender, data: bytes) -> float:
    """Seconds of the plain form: one request with everything."""
    token, mark = "a" * 32, "bench-upload"
    field = f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
    file = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\n'
    body = field.encode() + file.encode() + data + f"\r\n--{mark}--\r\n".encode()
    headers = {
        "Cookie": f"sessionid={sender.session}; csrftoken={token}",
        "Content-Type": f"multipart/form-data; boundary={mark}",
    }
    started = time.perf_counter()
    _call(web, "POST", f"/requests/{sender.number}/files/1/20161/", body, headers)
    return time.perf_counter() - started


def _call(web: Web, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
    line = http.client.HTTPConnection("localhost", web.port, timeout=300)
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        text = answer.read()
    finally:
        line.close()
    if answer.status >= http.client.BAD_REQUEST:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
    return json.loads(text) if text.startswith(b"{") else None


if __name__ == "__main__":
    sys.exit(main())
