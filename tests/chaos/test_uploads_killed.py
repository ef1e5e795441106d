"""Two people send files at once to a real web process that is killed again and again: both files arrive whole."""

import base64
import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from config import launch
from config.embedded.process import free_port
from config.launch import Kind
from matching.models.cohorts import CohortFile, CohortKey
from requests_app import keys, sealed_files
from requests_app.models import DataRequest, Person
from requests_app.services.life import requests as service
from requests_app.services.packages import files
from requests_app.services.sign_in import tokens
from requests_app.states import State
from tests import factories, kept_cast, sites
from tests.pages import hold_quarters

MEGABYTE = 1_048_576
KILLS = 12 if os.environ.get("WR_LONG") else 3
SIZE = 33 * MEGABYTE + 12_345
PUBLIC_PEM, PRIVATE = keys.new_pair(2048)
WEB = {"WEB_DATABASE_URL"}


@pytest.fixture
def people(transactional_db: None, cast_rows: kept_cast.Rows) -> dict[str, Person]:
    found = kept_cast.put_back(cast_rows)
    hold_quarters()
    return found


@pytest.fixture
def awaiting(people: dict[str, Person], tmp_path: Path, settings: Settings) -> DataRequest:
    settings.VAULT_ROOT = tmp_path / "vault"
    settings.VAULT_ROOT.mkdir()
    request = factories.draft(people)
    service.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=True)
    CohortKey.objects.create(request=request, public_pem=PUBLIC_PEM, made_at=timezone.now())
    factories.place(request, State.AWAITING_COHORT)
    return request


@pytest.fixture
def web(awaiting: DataRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real web process on the tests' own database, as its own role."""
    name, port = str(connection.settings_dict["NAME"]), free_port()
    base = {variable: sites.named(url, name) if variable in WEB else url for variable, url in os.environ.items()}
    base |= {"PORT": str(port), "VAULT_ROOT": str(tmp_path / "vault"), "LOG_ROOT": str(tmp_path / "log")}
    process = launch.start(Kind.WEB, base)
    try:
        launch.wait_for_web(process, base)
        yield process, port
    finally:
        launch.stop(process)


class Program:
    """A state's program: sends one file in parts, and goes on after whatever happens to the connection."""

    def __init__(self, port: int, number: str, secret: str, quarter: int, data: bytes) -> None:
        self.port, self.path, self.quarter, self.data = port, f"/api/v1/requests/{number}/uploads", quarter, data
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self.cut = self.sent = 0

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.putrequest(method, path)
            for name, value in (self.headers | headers | {"Content-Length": str(len(body))}).items():
                line.putheader(name, value)
            line.endheaders()
            for at in range(0, len(body), MEGABYTE):  # slowly enough to be hit on the way
                line.send(body[at : at + MEGABYTE])
                time.sleep(0.02)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            line.close()

    def persistently(self, *call: Any, **headers: str) -> tuple[int, Any]:
        until = time.monotonic() + 180  # how long a web process may take to come back on a busy machine
        while time.monotonic() < until:
            try:
                status, answer = self.call(*call, **headers)
            except (OSError, http.client.HTTPException):
                status, answer = 599, {}
            if status < 500:
                return status, answer
            self.cut += 1
            time.sleep(0.2)
        raise AssertionError("The web process did not come back.")

    def run(self) -> None:
        asked = json.dumps({"cohort": "Trainees", "quarter": self.quarter, "bytes": len(self.data)}).encode()
        status, upload = self.persistently("POST", self.path, asked)
        assert status == 201, upload
        one = f"{self.path}/{upload['id']}"
        while upload["received"] < len(self.data):
            part = self.data[upload["received"] :][: upload["part_bytes"]]
            digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
            headers = {"Upload-Offset": str(upload["received"]), "Content-Digest": f"sha-256=:{digest}:"}
            headers["Content-Type"] = "application/octet-stream"
            self.sent += len(part)
            status, answer = self.persistently("PUT", one, part, **headers)
            upload = answer if status == 200 else self.persistently("GET", one)[1]
        status, answer = self.persistently("POST", f"{one}/finish")
        assert status == 200, answer


def children(process: subprocess.Popen[bytes]) -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in found]


def test_two_uploads_outlive_killed_web_processes(
    people: dict[str, Person], awaiting: DataRequest, web: tuple[subprocess.Popen[bytes], int]
) -> None:
    process, port = web
    programs = []
    for key, quarter in (("coordinator", 20161), ("agent", 20162)):
        _, secret = tokens.create_token(actor=people[key], name="nightly", scopes=[tokens.Scope.UPLOAD])
        data = random.Random(quarter).randbytes(SIZE)
        programs.append(Program(port, awaiting.number, secret, quarter, data))
    threads = [threading.Thread(target=program.run) for program in programs]
    for thread in threads:
        thread.start()
    for moment in range(KILLS):
        time.sleep(random.Random(moment).uniform(0.2, 0.9))
        for pid in children(process):
            os.kill(pid, signal.SIGKILL)
    for thread in threads:
        thread.join(400)
    rows = {row.quarter: row for row in CohortFile.objects.select_related("file")}
    assert set(rows) == {20161, 20162}
    for program in programs:
        row = rows[program.quarter]
        keys_of_parts = files.data_keys(row.file, PRIVATE)
        plain = b"".join(sealed_files.read_sealed(row.file_id, row.file.sealed_sha256, *keys_of_parts))
        assert plain == program.data
        # A cut costs the part on its way, never the file from its beginning.
        assert program.sent <= SIZE + program.cut * 8 * MEGABYTE
    assert sum(program.cut for program in programs) > 0
