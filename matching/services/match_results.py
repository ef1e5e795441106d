"""Match results: records found for one cohort file, sealed for workers as they are found, read back batch by batch."""

import io
from collections.abc import Iterator
from types import TracebackType

import pyarrow as pa
import pyarrow.ipc

from matching.models.cohorts import MatchResult
from requests_app import keys, sealed_files
from requests_app.models import DataRequest
from requests_app.models.files import FileKind
from requests_app.models.ids import new_ulid
from requests_app.sealed_files import Sealed, Sealer
from requests_app.services.packages import files

ROWS_AT_ONCE = 1 << 15  # of a batch as it is read back; a merge holds one of each result


class ResultWriter:
    """Seals tables as one Arrow stream while they come; nothing is left behind unless `finish` is called.

    The same tables give the same bytes in the clear.
    """

    def __init__(self, request: DataRequest, schema: pa.Schema) -> None:
        bound = sealed_files.bound_to(FileKind.MATCH_RESULT, request.pk)
        self._sealer = Sealer(new_ulid(), keys.worker_public_pem(), bound)
        self._writer = pa.ipc.new_stream(_Sink(self._sealer), schema)

    def __enter__(self) -> "ResultWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sealer.__exit__(kind, error, at)

    def write(self, batches: Iterator[pa.Table]) -> None:
        """The next records; what is one table here is one when it is read."""
        for batch in batches:
            for part in batch.combine_chunks().to_batches():
                self._writer.write_batch(part)

    def finish(self) -> Sealed:
        """The sealed file, to be remembered with the result."""
        self._writer.close()
        return self._sealer.finish()


class _Sink(io.RawIOBase):
    """A sealer as a stream Arrow writes to."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # a buffer of Arrow's
        self._sealer.write(part)
        return len(part)


class _Plain(io.RawIOBase):
    """A sealed file in the clear, as a stream Arrow reads from; one chunk in memory."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        view = memoryview(target)  # type: ignore[arg-type]  # a writable buffer
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def batches(result: MatchResult) -> Iterator[pa.Table]:
    """The records of a result as they were written, batch by batch, in a worker's memory."""
    with pa.ipc.open_stream(io.BufferedReader(_Plain(files.read(result.file)))) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch])


def result_table(result: MatchResult) -> pa.Table:
    """All records of a result at once."""
    with pa.ipc.open_stream(io.BufferedReader(_Plain(files.read(result.file)))) as reader:
        return reader.read_all()
