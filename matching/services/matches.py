"""The match: cohort files to persons to wage records, per named cohort and quarter, in the worker's memory.

Only person ids reach PostgreSQL. Results are sealed for the worker and switched in together; the same files and loads
give the same results, so a match that was killed is simply done again.
"""

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from django.utils import timezone

from matching import store, vault_keys
from matching.cohort_models import CohortFile, CohortFileState, MatchCount, MatchResult
from matching.core.load_rejects import LoadRefused
from matching.core.micro_package import attach_ids
from matching.core.tokens import tokens
from matching.holdings import pins
from matching.models import Holding, PinStep, Status
from matching.models import Kind as LoadKind
from matching.person_vault import PersonIds
from matching.services import cohort_files
from requests_app import form
from requests_app.hooks import effect, guard, provider, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.models.files import FileKind
from requests_app.sealed_files import Sealed
from requests_app.services import files, jobs, workflow
from requests_app.services.jobs import JobFailed, Progress
from requests_app.states import ENDINGS, Kind


@dataclass(frozen=True)
class Found:
    """What one cohort file led to."""

    row: CohortFile
    sealed: Sealed
    persons_sent: int
    counts: dict[str, tuple[int, int]]  # state -> persons, records
    persons: int
    records: int


@effect("begin_matching", "repeat_matching")
def order_match(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """A match is known by its files, states and quarters."""
    asked = form.read(request)
    accepted = request.cohort_files.filter(state=CohortFileState.ACCEPTED).select_related("file")
    inputs = {
        "files": sorted((f.cohort, f.quarter, f.file.sealed_sha256) for f in accepted),
        "states": asked.states,
        "quarters": asked.quarters,
    }
    jobs.enqueue("match", request, inputs)


@guard("quarters_are_held")
def quarters_are_held(request: DataRequest, _person: Person | None) -> list[str]:
    """Every state and quarter asked for is held."""
    asked, held = form.read(request), quarters_held()
    return [
        f"State {state} has no wage records for {quarter // 10} Q{quarter % 10}; take out the state or the quarter."
        for state in asked.states
        for quarter in asked.quarters
        if quarter not in held.get(state, [])
    ]


@provider("quarters_held")
def quarters_held() -> dict[str, list[int]]:
    """State FIPS -> quarters (YYYYQ) with visible wage records."""
    held: dict[str, list[int]] = {}
    for holding in store.holdings():
        if holding.kind == LoadKind.WAGE_RECORDS:
            held.setdefault(holding.state, []).append(holding.quarter)
    return held


@provider("before_release")
def before_release(states: Collection[str], quarters: Collection[int], today: date) -> list[tuple[str, int]]:
    """The states and quarters whose official release lies after `today`; one without a date counts as released."""
    coming = Holding.objects.filter(
        status=Status.VISIBLE, release_date__gt=today, state__in=states, quarter__in=quarters
    )
    return sorted(set(coming.values_list("state", "quarter")))


@runner("match")
def match(job: Job, progress: Progress) -> Callable[[], None]:
    """Matches every accepted file of the request, one after the other."""
    request, asked = job.request, form.read(job.request)
    accepted = list(
        request.cohort_files.filter(state=CohortFileState.ACCEPTED).select_related("request__agency", "file")
    )
    found, used = pins.made_from(
        asked.states,
        {row.quarter for row in accepted},
        list(LoadKind),
        lambda: _match_files(accepted, list(asked.states), Kind(request.kind), progress),
    )
    return lambda: _keep(request, found, used)


def _match_files(accepted: list[CohortFile], states: list[str], kind: Kind, progress: Progress) -> list[Found]:
    known, done, found = sum(row.rows for row in accepted), 0, []
    for row in accepted:
        progress.report(done, known, f"Matching {row.cohort}, {row.quarter // 10} Q{row.quarter % 10}")
        found.append(_match_file(row, states, kind))
        done += row.rows
    progress.report(done, known, "Keeping the result")
    return found


def _match_file(row: CohortFile, states: list[str], kind: Kind) -> Found:
    answer = cohort_files.parse(row)
    if answer.cohort is None:
        raise JobFailed("A file that was accepted no longer passes the check; send it again.")
    person_ids = _persons(answer.cohort.ssn)
    table = store.match(person_ids, row.quarter, states)
    if kind is Kind.MICRO:
        kept = attach_ids(table, answer.cohort.temporary_ids)
    else:
        # No ID and no person key: a micro-to-macro request ends in tables only.
        jobs_found = store.main_jobs(person_ids, [row.quarter], states).drop_columns(["cohort_row"])
        kept = jobs_found.append_column("cohort", pa.repeat(pa.scalar(row.cohort), jobs_found.num_rows))
    sealed = files.seal_bytes(to_bytes(kept), row.request, FileKind.MATCH_RESULT)
    found = table.column("cohort_row")
    return Found(row, sealed, len(person_ids), _counts(table, states), len(pc.unique(found)), table.num_rows)


def _persons(ssn: npt.NDArray[np.uint32]) -> PersonIds:
    """The person of each SSN; the vault is held from the key to the answer, whatever version a rotation is at."""
    try:
        with vault_keys.held() as live:
            return store.resolve(tokens(ssn, live.key))
    except LoadRefused as problem:
        raise JobFailed(str(problem)) from None


def _counts(table: pa.Table, states: list[str]) -> dict[str, tuple[int, int]]:
    """Persons and records by state searched; a state in which nobody was found counts zero."""
    state, row = table.column("state").to_numpy(zero_copy_only=False), table.column("cohort_row").to_numpy()
    return {fips: (len(np.unique(row[state == fips])), int((state == fips).sum())) for fips in states}


def to_bytes(table: pa.Table) -> bytes:
    """A table as an Arrow IPC file: the same table, the same bytes."""
    out = io.BytesIO()
    with pyarrow.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return out.getvalue()


def result_table(result: MatchResult) -> pa.Table:
    """The records of one result, in a worker's memory."""
    return pyarrow.ipc.open_file(pa.BufferReader(b"".join(files.read(result.file)))).read_all()


def _keep(request: DataRequest, found: list[Found], used: list[Holding]) -> None:
    """Switches all results in, in the job's own transaction, in place of earlier ones; pins the loads they are from."""
    now = timezone.now()
    for old in list(request.match_results.select_related("file__request")):
        files.shred(old.file, at=now, why="matched again")
        old.delete()
    MatchCount.objects.filter(request_number=request.number).delete()
    for one in found:
        row = one.row
        MatchResult.objects.create(
            request=request,
            cohort=row.cohort,
            quarter=row.quarter,
            file=files.remember(one.sealed, request, FileKind.MATCH_RESULT, f"{row.cohort} {row.quarter}", now),
            persons=one.persons,
            records=one.records,
            matched_at=now,
        )
        MatchCount.objects.bulk_create(
            MatchCount(
                request_number=request.number,
                cohort=row.cohort,
                quarter=row.quarter,
                state=state,
                persons_sent=one.persons_sent,
                persons_found=persons,
                records=records,
            )
            for state, (persons, records) in one.counts.items()
        )
    pins.pin(request.number, PinStep.MATCH, used, now)
    workflow.transition(request, "finish_matching", actor=None)


@runner("shred_match_results")
def shred(job: Job, _progress: Progress) -> Callable[[], None]:
    """Match results end with the release or the request."""

    def switch() -> None:
        now = timezone.now()
        for result in job.request.match_results.select_related("file__request"):
            files.shred(result.file, at=now, why="released, or the request has ended")

    return switch


@effect("release", *ENDINGS)
def order_shredding(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """Nothing is built from the results any more."""
    if request.match_results.exists():
        jobs.enqueue("shred_match_results", request, {"request": request.number})
