"""Partners as BLS reads them: all states with what lapses next, and one agency with everything about it.

A list of any size takes the same few queries.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F, QuerySet

from requests_app.fips import STATES
from requests_app.models import (
    Agency,
    AgencyContact,
    DataRequest,
    Event,
    Mou,
    MouCoordinator,
    Person,
    StatementOfAssurance,
)
from requests_app.selectors.audit.history import HistoryLine, words_of
from requests_app.states import ENDED

SOON = timedelta(days=90)
ONE_DAY = timedelta(days=1)
EVENTS_AT_MOST = 100


def about(agency: Agency) -> str:
    """How events name an agency."""
    return f"agency {agency.postal}"


def open_requests_of(person: Person) -> QuerySet[DataRequest]:
    """The requests the person coordinates that have not ended, in the order they are locked in."""
    return DataRequest.objects.filter(coordinator=person).exclude(state__in=ENDED).order_by("pk")


@dataclass(frozen=True)
class Span:
    """A time a person is listed in Section II.G, through MOUs that follow one another without a gap."""

    lines: tuple[MouCoordinator, ...]
    starts_on: date
    ends_on: date

    @property
    def person(self) -> Person:
        """Who is listed."""
        return self.lines[-1].person

    @property
    def first(self) -> MouCoordinator:
        """The line that says who put the person on the list."""
        return self.lines[0]

    @property
    def last(self) -> MouCoordinator:
        """The line that says how it ends, and who stands in."""
        return self.lines[-1]

    @property
    def ends_with_mou(self) -> bool:
        """Nobody named a last day: the MOU's end is the end."""
        return self.last.listed_until is None or self.last.listed_until > self.ends_on

    def holds(self, day: date) -> bool:
        """The person is listed on this day."""
        return self.starts_on <= day <= self.ends_on


def spans(lines: Iterable[MouCoordinator]) -> list[Span]:
    """The lines' days, bounded by their MOUs' days, joined for each person where one follows the other."""
    joined: list[Span] = []
    held = ((max(row.listed_from, row.mou.effective_on), row) for row in lines)
    for start, line in sorted(held, key=lambda one: (one[1].person_id, one[0])):
        end = min(line.listed_until or date.max, line.mou.ends_on)
        before = joined[-1] if joined else None
        if end < start:
            continue
        if before and before.person.pk == line.person_id and start <= before.ends_on + ONE_DAY:
            joined[-1] = Span((*before.lines, line), before.starts_on, max(end, before.ends_on))
        else:
            joined.append(Span((line,), start, end))
    return sorted(joined, key=lambda span: (span.starts_on, span.person.name))


@dataclass(frozen=True)
class PartnerRow:
    """One state on the list. `lapses_on` is the next day after which something no longer holds; `late` has passed."""

    fips: str
    state_name: str
    agency: Agency | None = None
    status: str = "none"
    words: str = "Not a partner yet"
    until: date | None = None
    ended_on: date | None = None
    lapses_on: date | None = None
    lapses: str = ""
    gaps: tuple[str, ...] = ()
    has_statement: bool = False
    coordinators: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """What a partner with an MOU in force lacks, the Statement of Assurance of the year included."""
        return [*self.gaps, *(["Statement of Assurance of the year"] if self.until and not self.has_statement else [])]

    @property
    def urgency(self) -> tuple[int, date, str]:
        """Most urgent first: partners without an MOU, then by what lapses next, then who is no partner."""
        rank = 0 if self.status in {"lapsed", "missing"} else 1 if self.agency else 2
        return rank, self.lapses_on or date.max, self.state_name


SHOWN = {
    "": "All 53 states",
    "partners": "State partners",
    "soon": "Lapsed, or lapsing within 90 days",
    "missing": "Something is missing",
    "none": "Not a partner yet",
}


def partner_rows(today: date, shown: str = "") -> list[PartnerRow]:
    """All states, or those of one kind of `SHOWN`, most urgent first."""
    agencies = {agency.fips: agency for agency in Agency.objects.filter(fips__isnull=False)}
    mous, listed = _grouped(Mou.objects.filter(ends_on__gte=F("effective_on")).order_by("effective_on")), _listed()
    stated = set(StatementOfAssurance.objects.filter(year=today.year).values_list("agency_id", flat=True))
    rows = [
        _row(agency, today, mous[agency.pk], listed[agency.pk], agency.pk in stated)
        if (agency := agencies.get(fips))
        else PartnerRow(fips, name)
        for fips, _, name in STATES
    ]
    wanted = {
        "partners": lambda row: row.agency,
        "soon": lambda row: row.status == "lapsed" or (row.lapses_on and row.lapses_on <= today + SOON),
        "missing": lambda row: row.missing,
        "none": lambda row: row.agency is None,
    }.get(shown, lambda _row: True)
    return sorted(filter(wanted, rows), key=lambda row: row.urgency)


def _grouped(mous: Iterable[Mou]) -> dict[int, list[Mou]]:
    found: dict[int, list[Mou]] = defaultdict(list)
    for mou in mous:
        found[mou.agency_id].append(mou)
    return found


def _listed() -> dict[int, list[Span]]:
    lines: dict[int, list[MouCoordinator]] = defaultdict(list)
    for line in MouCoordinator.objects.select_related("person", "mou"):
        lines[line.mou.agency_id].append(line)
    return defaultdict(list, {agency: spans(found) for agency, found in lines.items()})


