"""What a page says about one place of the grid of cohort files: its report, its history, and where to go on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortUpload
from matching.services.cohort_files import Slot, grid
from requests_app.models import DataRequest, Person

RUNS_SHOWN = 12


@dataclass(frozen=True)
class ReportLine:
    """One kind of problem: what to do about it, how often it stands in the file, and in which lines."""

    hint: str
    count: int
    lines: str


def report(file: CohortFile) -> list[ReportLine]:
    """Everything that is wrong with a file, as the checker found it. Never anything read from the file."""
    return [
        ReportLine(_hint(problem), int(problem["count"]), lines_in_words(problem.get("lines", []), problem["count"]))
        for problem in file.problems
    ]


def report_rows(file: CohortFile) -> Iterator[tuple[str, str, str]]:
    """The same report line by line, for a program: kind, line (empty: the whole file), hint."""
    for problem in file.problems:
        kind, hint, lines = str(problem["kind"]), _hint(problem), problem.get("lines", [])
        for line in lines or [""]:
            yield kind, str(line), hint
        if problem["count"] > len(lines) > 0:
            yield kind, "", f"{problem['count']} in all; the first {len(lines)} are listed."


def _hint(problem: dict[str, Any]) -> str:
    other = problem.get("file")
    return f"{problem['hint']} (Compared with {other}.)" if other else str(problem["hint"])


def history_of(request: DataRequest, slot: Slot) -> list[CohortFile]:
    """Every file that was sent for a place, the newest first; replaced and refused ones stay."""
    sent = request.cohort_files.filter(cohort=slot.cohort, quarter=slot.quarter)
    return list(sent.select_related("uploaded_by", "confirmed_by").order_by("-uploaded_at"))


def arriving(request: DataRequest) -> dict[tuple[str, int], CohortUpload]:
    """Uploads of which something has arrived and that may still go on, by cohort and quarter."""
    begun_since = timezone.now() - timedelta(seconds=settings.COHORT_MAX_SECONDS)
    found = request.cohort_uploads.filter(ended_at=None, received_bytes__gt=0, started_at__gte=begun_since)
    return {(upload.cohort, upload.quarter): upload for upload in found.order_by("last_part_at")}


def percent_arrived(upload: CohortUpload) -> int:
    """Whole percent of its bytes, never 100 before the end."""
    return min(99, 100 * upload.received_bytes // upload.total_bytes)


@dataclass(frozen=True)
class BrokenOff:
    """An upload of this person's that waits to be gone on with."""

    cohort: str
    quarter: int
    percent: int
    until: datetime


def broken_off(request: DataRequest, person: Person) -> BrokenOff | None:
    """There is one at most: a person sends one file at a time."""
    for upload in arriving(request).values():
        if upload.started_by_id == person.pk:
            until = upload.started_at + timedelta(seconds=settings.COHORT_MAX_SECONDS)
            return BrokenOff(upload.cohort, upload.quarter, percent_arrived(upload), until)
    return None


def lines_in_words(lines: Iterable[int], count: int) -> str:
    """4, 21 to 120: neighbours are joined; where there are more than fit, it says so."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1][1:] = [line]
        else:
            runs.append([line])
    shown = runs[:RUNS_SHOWN]
    words = ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in shown)
    told = sum(run[-1] - run[0] + 1 for run in shown)
    return f"{words} and {count - told:,} more" if words and count > told else words


@dataclass(frozen=True)
class NextPlace:
    """A place of the grid that still needs a file."""

    cohort: str
    quarter: int
    url: str


def slot_url(request: DataRequest, slot: Slot) -> str:
    """The page of one place."""
    return reverse("cohort_file", args=[request.number, slot.number, slot.quarter])


def next_place(request: DataRequest, here: Slot) -> NextPlace | None:
    """The first other place whose file is missing or was refused."""
    for slot in grid(request):
        if (slot.number, slot.quarter) != (here.number, here.quarter) and slot.state in {"missing", "refused"}:
            return NextPlace(slot.cohort, slot.quarter, slot_url(request, slot))
    return None
