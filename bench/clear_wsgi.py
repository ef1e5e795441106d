"""The site as it is, but that uploads are written in the clear: the peer of bench/upload.py, never deployed."""

from collections.abc import Callable

from django.conf import settings

from config.wsgi import application as application
from requests_app import sealed_files, sealed_parts


class ClearChunks:
    """In place of `ChunkSealer`: the same chunks in the same frames, not encrypted."""

    def __init__(
        self, file_id: str, _public_pem: bytes, _bound: str, keep: Callable[[bytes], object], *, first_chunk: int = 0
    ) -> None:
        self.wrapped_key = b"\0" * 384
        self.plain_bytes = 0
        self._keep, self._buffer = keep, bytearray()

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        self.plain_bytes += len(data)
        self._buffer += data
        while len(self._buffer) > sealed_files.CHUNK_BYTES:
            self._frame(bytes(self._buffer[: sealed_files.CHUNK_BYTES]))
            del self._buffer[: sealed_files.CHUNK_BYTES]

    def end(self, *, last: bool) -> None:
        """The rest."""
        self._frame(bytes(self._buffer))
        self._buffer.clear()

    def _frame(self, plain: bytes) -> None:
        self._keep(len(plain).to_bytes(4, "big") + plain)


if settings.WR_MODE != "test":
    raise SystemExit("This writes cohort files in the clear; it runs for a benchmark only.")
sealed_files.ChunkSealer = sealed_parts.ChunkSealer = ClearChunks  # type: ignore[assignment,misc]