def holds_until(mous: Iterable[Mou], today: date) -> date | None:
    """The last day of the MOU in force and of those that follow it without a gap."""
    until = None
    for mou in sorted(mous, key=lambda one: one.effective_on):
        if mou.in_force(today) or (until and mou.effective_on == until + ONE_DAY):
            until = mou.ends_on
    return until


def _row(agency: Agency, today: date, mous: list[Mou], listed: list[Span], has_statement: bool) -> PartnerRow:
    until = holds_until(mous, today)
    now = [span for span in listed if span.holds(today)]
    ends = [(span.ends_on, f"{span.person.name} leaves Section II.G") for span in now if not span.ends_with_mou]
    if until:
        ends.append((until, "The MOU ends"))
    lapses_on, lapses = min(ends) if ends and until else (None, "")
    status, words = _status(mous, until, today)
    ended_on = max((mou.ends_on for mou in mous if mou.ends_on < today), default=None)
    return PartnerRow(
        str(agency.fips),
        agency.state_name,
        agency,
        status,
        words,
        until,
        ended_on if status == "lapsed" else None,
        lapses_on,
        lapses,
        tuple(_gaps(next((mou for mou in mous if mou.in_force(today)), None), now)),
        has_statement,
        tuple(span.person.name for span in now),
    )


def _status(mous: list[Mou], until: date | None, today: date) -> tuple[str, str]:
    if until:
        return ("lapses_soon", "In force, ends soon") if until <= today + SOON else ("active", "In force")
    if any(mou.ends_on < today for mou in mous):
        return "lapsed", "Lapsed"
    return ("pending", "Not in force yet") if mous else ("missing", "No MOU yet")


def _gaps(mou: Mou | None, listed: list[Span]) -> list[str]:
    if mou is None:
        return ["No MOU in force"]
    found = []
    if not listed:
        found.append("Nobody is listed in Section II.G")
    if not mou.security_provisions_attested_on:
        found.append("Section II.F is not attested")
    return found


@dataclass(frozen=True)
class AgencyPage:
    """Everything about one agency, as of a day."""

    agency: Agency
    row: PartnerRow
    current: Mou | None
    coming: list[Mou] = field(default_factory=list)
    earlier: list[Mou] = field(default_factory=list)
    listed: list[Span] = field(default_factory=list)
    to_be_listed: list[Span] = field(default_factory=list)
    once_listed: list[Span] = field(default_factory=list)
    contacts: list[AgencyContact] = field(default_factory=list)
    former_contacts: list[AgencyContact] = field(default_factory=list)
    statements: list[StatementOfAssurance] = field(default_factory=list)
    left_behind: list[tuple[Person, int]] = field(default_factory=list)
    history: list[HistoryLine] = field(default_factory=list)

    @property
    def newest(self) -> Mou | None:
        """The MOU that the next one follows."""
        real = [mou for mou in (self.current, *self.coming, *self.earlier) if mou and mou.ends_on >= mou.effective_on]
        return max(real, key=lambda mou: mou.effective_on, default=None)


def agency_page(agency: Agency, today: date) -> AgencyPage:
    """The agency's MOUs, Section II.G, contacts, statements, and what happened."""
    mous = list(agency.mous.select_related("recorded_by").order_by("-effective_on"))
    real = [mou for mou in mous if mou.ends_on >= mou.effective_on]
    lines = MouCoordinator.objects.filter(mou__agency=agency).select_related(
        "mou", "person", "successor", "added_by", "ended_by"
    )
    found = spans(lines)
    contacts = list(agency.contacts.select_related("added_by", "ended_by").order_by("purpose", "name"))
    statements = list(agency.statements.select_related("recorded_by"))
    has_statement = any(statement.year == today.year for statement in statements)
    until = holds_until(real, today)
    return AgencyPage(
        agency,
        _row(agency, today, real, found, has_statement),
        next((mou for mou in real if mou.in_force(today)), None),
        [mou for mou in real if mou.effective_on > today],
        [mou for mou in mous if mou.ends_on < today or mou.ends_on < mou.effective_on],
        [span for span in found if span.holds(today)],
        [span for span in found if span.starts_on > today],
        [span for span in found if span.ends_on < today],
        [contact for contact in contacts if not contact.ended_at],
        [contact for contact in contacts if contact.ended_at],
        statements,
        _left_behind(agency, {span.person.pk for span in found if span.holds(today)}) if until else [],
        agency_history(agency),
    )


def _left_behind(agency: Agency, listed: set[int]) -> list[tuple[Person, int]]:
    """Who coordinates open requests without being listed today, and how many."""
    counted: dict[Person, int] = defaultdict(int)
    open_ones = DataRequest.objects.filter(agency=agency).exclude(state__in=ENDED).exclude(coordinator__in=listed)
    for request in open_ones.select_related("coordinator").only("coordinator"):
        counted[request.coordinator] += 1
    return sorted(counted.items(), key=lambda one: one[0].name)


def agency_history(agency: Agency) -> list[HistoryLine]:
    """The newest events about the agency, newest first."""
    found = Event.objects.filter(subject=about(agency), outcome="done").order_by("-seq")[:EVENTS_AT_MOST]
    return [HistoryLine(event.occurred_at, event.actor, words_of(event.kind), _said(event)) for event in found]


def _said(event: Event) -> str:
    said = [event.detail.get(key) for key in ("words", "reason")]
    return " ".join([event.request_number, *map(str, filter(None, said))]).strip()
