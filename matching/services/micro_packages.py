"""Builds the micro package from the match results, verifies it, and orders the cohort files shredded."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import pyarrow as pa

from matching.core.micro.package import MatchSummary, build_micro_package
from matching.core.micro.records import Source
from matching.models.cohorts import CohortFile, CohortFileState, MatchCount, MatchResult
from matching.services import match_results, matches
from requests_app import keys, sealed_files
from requests_app.hooks import effect, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.models.files import FileKind
from requests_app.models.ids import new_ulid
from requests_app.sealed_files import Sealed, Sealer
from requests_app.services.life import form_text, jobs, workflow
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import packages
from requests_app.states import Kind

WAYS = 2  # every record is written twice: combined, and in its quarter's file
REPORTED_EVERY = 100_000  # records


@effect("finish_matching", "repeat_building")
def order_build(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """A micro package is known by the match results it is built from."""
    if request.kind == Kind.MICRO:
        results = request.match_results.order_by("cohort", "quarter").select_related("file")
        jobs.enqueue("build_micro", request, {"results": [result.file.sealed_sha256 for result in results]})


class _SealingStream:
    """A write-only stream into a sealer that also hashes the plain bytes: the ZIP is never in the clear on disk."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer, self.digest = sealer, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Takes the next bytes."""
        self._sealer.write(bytes(data))
        self.digest.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the sealer keeps its own buffer."""


@runner("build_micro")
def build(job: Job, progress: Progress) -> Callable[[], None]:
    """Combined and per quarter, zipped and sealed in one stream, then read back and compared."""
    request = job.request
    results = list(request.match_results.order_by("quarter", "cohort").select_related("file"))
    counter = _Counter(progress, WAYS * sum(result.records for result in results))
    bound = sealed_files.bound_to(FileKind.PACKAGE, request.pk)
    with Sealer(new_ulid(), keys.worker_public_pem(), bound) as sealer:
        stream = _SealingStream(sealer)
        manifest = build_micro_package(
            stream,  # type: ignore[arg-type]  # write and flush are all it uses
            [Source(result.quarter, partial(counter.batches, result)) for result in results],
            request_number=request.number,
            summaries=summaries(request),
            form_text=form_text.of(request),
        )
        sealed = sealer.finish()
    verify(sealed, stream.digest.hexdigest())
    searched, found = matches.lineage(request)
    built = packages.Built(
        sha256=stream.digest.hexdigest(),
        package=sealed,
        states_searched=searched,
        states_found=found,
        rows=manifest.rows,
    )
    return lambda: _keep(request, built)


class _Counter:
    """Reads results batch by batch and says how far; where the job was stopped, the next report ends the build."""

    def __init__(self, progress: Progress, known: int) -> None:
        self._progress, self._done, self._said = progress, 0, 0
        progress.report(0, known, "Writing the package")

    def batches(self, result: MatchResult) -> Iterator[pa.Table]:
        """The records of a result, sorted."""
        for batch in match_results.batches(result):
            if self._done >= self._said + REPORTED_EVERY:
                self._progress.report(self._done)
                self._said = self._done
            self._done += batch.num_rows
            yield batch


def summaries(request: DataRequest) -> list[MatchSummary]:
    """The match summary that travels in a micro package: counts by cohort, quarter and state."""
    counts = list(MatchCount.objects.filter(request_number=request.number))
    accepted = request.cohort_files.filter(state=CohortFileState.ACCEPTED)
    sent = {(row.cohort, row.quarter): row for row in accepted}
    return [
        _summary(result, sent[result.cohort, result.quarter], counts)
        for result in request.match_results.order_by("cohort", "quarter")
    ]


def _summary(result: MatchResult, row: CohortFile, counts: list[MatchCount]) -> MatchSummary:
    own = [one for one in counts if (one.cohort, one.quarter) == (result.cohort, result.quarter)]
    return MatchSummary(
        cohort=result.cohort,
        quarter=result.quarter,
        persons_sent=row.rows,
        persons_accepted=row.rows - row.excluded,
        persons_found=result.persons,
        found_by_state={one.state: one.persons_found for one in own},
        records_by_state={one.state: one.records for one in own},
    )


def verify(sealed: Sealed, sha256: str) -> None:
    """Reads the sealed package back and compares it with what was written."""
    data_key = sealed_files.unwrap(sealed.wrapped_key, keys.worker_private_key(), sealed.label)
    if sealed_files.digest_of(sealed_files.read_sealed(sealed.file_id, sealed.sealed_sha256, data_key)) != sha256:
        raise JobFailed("The package could not be read back as it was written; repeat the build.")


def _keep(request: DataRequest, built: packages.Built) -> None:
    packages.keep_package(request, built)
    workflow.transition(request, "finish_micro_package", actor=None)
