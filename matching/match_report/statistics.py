"""What BLS sees of a match before anything is released: rates by state and quarter, and what is unusual about a cohort.

Everything here is counts that the worker copied into the summaries; web reads nothing else.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from matching.core.cohort import signs as cohort_signs
from matching.models.cohorts import CohortFileState, MatchCount, MatchResult
from matching.models.matches import CohortOverlap
from requests_app.models import DataRequest, Person
from requests_app.request_rows import may_have_results
from requests_app.standing import roles_of
from requests_app.states import Role

READERS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.DISCLOSURE_ANALYST, Role.RELEASE_OFFICER})
EARLIER_REQUESTS = 100  # of an agency, whose rates say what is usual


@dataclass(frozen=True)
class Rate:
    """A cohort and quarter in one state searched: persons accepted and found, records, and what is unusual."""

    cohort: str
    quarter: int
    state: str
    accepted: int
    found: int
    records: int
    sign: str = ""

    @property
    def rate(self) -> float | None:
        """The share of persons found; None of nobody."""
        return self.found / self.accepted if self.accepted else None


@dataclass(frozen=True)
class MatchedFile:
    """A cohort and quarter over all states: lines sent, persons accepted and found, records, and signs."""

    cohort: str
    quarter: int
    sent: int
    accepted: int
    found: int
    records: int
    signs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Overlap:
    """An earlier request's cohort that shares persons with one of this request's, and what that may tell."""

    counts: CohortOverlap
    sign: str


@dataclass(frozen=True)
class Statistics:
    """All of one request."""

    files: list[MatchedFile]
    rates: list[Rate]
    overlaps: list[Overlap]
    searched: list[str]
    found: list[str]

    @property
    def signs(self) -> list[str]:
        """Everything unusual, one sentence each."""
        of_files = [f"{one.cohort}, {_quarter(one.quarter)}: {sign}" for one in self.files for sign in one.signs]
        of_rates = [
            f"{one.cohort}, {_quarter(one.quarter)}, state {one.state}: {one.sign}" for one in self.rates if one.sign
        ]
        of_overlaps = [
            f"{one.counts.cohort}, {_quarter(one.counts.quarter)}, and {one.counts.other_cohort} of "
            f"{one.counts.other_number}: {one.sign}"
            for one in self.overlaps
            if one.sign
        ]
        return [*of_files, *of_rates, *of_overlaps]


def reads(person: Person) -> bool:
    """The analysts and officials of BLS who work on what is released; not the Auditor, not the Administrator."""
    return bool(roles_of(person) & READERS)


def statistics(request: DataRequest) -> Statistics:
    """The statistics of the request's match as it stands; nothing in them before the first file is matched."""
    if not may_have_results(request):
        return Statistics([], [], [], [], [])
    results = list(request.match_results.order_by("cohort", "quarter"))
    if not results:
        return Statistics([], [], [], [], [])
    counts = list(MatchCount.objects.filter(request_number=request.number))
    overlaps = CohortOverlap.objects.filter(request_number=request.number)
    judged = [Overlap(one, cohort_signs.of_overlap(one.persons, one.other_persons, one.shared)) for one in overlaps]
    return Statistics(
        files=_files(request, results),
        rates=_rates(counts, _earlier(request)),
        overlaps=sorted(judged, key=lambda one: (not one.sign, -one.counts.shared)),
        searched=sorted({state for result in results for state in result.states}),
        found=sorted({one.state for one in counts if one.records}),
    )


def _files(request: DataRequest, results: list[MatchResult]) -> list[MatchedFile]:
    accepted = request.cohort_files.filter(state=CohortFileState.ACCEPTED)
    rows = {(row.cohort, row.quarter): row for row in accepted}
    found = [(result, rows.get((result.cohort, result.quarter))) for result in results]
    return [
        MatchedFile(
            result.cohort, result.quarter, row.rows, row.rows - row.excluded, result.persons, result.records,
            cohort_signs.of_size(row.rows, result.persons),
        )
        for result, row in found
        if row is not None
    ]  # fmt: skip


def _rates(counts: list[MatchCount], earlier: dict[str, list[float]]) -> list[Rate]:
    plain = [Rate(c.cohort, c.quarter, c.state, c.persons_sent, c.persons_found, c.records) for c in counts]
    by_cohort: dict[tuple[str, str], list[Rate]] = defaultdict(list)
    for one in plain:
        by_cohort[one.cohort, one.state].append(one)

    def sign(one: Rate) -> str:
        others = [
            other.rate for other in by_cohort[one.cohort, one.state] if other is not one and other.rate is not None
        ]
        return "" if one.rate is None else cohort_signs.of_rate(one.rate, others, earlier.get(one.state, []))

    return [Rate(one.cohort, one.quarter, one.state, one.accepted, one.found, one.records, sign(one)) for one in plain]


def _earlier(request: DataRequest) -> dict[str, list[float]]:
    """Searched state -> match rates of the same agency's other requests, the newest of them."""
    others = DataRequest.objects.filter(agency=request.agency_id).exclude(pk=request.pk).order_by("-created_at")
    numbers = list(others.values_list("number", flat=True)[:EARLIER_REQUESTS])
    counts = MatchCount.objects.filter(request_number__in=numbers, persons_sent__gt=0)
    rates: dict[str, list[float]] = defaultdict(list)
    for state, found, sent in counts.values_list("state", "persons_found", "persons_sent"):
        rates[state].append(found / sent)
    return rates


def _quarter(quarter: int) -> str:
    return f"{quarter // 10} Q{quarter % 10}"
