"""An upload handler that encrypts a cohort file while it streams in. Nothing of it is ever spooled in the clear."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from matching.services import cohort_files
from requests_app.models import DataRequest
from requests_app.models.ids import new_ulid
from requests_app.sealed_files import Sealed, Sealer


class SealedUpload(UploadedFile):
    """A file of the form that exists as ciphertext only."""

    def __init__(self, sealed: Sealed, field_name: str | None, size: int) -> None:
        super().__init__(file=None, name="cohort.csv", size=size)
        self.field_name = field_name
        self.sealed = sealed


class SealingUploadHandler(FileUploadHandler):
    """Feeds each chunk to a sealer; holds one chunk in memory. The file's name is not kept: it could say anything."""

    def __init__(self, request: HttpRequest, data_request: DataRequest) -> None:
        super().__init__(request)
        self._data_request = data_request
        self._sealer: Sealer | None = None
        self.too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins: one at a time."""
        super().new_file(*args, **kwargs)
        self._close()
        self._sealer = cohort_files.sealer_for(self._data_request, new_ulid())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seals the chunk; a file beyond the limit ends the upload."""
        if start + len(raw_data) > settings.COHORT_MAX_BYTES:
            self.too_large = True
            self._close()
            raise StopUpload(connection_reset=False)
        assert self._sealer is not None  # noqa: S101  new_file came first
        self._sealer.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload | None:
        """The file as ciphertext; an empty field gives none."""
        if self._sealer is None or file_size == 0:
            self._close()
            return None
        sealed = self._sealer.finish()
        self._close()
        return SealedUpload(sealed, self.field_name, file_size)

    def upload_interrupted(self) -> None:
        """The connection broke: nothing is left behind."""
        self._close()

    def _close(self) -> None:
        if self._sealer is not None:
            self._sealer.__exit__(None, None, None)
            self._sealer = None
