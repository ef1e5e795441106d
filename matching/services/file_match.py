"""The match of one cohort file: a chunk of persons after the other in the order of their temporary IDs, so that memory
does not grow with the records found and the result is in the order of the package."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching import store
from matching.core.cohort.id_order import Ids
from matching.core.cohort.identity import Cohort
from matching.core.load_files.rejects import LoadRefused
from matching.core.micro.records import RECORD_SCHEMA, attach_ids
from matching.core.tabulation.histories import ordinal, quarter_of
from matching.core.tokens import tokens
from matching.models.cohorts import CohortFile
from matching.services import cohort_files, cohort_keys, cohort_persons
from matching.services.match_results import ROWS_AT_ONCE, ResultWriter
from matching.tabulation.people import PERSON_ROWS, Followed
from matching.vault import keys as vault_keys
from matching.vault.persons import UNMATCHABLE, PersonIds
from requests_app import form, sealed_files
from requests_app.sealed_files import Sealed
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.states import Kind

PERSONS_AT_ONCE = 1 << 17
MANY_PERSONS = 1 << 18  # who are likely to have touched most pages of a quarter
ROWS_OF_COHORT = PERSON_ROWS.append(pa.field("fingerprint", pa.uint64()))


@dataclass
class Counts:
    """What was found so far; by state searched persons and records, zero where nobody was found."""

    by_state: dict[str, tuple[int, int]]
    persons: int = 0
    records: int = 0

    def add(self, found: store.Matched) -> None:
        """The records of some more persons."""
        self.persons += found.found()
        self.records += len(found.cohort_row)
        for state, (persons, records) in found.by_state().items():
            before = self.by_state[state]
            self.by_state[state] = before[0] + persons, before[1] + records


@dataclass(frozen=True)
class Found:
    """What one cohort file led to."""

    sealed: Sealed
    persons_sent: int
    counts: dict[str, tuple[int, int]]  # state -> persons, records
    persons: int
    records: int
    fingerprints: npt.NDArray[np.uint64] = field(repr=False)


def match_file(row: CohortFile, states: list[str], progress: Progress) -> Found:
    """Seals the file's records in `states`: under temporary IDs for a micro request, outcomes without any for micro to
    macro. Raises `JobFailed` in words, `LostLease` at the next chunk where the job was stopped."""
    words = f"Matching {row.cohort}, {row.quarter // 10} Q{row.quarter % 10}"[:120]
    progress.report(0, row.rows - row.excluded, words)
    cohort, held = _cohort(row), store.open_quarter(row.quarter, states)
    total, counts = len(cohort.ssn), Counts(dict.fromkeys(sorted(states), (0, 0)))
    micro, known = Kind(row.request.kind) is Kind.MICRO, []
    with ResultWriter(row.request, RECORD_SCHEMA if micro else ROWS_OF_COHORT) as writer:
        for start in range(0, total, PERSONS_AT_ONCE):
            some = slice(start, start + PERSONS_AT_ONCE)
            person_ids = _persons(cohort.ssn[some])
            known.append(cohort_persons.fingerprints(person_ids[person_ids > UNMATCHABLE]))
            found = store.match(person_ids, held)
            counts.add(found)
            writer.write(
                _whole_persons(found, cohort.temporary_ids[some]) if micro else _followed(person_ids, row, states)
            )
            if start + len(person_ids) < total:
                progress.report(start + len(person_ids))
        sealed = writer.finish()
    if total >= MANY_PERSONS:
        held.give_back()
    return Found(sealed, total, counts.by_state, counts.persons, counts.records, np.sort(np.concatenate(known)))


def _cohort(row: CohortFile) -> Cohort:
    try:
        answer = cohort_files.parse(row)
    except (sealed_files.Unreadable, cohort_keys.KeyDestroyed):
        raise JobFailed("A cohort file cannot be read any more; withdraw the request, or ask BLS.") from None
    if answer.cohort is None:
        raise JobFailed("A file that was accepted no longer passes the check; send it again.")
    return answer.cohort


def _persons(ssn: npt.NDArray[np.uint32]) -> PersonIds:
    """The person of each SSN; the vault is held from the key to the answer, whatever version a rotation is at."""
    try:
        with vault_keys.held() as live:
            return store.resolve(tokens(ssn, live.key))
    except LoadRefused as problem:
        raise JobFailed(str(problem)) from None


def _whole_persons(found: store.Matched, temporary_ids: Ids) -> Iterator[pa.Table]:
    """The records under temporary IDs, some thousand at a time, all of a person's in the same batch."""
    table, person, start = found.table(), found.cohort_row, 0
    while start < table.num_rows:
        stop = min(start + ROWS_AT_ONCE, table.num_rows)
        stop = int(np.searchsorted(person, person[stop - 1], side="right"))
        yield attach_ids(table.slice(start, stop - start), temporary_ids)
        start = stop


def quarters_read(row: CohortFile) -> list[int]:
    """The quarters, of those asked for, whose records the match of a file reads.

    For a micro package its own. For tables the quarters beside it as well, which tell who stayed; and all, where it is
    the file of its cohort's reference quarter, from which its people are followed.
    """
    asked = form.read(row.request)
    if asked.kind is Kind.MICRO:
        return [row.quarter]
    if _reference(row):
        return sorted({row.quarter, *asked.quarters})
    beside = {quarter_of(ordinal(row.quarter) + step) for step in (-1, 1)}
    return sorted({row.quarter} | (beside & set(asked.quarters)))


def _reference(row: CohortFile) -> int:
    """The file's quarter where it is the reference quarter of its cohort, else 0."""
    named = form.read(row.request).cohorts
    return row.quarter if any((one.name, one.reference_quarter) == (row.cohort, row.quarter) for one in named) else 0


def _followed(person_ids: PersonIds, row: CohortFile, states: list[str]) -> Iterator[pa.Table]:
    """No ID and no person key: a micro-to-macro request ends in tables only. By their keyed fingerprints its cells can
    be compared with those of other cohorts before they are released.

    The persons in the file's own quarter; from the file of a reference quarter on, in every quarter asked for.
    """
    quarters, home = quarters_read(row), row.request.agency.fips or ""
    tables = [store.follow(person_ids, Followed(row.cohort, 0, home), quarters, states, shown=[row.quarter])]
    if _reference(row):
        tables.append(store.follow(person_ids, Followed(row.cohort, row.quarter, home), quarters, states))
    for table in chain(*tables):
        yield cohort_persons.marked(table, person_ids)
