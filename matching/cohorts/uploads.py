"""An upload handler that encrypts a cohort file while it streams in. Nothing of it is ever spooled in the clear, and
nothing at all stays of an upload that is not kept."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.db import connection
from django.http import HttpRequest

from matching.services import cohort_files
from requests_app import sealed_files
from requests_app.models import DataRequest, Person
from requests_app.models.ids import new_ulid
from requests_app.policies import Denied
from requests_app.sealed_files import Sealed, Sealer

SLOTS = 7263003  # the family of advisory locks that are one person's upload
FORM_BYTES = 100_000  # what the form around the file may have
DRAINED = 4  # so many times the limit is read to its end, so that the browser shows the answer
TOO_LARGE = "The file is larger than the limit. Split the cohort, or ask BLS."
ONE_AT_A_TIME = "Send one file at a time."
TOO_SLOW = "The file did not arrive in time. Send it again from a faster connection, or split the cohort."


class SealedUpload(UploadedFile):
    """A file of the form that exists as ciphertext only."""

    def __init__(self, sealed: Sealed, field_name: str | None, size: int) -> None:
        super().__init__(file=None, name="cohort.csv", size=size)
        self.field_name = field_name
        self.sealed = sealed


class SealingUploadHandler(FileUploadHandler):
    """Feeds each chunk to a sealer; holds one chunk in memory. The file's name is not kept: it could say anything.

    `problem` says why the upload was ended. Unless `keep` is called, `discard` leaves nothing on disk.
    """

    def __init__(self, request: HttpRequest, data_request: DataRequest) -> None:
        super().__init__(request)
        self._data_request = data_request
        self._sealer: Sealer | None = None
        self._finished: list[Sealed] = []
        self._until = time.monotonic() + settings.COHORT_MAX_SECONDS
        self.problem = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins; a second one ends the upload."""
        super().new_file(*args, **kwargs)
        if self._sealer is not None or self._finished:
            self._refuse(ONE_AT_A_TIME)
        self._sealer = cohort_files.sealer_for(self._data_request, new_ulid())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seals the chunk; a file beyond the limit of bytes or time ends the upload."""
        if start + len(raw_data) > settings.COHORT_MAX_BYTES:
            self._refuse(TOO_LARGE)
        if time.monotonic() > self._until:
            self._refuse(TOO_SLOW)
        assert self._sealer is not None  # noqa: S101  new_file came first
        self._sealer.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload | None:
        """The file as ciphertext; an empty field gives none."""
        if self._sealer is None or file_size == 0:
            self._close()
            return None
        sealed = self._sealer.finish()
        self._finished.append(sealed)
        self._close()
        return SealedUpload(sealed, self.field_name, file_size)

    def upload_interrupted(self) -> None:
        """The connection broke: nothing is left behind."""
        self._close()

    def keep(self) -> None:
        """The file has its row now."""
        self._finished = []

    def discard(self) -> None:
        """Destroys what was received and not kept, finished or not."""
        self._close()
        for sealed in self._finished:
            sealed_files.shred(sealed.sealed_sha256)
        self._finished = []

    def _refuse(self, problem: str) -> None:
        self.problem = problem
        self._close()
        raise StopUpload(connection_reset=False)

    def _close(self) -> None:
        if self._sealer is not None:
            self._sealer.__exit__(None, None, None)
            self._sealer = None


@contextmanager
def receiving(http: HttpRequest, request: DataRequest, person: Person) -> Iterator[SealingUploadHandler]:
    """The handler of this request's body, for one upload of the person at a time; what is not kept is gone after it."""
    if int(http.headers.get("content-length") or 0) > DRAINED * settings.COHORT_MAX_BYTES + FORM_BYTES:
        raise Denied(TOO_LARGE)
    with _slot(person):
        handler = SealingUploadHandler(http, request)
        http.upload_handlers = [handler]
        try:
            yield handler
        finally:
            handler.discard()


@contextmanager
def _slot(person: Person) -> Iterator[None]:
    """A lock of the database session, so that it ends with the process that holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SLOTS, person.pk])
        if not cursor.fetchone()[0]:
            raise Denied("You are sending another file just now. Wait until it has arrived.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SLOTS, person.pk])
