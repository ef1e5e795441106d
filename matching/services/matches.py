"""The match: one job for each cohort file, from its SSNs to persons to wage records, in the worker's memory.

Only person ids reach PostgreSQL. A file's result is sealed for the worker while it is found and switched in when it is
whole; a result that still stands is not made again, so a match that was killed, stopped or repeated goes on. The last
file to be done moves the request on, with all results made from the same versions of the holdings.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from matching.holdings import pins
from matching.models import Holding, PinStep
from matching.models import Kind as LoadKind
from matching.models.cohorts import CohortFile, CohortFileState, MatchCount, MatchResult
from matching.services import cohort_overlaps, cohort_persons, match_scope
from matching.services.file_match import Found, match_file, quarters_read
from matching.services.match_results import result_table
from requests_app import form, sealed_files
from requests_app.hooks import effect, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.models.files import FileKind
from requests_app.services.life import jobs, workflow
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import files
from requests_app.states import ENDED, ENDINGS, State

__all__ = ["lineage", "match", "order_match", "result_table", "shred"]


@effect("begin_matching", "repeat_matching")
def order_match(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """A job for every file, quarter by quarter."""
    for row in _accepted(request):
        _order(row)


def _order(row: CohortFile) -> None:
    jobs.enqueue("match", row.request, _inputs(row), subject=row.pk, known=row.rows - row.excluded)


def _inputs(row: CohortFile) -> dict[str, Any]:
    """What the result of a file depends on, but for the holdings, which its pins name."""
    return {
        "file": row.file.sealed_sha256,
        "quarter": row.quarter,
        "states": form.read(row.request).states,
        "read": quarters_read(row),
    }


def _accepted(request: DataRequest) -> list[CohortFile]:
    accepted = request.cohort_files.filter(state=CohortFileState.ACCEPTED).select_related("request__agency", "file")
    return list(accepted.order_by("quarter", "cohort"))


@runner("match")
def match(job: Job, progress: Progress) -> Callable[[], None]:
    """Matches one file, unless its result still stands."""
    row = CohortFile.objects.select_related("request__agency", "file").get(pk=job.subject)
    states = match_scope.states_searched(row.request)
    if not states:
        raise JobFailed("No state asked for permits this use any more.")
    result = row.request.match_results.filter(cohort=row.cohort, quarter=row.quarter).first()
    if result is not None and _stands(result, row, states):
        return lambda: _finish(job.request)
    tries: list[Found] = []

    def make() -> Found:
        for earlier in tries:  # made from a load that was replaced meanwhile
            sealed_files.shred(earlier.sealed.sealed_sha256)
        tries[:] = [match_file(row, states, progress)]
        return tries[0]

    found, used = pins.made_from(states, set(quarters_read(row)), list(LoadKind), make)

    def switch() -> None:
        _keep(row, found, states, used)
        _finish(job.request)

    return switch


def _stands(result: MatchResult, row: CohortFile, states: list[str]) -> bool:
    """Made from this file, in these states, from the loads that are in use now."""
    return (
        result.input_hash == jobs.input_hash(_inputs(row))
        and result.states == states
        and result.loads == match_scope.visible_loads(states, quarters_read(row))
    )


def _keep(row: CohortFile, found: Found, states: list[str], used: list[Holding]) -> None:
    """Switches a file's result in, in its job's own transaction, in place of an earlier one."""
    request, now = row.request, timezone.now()
    _remove(request.match_results.filter(cohort=row.cohort, quarter=row.quarter), now)
    MatchResult.objects.create(
        request=request,
        cohort=row.cohort,
        quarter=row.quarter,
        file=files.remember(found.sealed, request, FileKind.MATCH_RESULT, f"{row.cohort} {row.quarter}", now),
        persons=found.persons,
        records=found.records,
        input_hash=jobs.input_hash(_inputs(row)),
        states=states,
        loads=sorted(one.load_id for one in used),
        matched_at=now,
    )
    MatchCount.objects.bulk_create(
        MatchCount(
            request_number=request.number, cohort=row.cohort, quarter=row.quarter, state=state,
            persons_sent=found.persons_sent, persons_found=persons, records=records,
        )
        for state, (persons, records) in found.counts.items()
    )  # fmt: skip
    cohort_persons.keep(row, found.fingerprints, now)


def _remove(results: QuerySet[MatchResult], now: datetime) -> None:
    for old in list(results.select_related("file__request")):
        files.shred(old.file, at=now, why="matched again, or the request has ended")
        counts = MatchCount.objects.filter(request_number=old.request.number)
        counts.filter(cohort=old.cohort, quarter=old.quarter).delete()
        old.delete()


def _finish(request: DataRequest) -> None:
    """Once every file has its result: those made from holdings replaced meanwhile are made again; else the loads are
    pinned and the request moves on. Runs with the request locked."""
    states, now = match_scope.states_searched(request), timezone.now()
    results = {(result.cohort, result.quarter): result for result in request.match_results.all()}
    rows = _accepted(request)
    if any((row.cohort, row.quarter) not in results for row in rows):
        return
    stale = [row for row in rows if not _stands(results[row.cohort, row.quarter], row, states)]
    if stale:
        for row in stale:
            _order(row)
        return
    of_files = {(row.cohort, row.quarter) for row in rows}
    left_over = [result.pk for place, result in results.items() if place not in of_files]
    _remove(request.match_results.filter(pk__in=left_over), now)
    used = {load for row in rows for load in results[row.cohort, row.quarter].loads}
    pins.pin(request.number, PinStep.MATCH, Holding.objects.filter(load_id__in=used), now)
    workflow.transition(request, "finish_matching", actor=None, facts={"states_searched": states})


def lineage(request: DataRequest) -> tuple[list[str], list[str]]:
    """The states searched for the request's results, and those in which records were found; both sorted."""
    searched = {state for result in request.match_results.all() for state in result.states}
    found = MatchCount.objects.filter(request_number=request.number, records__gt=0).values_list("state", flat=True)
    return sorted(searched), sorted(set(found))


@runner("shred_match_results")
def shred(job: Job, _progress: Progress) -> Callable[[], None]:
    """Match results end with the release; of a request that ended without one, what they counted ends too."""

    def switch() -> None:
        results, now = job.request.match_results.select_related("file__request"), timezone.now()
        if job.request.status in ENDED - {State.CLOSED}:
            _remove(results, now)
            cohort_overlaps.forget(job.request)
            return
        for result in results:
            files.shred(result.file, at=now, why="released")

    return switch


@effect("release", *ENDINGS)
def order_shredding(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """Nothing is built from the results any more."""
    if request.match_results.exists():
        jobs.enqueue("shred_match_results", request, {"request": request.number})
