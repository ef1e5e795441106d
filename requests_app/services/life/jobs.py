"""Jobs: enqueued with the change that needs them, held by a lease, finished in one transaction, repeated at will.

The database says what must be done; a queue message only wakes a worker. A worker killed at any moment loses its
lease, the sweep wakes another, and attempt number and start keep the first one from finishing after all
(docs/adr/0003). Locks are taken in one order: the request, its job, the events' chain.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from requests_app import hooks
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.policies import Denied
from requests_app.services.life import job_turns, queue
from requests_app.services.life.failures import AWAITED, REPEATED_BY_PEOPLE, job_failed
from requests_app.states import ENDINGS

log = structlog.get_logger("jobs")
MAX_ATTEMPTS = 5
OPEN = (JobState.WAITING, JobState.RUNNING)
REVIVED_AFTER = timedelta(hours=1)


class LostLease(Exception):
    """Another worker holds the job now, or it was cancelled; this attempt must leave nothing behind."""


class JobFailed(Exception):
    """The work cannot succeed as asked. The message is shown to people: plain words, nothing confidential."""


def input_hash(inputs: dict[str, Any]) -> str:
    """The hash a job is known by: of everything its result depends on."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def enqueue(
    kind: str, request: DataRequest, inputs: dict[str, Any], *, subject: str = "", known: int | None = None
) -> Job:
    """The job for these inputs: made once, waiting again if it had ended otherwise; a worker is woken on commit.

    `known`: how many rows it will have to do, where that is known before it begins.
    """
    job, made = Job.objects.get_or_create(
        kind=kind,
        request=request,
        subject=subject,
        input_hash=input_hash(inputs),
        defaults={"created_at": timezone.now(), "progress_known": known},
    )
    if not made and job.state in {JobState.FAILED, JobState.CANCELLED, JobState.DONE}:
        Job.objects.filter(pk=job.pk).update(
            state=JobState.WAITING, attempt=0, error="", finished_at=None, progress_done=0, progress_known=known
        )
    transaction.on_commit(lambda: wake(job.pk))
    return job


@hooks.effect(*ENDINGS, first=True)
def cancel_open(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """An ended request needs nothing more done; what runs loses its lease. What is to be shredded is ordered next."""
    request.jobs.filter(state__in=OPEN).update(state=JobState.CANCELLED, lease_until=None, finished_at=now)


@hooks.effect("fail", "stop_work", first=True)
def cancel_work(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """Where one part of a match or build has failed, or a person stops it, the other parts end too: at the next chunk
    of rows their workers see that they hold nothing any more."""
    of_machines = set().union(*AWAITED.values())
    request.jobs.filter(state__in=OPEN, kind__in=of_machines).update(
        state=JobState.CANCELLED, lease_until=None, finished_at=now
    )


def wake(job_id: str, *, expires: float | None = None) -> None:
    """Tells a worker; where the queue cannot be reached the sweep will."""
    queue.send("requests_app.tasks.work", job_id, expires=expires)


def sweep() -> int:
    """Wakes a worker for every job nobody holds; returns how many.

    The messages expire, so that they do not pile up behind a worker that is busy for hours.
    """
    now = timezone.now()
    _revive(now)
    just_made = Q(state=JobState.WAITING, created_at__gte=now - timedelta(seconds=2))
    free = list(job_turns.free_jobs(now).exclude(just_made).values_list("pk", flat=True))
    for job_id in free:
        wake(job_id, expires=max(10.0, 2 * settings.SWEEP_SECONDS))
    return len(free)


def _revive(now: datetime) -> None:
    """Failed work that no person's step repeats (a key to make, a file to shred) is tried again by itself."""
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__lt=now - REVIVED_AFTER)
    failed.exclude(kind__in=REPEATED_BY_PEOPLE).update(state=JobState.WAITING, attempt=0, finished_at=None)


def claim(job_id: str) -> Job | None:
    """Takes the job if nobody holds it: one attempt more, a fresh lease. None where another was faster."""
    now = timezone.now()
    free = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        started_at=now,
        progress_done=0,
        progress_words="Starting",
    )
    return Job.objects.select_related("request__agency").get(pk=job_id) if taken else None


