"""Builds the micro package from the match results, verifies it, and orders the cohort files shredded."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from matching.cohort_models import MatchCount, MatchResult
from matching.core.micro_package import MatchSummary, build_micro_package
from matching.services import matches
from requests_app import form, keys, sealed_files
from requests_app.hooks import effect, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.models.files import FileKind
from requests_app.models.ids import new_ulid
from requests_app.sealed_files import Sealed, Sealer
from requests_app.services import form_text, jobs, packages, workflow
from requests_app.services.jobs import JobFailed, Progress
from requests_app.states import Kind


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
    """One table per quarter over all named cohorts, zipped and sealed in one stream, then read back and compared."""
    request = job.request
    results = list(request.match_results.order_by("quarter", "cohort").select_related("file"))
    known = sum(result.records for result in results)
    progress.report(0, known, "Reading the match results")
    tables = _tables(results)
    progress.report(known // 2, known, "Writing the package")
    bound = sealed_files.bound_to(FileKind.PACKAGE, request.pk)
    with Sealer(new_ulid(), keys.worker_public_pem(), bound) as sealer:
        stream = _SealingStream(sealer)
        manifest = build_micro_package(
            stream,  # type: ignore[arg-type]  # write and flush are all it uses
            tables,
            request_number=request.number,
            summaries=summaries(request),
            form_text=form_text.of(request),
        )
        sealed = sealer.finish()
    verify(sealed, stream.digest.hexdigest())
    progress.report(known, known, "Keeping the package")
    searched = list(form.read(request).states)
    found = set(MatchCount.objects.filter(request_number=request.number, records__gt=0).values_list("state", flat=True))
    built = packages.Built(
        sha256=stream.digest.hexdigest(),
        package=sealed,
        states_searched=searched,
        states_found=sorted(found),
        rows=manifest.rows,
    )
    return lambda: _keep(request, built)


def _tables(results: list[MatchResult]) -> dict[int, pa.Table]:
    by_quarter: dict[int, list[pa.Table]] = {}
    for result in results:
        by_quarter.setdefault(result.quarter, []).append(matches.result_table(result))
    return {quarter: pa.concat_tables(parts) for quarter, parts in by_quarter.items()}


def summaries(request: DataRequest) -> list[MatchSummary]:
    """The match summary that travels in a micro package: counts by quarter and state over all cohorts."""
    counts = list(MatchCount.objects.filter(request_number=request.number))
    results = list(request.match_results.all())
    sent = {
        quarter: sum({c.cohort: c.persons_sent for c in counts if c.quarter == quarter}.values())
        for quarter in sorted({result.quarter for result in results})
    }
    return [
        MatchSummary(
            quarter=quarter,
            persons_sent=persons,
            persons_accepted=persons,  # one bad row refuses a file, so all of an accepted one are taken
            persons_found=sum(r.persons for r in results if r.quarter == quarter),
            found_by_state=_by_state(counts, quarter, "persons_found"),
            records_by_state=_by_state(counts, quarter, "records"),
        )
        for quarter, persons in sent.items()
    ]


def _by_state(counts: list[MatchCount], quarter: int, name: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for count in counts:
        if count.quarter == quarter:
            totals[count.state] = totals.get(count.state, 0) + int(getattr(count, name))
    return totals


def verify(sealed: Sealed, sha256: str) -> None:
    """Reads the sealed package back and compares it with what was written."""
    data_key = sealed_files.unwrap(sealed.wrapped_key, keys.worker_private_key(), sealed.label)
    if sealed_files.digest_of(sealed_files.read_sealed(sealed.file_id, sealed.sealed_sha256, data_key)) != sha256:
        raise JobFailed("The package could not be read back as it was written; repeat the build.")


def _keep(request: DataRequest, built: packages.Built) -> None:
    packages.keep_package(request, built)
    workflow.transition(request, "finish_micro_package", actor=None)


@effect("finish_micro_package", "finish_tables")
def order_shredding(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """The package built from the cohort files is verified: the files and their key end here."""
    if request.cohort_files.exists():
        jobs.enqueue("shred_cohort", request, {"request": request.number})
