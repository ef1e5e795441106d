"""How far a request's job is: counts, words, and the time left once it can be known.

A match is counted in the rows the state sent. What a build counts comes from confidential records, so outside BLS it
is shown as a share only: nothing computed from them reaches a requester before disclosure review (product.md).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.states import State

WORKING = frozenset({State.MATCHING, State.BUILDING})
LABELS = {"match": "Matching", "build_micro": "Building the package", "build_tables": "Building the tables"}
KNOWABLE_AFTER_SECONDS = 3


@dataclass(frozen=True)
class JobProgress:
    """What the progress bar shows; `total` None while it is not known."""

    label: str
    words: str
    done: int
    total: int | None
    state: str
    left: str = ""
    unit: str = "row"


def progress(request: DataRequest, viewer: Person) -> JobProgress | None:
    """The progress of the request's current match or build for this viewer; None where no machine has the request."""
    if request.status not in WORKING:
        return None
    job = (
        request.jobs.filter(state__in=[JobState.WAITING, JobState.RUNNING], kind__in=LABELS)
        .order_by("-created_at")
        .first()
    )
    if job is None:
        return JobProgress(request.status.label, "Waiting for a free worker", 0, None, "waiting")
    return _of(job, timezone.now(), counts=job.kind == "match" or viewer.agency.is_bls)


def _of(job: Job, now: datetime, *, counts: bool) -> JobProgress:
    waiting = job.state == JobState.WAITING
    done, total, unit = (job.progress_done, job.progress_known, "row") if counts else _share(job)
    return JobProgress(
        label=LABELS[job.kind],
        words="Waiting for a free worker" if waiting else job.progress_words or "Working",
        done=done,
        total=total,
        state=job.state,
        left="" if waiting else _left(job, now),
        unit=unit,
    )


def _share(job: Job) -> tuple[int, int | None, str]:
    """Percent done instead of counts."""
    known = job.progress_known
    return (100 * job.progress_done // known, 100, "percent,percent") if known else (0, None, "percent,percent")


def _left(job: Job, now: datetime) -> str:
    """The rest at the speed so far; nothing in the first seconds, when it would be a guess."""
    if not (job.started_at and job.progress_known and job.progress_done):
        return ""
    spent = (now - job.started_at).total_seconds()
    if spent < KNOWABLE_AFTER_SECONDS:
        return ""
    seconds = spent * max(job.progress_known - job.progress_done, 0) / job.progress_done
    return _duration(seconds)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"