def run_next() -> None:
    """Does the job whose turn it is, if there is one. There is a bell for every job, so none is left over."""
    while (job_id := job_turns.next_job(timezone.now())) is not None:
        job = claim(job_id)
        if job is not None:
            _do(job)
            return


def run(job_id: str) -> None:
    """Does this job from claim to switch-over; safe to call twice, or again after a kill."""
    job = claim(job_id)
    if job is not None:
        _do(job)


def _do(job: Job) -> None:
    log.info("job started", job=job.pk, kind=job.kind, request=job.request.number, attempt=job.attempt)
    try:
        if job.attempt > MAX_ATTEMPTS:
            raise JobFailed(f"Given up after {MAX_ATTEMPTS} attempts that did not come to an end.")
        with Progress(job) as progress:
            switch = hooks.runners[job.kind](job, progress)
        finish(job, switch)
    except LostLease:
        log.warning("job lost", job=job.pk, attempt=job.attempt)
    except JobFailed as error:
        _fail(job, str(error))
    except (OperationalError, InterfaceError) as error:
        # The database went away or gave up: nothing was switched in, the lease ends, and the sweep tries again.
        log.warning("job interrupted", job=job.pk, kind=job.kind, error=type(error).__name__, where=_where(error))
    except Denied as denied:
        _put_back(job, denied)
    except Exception as error:  # noqa: BLE001  whatever went wrong, the job says so and people see it
        log.error("job crashed", job=job.pk, kind=job.kind, error=type(error).__name__, where=_where(error))
        _fail(job, "Something went wrong that should not have; BLS has been told.")


def _where(error: BaseException) -> list[str]:
    """File and line of each frame, without values: a traceback's text could hold confidential ones."""
    frames, trace = [], error.__traceback__
    while trace:
        frames.append(f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return frames


def finish(job: Job, switch: Callable[[], None]) -> None:
    """Switches the result in and marks the job done, in one transaction, if this attempt still holds it."""
    with transaction.atomic():
        _still_held(job)
        Job.objects.filter(pk=job.pk).update(
            state=JobState.DONE, finished_at=timezone.now(), lease_until=None, progress_words="Done"
        )
        switch()


def _mine(job: Job) -> QuerySet[Job]:
    """The row while this attempt holds it. A repeated job counts its attempts anew, so its start tells them apart."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt, started_at=job.started_at)


def _still_held(job: Job) -> None:
    """Locks the request, then the job: a person's step locks them in this order too."""
    DataRequest.objects.select_for_update().get(pk=job.request_id)
    if not _mine(job).select_for_update().exists():
        raise LostLease


def _fail(job: Job, words: str) -> None:
    try:
        with transaction.atomic():
            _still_held(job)
            Job.objects.filter(pk=job.pk).update(
                state=JobState.FAILED, error=words, finished_at=timezone.now(), lease_until=None
            )
            job_failed(job, words)
    except LostLease:
        log.warning("job lost", job=job.pk, attempt=job.attempt)
    except Denied as denied:
        _put_back(job, denied)


def _put_back(job: Job, denied: Denied) -> None:
    """The request may not move now (it is suspended): the job waits, and the sweep leaves it alone until it may."""
    log.warning("job put back", job=job.pk, kind=job.kind, reasons=denied.reasons)
    _mine(job).update(state=JobState.WAITING, lease_until=None, progress_words="")


class Progress:
    """Reports rows done of rows known, and keeps the lease from a thread of its own while the work goes on."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._heartbeat, daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def report(self, done: int, known: int | None = None, words: str = "") -> None:
        """Says how far the work is; raises `LostLease` where it is no longer this attempt's."""
        if self._lost:
            raise LostLease
        changes: dict[str, Any] = {"progress_done": done}
        if known is not None:
            changes["progress_known"] = known
        if words:
            changes["progress_words"] = words
        if not _mine(self._job).update(**changes):
            raise LostLease

    def _heartbeat(self) -> None:
        lease = settings.JOB_LEASE_SECONDS
        while not self._stop.wait(lease / 3):
            try:
                kept = _mine(self._job).update(lease_until=timezone.now() + timedelta(seconds=lease))
                self._lost = not kept
            except Exception as error:  # noqa: BLE001  a database restart: the next beat tries again
                log.warning("heartbeat missed", job=self._job.pk, error=type(error).__name__)
                close_old_connections()
        connection.close()
