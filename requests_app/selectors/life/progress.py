"""How far a request's job is: counts, words, and the time left once it can be known.

A match is counted in the rows the state sent. What a build counts comes from confidential records, so outside BLS it
is shown as a share only: nothing computed from them reaches a requester before disclosure review (product.md).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
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
    parts = _parts(request)
    if not parts:
        return JobProgress(request.status.label, "Waiting for a free worker", 0, None, "waiting")
    work = _together(parts)
    return _shown(work, timezone.now(), counts=work.kind == "match" or viewer.agency.is_bls)


def _parts(request: DataRequest) -> list[Job]:
    """The jobs of the current match or build: a match has one for every file, and some are done before others."""
    current = Q(state__in=[JobState.WAITING, JobState.RUNNING]) | Q(
        state=JobState.DONE, finished_at__gte=request.state_since
    )
    found = list(request.jobs.filter(current, kind__in=LABELS).order_by("created_at"))
    newest = next((job.kind for job in reversed(found) if job.state != JobState.DONE), None)
    return [job for job in found if job.kind == newest]


@dataclass(frozen=True)
class _Work:
    """Several jobs as one: rows done and known of all, and since when the first has been going on."""

    kind: str
    words: str
    running: bool
    done: int
    known: int | None
    since: datetime | None


def _together(parts: list[Job]) -> _Work:
    running = [job for job in parts if job.state == JobState.RUNNING]
    ready = sum(job.state == JobState.DONE for job in parts)
    words = " and ".join(job.progress_words or "Working" for job in running) or "Waiting for a free worker"
    whole = all(job.progress_known is not None for job in parts)
    return _Work(
        kind=parts[0].kind,
        words=f"{words} ({ready} of {len(parts)} files done)" if len(parts) > 1 else words,
        running=bool(running),
        done=sum((job.progress_known or 0) if job.state == JobState.DONE else job.progress_done for job in parts),
        known=sum(job.progress_known or 0 for job in parts) if whole else None,
        since=min((job.started_at for job in parts if job.started_at and job.state != JobState.WAITING), default=None),
    )


def _shown(work: _Work, now: datetime, *, counts: bool) -> JobProgress:
    done, total, unit = (work.done, work.known, "row") if counts else _share(work)
    return JobProgress(
        label=LABELS[work.kind],
        words=work.words,
        done=done,
        total=total,
        state=JobState.RUNNING if work.running else JobState.WAITING,
        left=_left(work, now) if work.running else "",
        unit=unit,
    )


def _share(work: _Work) -> tuple[int, int | None, str]:
    """Percent done instead of counts."""
    return (100 * work.done // work.known, 100, "percent,percent") if work.known else (0, None, "percent,percent")


def _left(work: _Work, now: datetime) -> str:
    """The rest at the speed so far, which is what the other requests leave this one; nothing in the first seconds,
    when it would be a guess."""
    if not (work.since and work.known and work.done):
        return ""
    spent = (now - work.since).total_seconds()
    if spent < KNOWABLE_AFTER_SECONDS:
        return ""
    return _duration(spent * max(work.known - work.done, 0) / work.done)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"
