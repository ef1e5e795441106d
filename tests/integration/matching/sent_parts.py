"""Cohort files sent in parts as a page and as a program do, and what then lies in the vault."""

import base64
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortKey
from requests_app import keys, sealed_files
from requests_app.models import DataRequest, Person
from requests_app.services.life import requests as service
from requests_app.services.packages import files
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import State
from tests import factories
from tests.pages import hold_quarters, signed_in

MEGABYTE = 1_048_576
PUBLIC_PEM, PRIVATE = keys.new_pair(2048)


def request_awaiting_files(people: dict[str, Person]) -> DataRequest:
    """Two quarters held, a key made, and an agent named who may not upload."""
    hold_quarters()
    request = factories.draft(people)
    service.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=False)
    CohortKey.objects.create(request=request, public_pem=PUBLIC_PEM, made_at=timezone.now())
    factories.place(request, State.AWAITING_COHORT)
    return request


class Sender:
    """Sends as the page does (session and token against forged forms) or as a program does (token of a person)."""

    def __init__(self, request: DataRequest, client: Client, prefix: str, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers
        self.number, self.prefix = request.number, prefix

    def call(self, method: str, name: str, *more: str, **sent: Any) -> Any:
        path = reverse(self.prefix + name, args=[self.number, *more])
        sent.setdefault("content_type", "application/json")
        headers = self.headers | sent.pop("headers", {})
        return getattr(self.client, method)(path, headers=headers, **sent)

    def begin(self, size: int, quarter: int = 20161, **more: Any) -> Any:
        return self.call("post", "uploads", data={"cohort": "Trainees", "quarter": quarter, "bytes": size} | more)

    def part(self, upload: str, data: bytes, offset: int, *, digest_of: bytes | None = None) -> Any:
        digest = base64.b64encode(hashlib.sha256(data if digest_of is None else digest_of).digest()).decode()
        headers = {"Upload-Offset": str(offset), "Content-Digest": f"sha-256=:{digest}:"}
        kind = "application/octet-stream"
        return self.call("put", "upload", upload, data=data, content_type=kind, headers=headers)

    def look(self, upload: str) -> Any:
        return self.call("get", "upload", upload)

    def finish(self, upload: str) -> Any:
        return self.call("post", "upload_finish", upload)

    def whole(self, data: bytes) -> Any:
        """Everything in order; the answer of the finish."""
        upload = self.begin(len(data)).json()
        for offset in range(0, len(data), upload["part_bytes"]):
            assert self.part(upload["id"], data[offset : offset + upload["part_bytes"]], offset).status_code == 200
        return self.finish(upload["id"])


def by_page(request: DataRequest, person: Person) -> Sender:
    client = signed_in(person)
    client.handler.enforce_csrf_checks = True
    client.cookies["csrftoken"] = "a" * 32
    return Sender(request, client, "cohort_", {"X-CSRFToken": "a" * 32})


def by_program(request: DataRequest, person: Person) -> Sender:
    _, secret = create_token(actor=person, name="nightly", scopes=[Scope.UPLOAD])
    return Sender(request, Client(), "api_", {"Authorization": f"Bearer {secret}"})


WAYS = pytest.mark.parametrize("way", [by_page, by_program])
Way = Callable[[DataRequest, Person], Sender]


def some_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def read_back(row: CohortFile, private: rsa.RSAPrivateKey = PRIVATE) -> bytes:
    keys_of_parts = files.data_keys(row.file, private)
    return b"".join(sealed_files.read_sealed(row.file_id, row.file.sealed_sha256, *keys_of_parts))


def left(vault: Path) -> list[Path]:
    return [path for path in vault.rglob("*") if path.is_file()]


def digests_of(data: bytes) -> list[str]:
    """The SHA-256 of each part, as a sender tells it."""
    parts = [data[at : at + 8 * MEGABYTE] for at in range(0, len(data), 8 * MEGABYTE)]
    return [base64.b64encode(hashlib.sha256(part).digest()).decode() for part in parts]
