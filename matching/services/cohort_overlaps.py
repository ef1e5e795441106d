"""Which earlier requests asked about the same persons: compared by fingerprints as soon as the match is done, and
known to BLS before anything is released. What comes of it is counts."""

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np

from matching.models.matches import CohortOverlap, CohortPersons
from matching.services import cohort_persons
from matching.services.cohort_persons import Fingerprints
from requests_app.hooks import effect, guard, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.services.life import jobs
from requests_app.services.life.jobs import OPEN, Progress

KIND = "match_statistics"


@effect("finish_matching")
def order_statistics(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """Made after the match is kept, so that of two requests that end together the later one sees the other."""
    jobs.enqueue(KIND, request, {"matched_at": now})


@guard("match_statistics_are_made")
def match_statistics_are_made(request: DataRequest, _person: Person | None) -> list[str]:
    """Nothing is released before BLS could see whom the cohort overlaps with."""
    if request.jobs.filter(kind=KIND, state__in=OPEN).exists():
        return ["The statistics of the match are still being made; wait until they can be looked at."]
    if request.jobs.filter(kind=KIND, state="failed").exists():
        return ["The statistics of the match could not be made; they are tried again every hour."]
    return []


@runner(KIND)
def compare(job: Job, progress: Progress) -> Callable[[], None]:
    """Compares each set of persons of the request with each of every other; identical sets are compared once."""
    request = job.request
    every = CohortPersons.objects.select_related("persons").defer("persons__fingerprints")
    own = list(every.filter(request_number=request.number))
    others = list(every.exclude(request_number=request.number))
    shared = dict(_shared({one.persons_id for one in own}, {one.persons_id for one in others}, progress))
    best: dict[tuple[str, int, str, str], CohortOverlap] = {}
    for here in own:
        for there in others:
            found = _overlap(here, there, shared.get((here.persons_id, there.persons_id), 0))
            place = (here.cohort, here.quarter, there.request_number, there.cohort)
            if found.shared and (place not in best or best[place].shared < found.shared):
                best[place] = found

    def switch() -> None:
        CohortOverlap.objects.filter(request_number=request.number).delete()
        CohortOverlap.objects.bulk_create(best.values())

    return switch


def _shared(own: set[str], others: set[str], progress: Progress) -> Iterator[tuple[tuple[str, str], int]]:
    """How many persons each two sets share; two sets at a time in memory."""
    done, known = 0, len(own) * len(others)
    for digest in sorted(own):
        persons = cohort_persons.of_set(digest)
        for other in sorted(others):
            progress.report(done, known, "Comparing with earlier cohorts")
            yield (digest, other), len(persons) if other == digest else _in_both(persons, cohort_persons.of_set(other))
            done += 1


def _in_both(one: Fingerprints, other: Fingerprints) -> int:
    """Both sorted, without repeats."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return 0
    place = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return int(np.count_nonzero(many[place] == few))


def _overlap(here: CohortPersons, there: CohortPersons, shared: int) -> CohortOverlap:
    return CohortOverlap(
        request_number=here.request_number, cohort=here.cohort, quarter=here.quarter,
        other_number=there.request_number, other_cohort=there.cohort, other_quarter=there.quarter,
        persons=here.persons.persons, other_persons=there.persons.persons, shared=shared,
    )  # fmt: skip


def forget(request: DataRequest) -> None:
    """A request that ended without a release has told nobody anything: nothing of its persons is kept."""
    cohort_persons.forget(request)
    CohortOverlap.objects.filter(request_number=request.number).delete()
    CohortOverlap.objects.filter(other_number=request.number).delete()
