"""The end of a request's cohort files, and the proof of it: key destroyed, ciphertext gone, no row that could open it.

A backup of database and file store brings the ciphertext back and nothing to read it with: the key was never in either.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from matching.models.cohorts import CohortKey, CohortUpload
from matching.services import cohort_keys
from requests_app import sealed_files
from requests_app.hooks import effect, runner
from requests_app.models import DataRequest, Job, Person, SealedFile
from requests_app.models.files import FileKind
from requests_app.services.event_log import events
from requests_app.services.life import jobs
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import files
from requests_app.states import ENDINGS


@effect(*ENDINGS)
def order_shredding(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """When the request ends, so do its cohort files; web has no key to destroy, so a worker does it."""
    if request.cohort_files.exists() or CohortKey.objects.filter(request=request).exists():
        jobs.enqueue("shred_cohort", request, {"request": request.number})


@effect("finish_micro_package", "finish_tables")
def order_shredding_of_the_used(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """The package built from the cohort files is verified: the files and their key end here."""
    if request.cohort_files.exists():
        jobs.enqueue("shred_cohort", request, {"request": request.number})


@runner("shred_cohort")
def shred(job: Job, _progress: Progress) -> Callable[[], None]:
    """Destroys the key first, then the ciphertext; safe to repeat. The proof is ordered with it."""
    request = job.request

    def switch() -> None:
        now = timezone.now()
        cohort_keys.destroy(request, now)
        for row in request.cohort_files.select_related("file__request"):
            files.shred(row.file, at=now, why="the package is verified, or the request has ended")
        CohortUpload.objects.filter(request=request).exclude(wrapped_keys=b"").update(wrapped_keys=b"")
        jobs.enqueue("prove_shredding", request, {"request": request.number})

    return switch


@runner("prove_shredding")
def prove(job: Job, _progress: Progress) -> Callable[[], None]:
    """Looks again, after the destruction is committed, and records what is left, which is nothing; what a crash left
    of the ciphertext is destroyed first. Raises `JobFailed` where something cannot be destroyed."""
    request = job.request
    if CohortKey.objects.filter(request=request, destroyed_at=None).exists():
        return lambda: None  # approved again after an appeal: the files of the first time ended with the first key
    for file in _cohort_files(request):
        sealed_files.shred(file.sealed_sha256)
    found = what_is_left(request)
    if any(found.values()):
        raise JobFailed("Something of the cohort files is left; it is tried again every hour.")
    return lambda: record_proof(request)


def record_proof(request: DataRequest) -> None:
    """Neither key, ciphertext nor wrapped key is left of the cohort files: counts, for the accounting."""
    left = {"keys_left": 0, "ciphertexts_left": 0, "rows_that_open_them": 0}
    detail = {"files": len(_cohort_files(request)), **left}
    events.record("cohort.destroyed", actor=None, request_number=request.number, detail=detail)


def what_is_left(request: DataRequest) -> dict[str, int]:
    """Halves of the key, ciphertexts, and rows that hold a wrapped key of a cohort file."""
    cohort = _cohort_files(request)
    uploads = CohortUpload.objects.filter(request=request).exclude(wrapped_keys=b"")
    return {
        "keys": len(cohort_keys.files_of(request)),
        "ciphertexts": sum(sealed_files.path_of(file.sealed_sha256).exists() for file in cohort),
        "rows": sum(bool(bytes(file.wrapped_key)) for file in cohort) + uploads.count(),
    }


def _cohort_files(request: DataRequest) -> list[Any]:
    return list(SealedFile.objects.filter(request=request, kind=FileKind.COHORT))
