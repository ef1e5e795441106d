"""The check of a cohort file in the worker: by itself, then against each other file of its request.

A problem between two files refuses the later one under either policy: which of the two is right, nobody here knows.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict

from django.utils import timezone

from matching.core.cohort.file import CohortCheck
from matching.core.cohort.identity import Cohort, check_across
from matching.core.cohort.problems import Problem
from matching.models.cohorts import CohortFile, CohortFileState
from matching.services import cohort_files, cohort_keys
from matching.services.cohort_terms import policy_of
from requests_app import sealed_files
from requests_app.hooks import runner
from requests_app.models import Job
from requests_app.services.event_log import events
from requests_app.services.life import jobs
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import files

# The files whose persons a new one must agree with.
STANDING = (CohortFileState.ACCEPTED, CohortFileState.TO_CONFIRM)


@runner("check_cohort")
def check_file(job: Job, progress: Progress) -> Callable[[], None]:
    """Checks one file and decides in one transaction; all problems at once."""
    row = CohortFile.objects.select_related("request__agency", "file").get(pk=job.subject)
    if row.state != CohortFileState.RECEIVED:
        return lambda: None
    row.policy = policy_of(row.request)
    beside = _beside(row)
    known = row.file.plain_bytes + sum(other.file.plain_bytes for other in beside)
    progress.report(0, known, "Checking the file")
    answer = _parsed(row)
    problems = answer.problems
    done = row.file.plain_bytes
    if answer.cohort is not None:
        for other, cohort in _cohorts(beside):
            label = f"{other.cohort}, {other.quarter // 10} Q{other.quarter % 10}"
            progress.report(done, known, f"Comparing with {label}")
            problems = problems + check_across(answer.cohort, cohort, label)
            done += other.file.plain_bytes
    progress.report(known, known)
    seen = {other.pk for other in beside}
    across = len(problems) > len(answer.problems)
    return lambda: _decide(row, answer.rows, answer.excluded, problems, refused=not answer.ok or across, beside=seen)


def _parsed(row: CohortFile) -> CohortCheck:
    try:
        return cohort_files.parse(row)
    except (sealed_files.Unreadable, cohort_keys.KeyDestroyed):
        raise JobFailed("The file cannot be read; send it again.") from None


def _beside(row: CohortFile) -> list[CohortFile]:
    others = CohortFile.objects.filter(request=row.request_id, state__in=STANDING).exclude(pk=row.pk)
    # A file of the same place is about to be replaced by this one.
    others = others.exclude(cohort=row.cohort, quarter=row.quarter)
    return list(others.select_related("request__agency", "file"))


def _cohorts(others: list[CohortFile]) -> Iterator[tuple[CohortFile, Cohort]]:
    """One after the other, so that two cohorts at most are in memory."""
    for other in others:
        answer = _parsed(other)
        if answer.cohort is not None:
            yield other, answer.cohort


def _decide(
    row: CohortFile, rows: int, excluded: int, problems: list[Problem], *, refused: bool, beside: set[str]
) -> None:
    """Accepts the file, asks for a confirmation, or refuses it for every problem found; a refused one is shredded.

    Runs with the request locked. A file that another worker accepted meanwhile was not compared: the check is ordered
    again, with it.
    """
    now = timezone.now()
    current = CohortFile.objects.select_for_update().get(pk=row.pk)
    if current.state != CohortFileState.RECEIVED:
        return
    came = {other.pk for other in _beside(row)}
    if not refused and not came <= beside:
        inputs = {"file": row.file.sealed_sha256, "beside": sorted(came)}
        jobs.enqueue("check_cohort", row.request, inputs, subject=row.pk)
        return
    current.state = _state(refused=refused, excluded=excluded)
    current.policy, current.rows, current.excluded, current.checked_at = row.policy, rows, excluded, now
    current.problems = [asdict(problem) for problem in problems]
    current.save(update_fields=["state", "policy", "rows", "excluded", "problems", "checked_at"])
    if refused:
        files.shred(row.file, at=now, why="refused")
    events.record(
        "cohort.check",
        actor=None,
        request_number=row.request.number,
        subject=row.pk,
        detail={
            "state": current.state,
            "rows": rows,
            "excluded": excluded,
            "kinds": sorted({problem.kind for problem in problems}),
        },
        at=now,
    )


def _state(*, refused: bool, excluded: int) -> CohortFileState:
    if refused:
        return CohortFileState.REFUSED
    return CohortFileState.TO_CONFIRM if excluded else CohortFileState.ACCEPTED
