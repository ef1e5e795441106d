"""The handler of every upload but cohort files (those are sealed as they stream in, matching/cohorts/uploads.py): a
small file is held in memory, a larger one is not kept at all, and nothing is ever spooled to disk."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class SmallFilesInMemory(FileUploadHandler):
    """Holds at most DOCUMENT_MAX_BYTES for one request, and only for people who are signed in.

    A file beyond that arrives in the form empty but with its size, so that the form can say what is wrong.
    """

    _held = 0
    _file: BytesIO

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> None:
        """Keeps the chunk while the request's files are small enough, else drops the file."""
        self._held += len(raw_data)
        signed_in = self.request is not None and self.request.user.is_authenticated
        if signed_in and self._held <= settings.DOCUMENT_MAX_BYTES:
            self._file.write(raw_data)
        else:
            self._file = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file, of the size that was sent."""
        self._file.seek(0)
        return InMemoryUploadedFile(
            self._file,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
