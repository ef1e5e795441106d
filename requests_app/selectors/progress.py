"""How far a request's job is: counts, words, and the time left once it can be known."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from requests_app.models import DataRequest, Job
from requests_app.models.jobs import JobState
from requests_app.states import State

WORKING = frozenset({State.MATCHING, State.BUILDING})
LABELS = {"match": "Matching", "build": "Building"}
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
    unit: str = "step"


def progress(request: DataRequest) -> JobProgress | None:
    """The progress of the request's current match or build; None where no machine has the request."""
    if request.status not in WORKING:
        return None
    job = (
        request.jobs.filter(state__in=[JobState.WAITING, JobState.RUNNING], kind__in=LABELS)
        .order_by("-created_at")
        .first()
    )
    if job is None:
        return JobProgress(request.status.label, "Waiting for a free worker", 0, None, "waiting")
    return _of(job, timezone.now())


def _of(job: Job, now: datetime) -> JobProgress:
    waiting = job.state == JobState.WAITING
    return JobProgress(
        label=LABELS[job.kind],
        words="Waiting for a free worker" if waiting else job.progress_words or "Working",
        done=job.progress_done,
        total=job.progress_known,
        state=job.state,
        left="" if waiting else _left(job, now),
        unit="row" if job.kind == "match" else "step",
    )


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
