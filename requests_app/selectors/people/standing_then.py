"""What a person was at a past moment: the dated records as they were known then, one person or a hundred alike.

`standing` asks the database about one person now; this reads everybody's records once and looks at them for any moment.
A role given, an agreement filed or a training accepted later did not count then, even where its date lies before; what
was revoked, ended or withdrawn later still counted. For now both say the same, and a test holds them to it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from requests_app.models import (
    AgentAgreement,
    Event,
    Membership,
    Mou,
    MouCoordinator,
    Person,
    Separation,
    Training,
)
from requests_app.standing import EXCLUDED_EMPLOYMENT, training_ends_on
from requests_app.states import Role

SWITCHES = {"person.disable": False, "person.disable_idle": False, "person.enable": True}
EMPLOYMENT = "person.change_employment"


@dataclass(frozen=True)
class Then:
    """A person at a moment: the records that counted, and what stopped them, in short."""

    active: bool
    memberships: tuple[Membership, ...]
    agreement: AgentAgreement | None
    training: Training | None
    mou: Mou | None
    line: MouCoordinator | None
    separation: Separation | None
    problems: tuple[str, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held."""
        return frozenset(Role(membership.role) for membership in self.memberships)


@dataclass(frozen=True)
class Records:
    """Everything recorded about one person that decides what they may do, at whatever time."""

    person: Person
    switches: tuple[tuple[datetime, bool], ...]
    employments: tuple[tuple[datetime, str], ...]

    def at(self, moment: datetime) -> Then:
        """The person at `moment`."""
        day = timezone.localdate(moment)
        active = next((not on for at, on in self.switches if at > moment), self.person.is_active)
        held = tuple(row for row in self.person.memberships.all() if _held(row, "granted_at", moment, day))
        mous = [row for row in self.person.agency.mous.all() if row.recorded_at <= moment and row.in_force(day)]
        mou = max(mous, key=lambda row: row.effective_on, default=None)
        lines = [row for row in self.person.section_ii_g_lines.all() if row.mou_id == (mou.pk if mou else "")]
        then = Then(
            active=active,
            memberships=held if active else (),
            agreement=next((row for row in self.person.agreements.all() if _agreed(row, moment, day)), None),
            training=_newest(self.person.trainings.all(), moment, day),
            mou=mou,
            line=next((row for row in lines if _listed(row, moment, day)), None),
            separation=_first(self.person.separations.all(), moment, day),
            problems=(),
        )
        return Then(**{**vars(then), "problems": tuple(self._problems(then, moment, day))})

    def _problems(self, then: Then, moment: datetime, day: date) -> list[str]:
        """`standing.acting_problems` of that moment, in short."""
        is_bls = self.person.agency.is_bls
        coordinates = Role.COORDINATOR in then.roles
        stopped = {
            "The account was not active": not then.active,
            "Had left the agency": then.separation is not None,
            "An assignee or detailee": self.employment(moment) in EXCLUDED_EMPLOYMENT,
            "No agreement in force": then.agreement is None,
            "No training in date": then.training is None or day > training_ends_on(then.training.completed_on),
            "The agency had no MOU in force": not is_bls and then.mou is None,
            "Not listed in Section II.G": coordinates and then.mou is not None and then.line is None,
        }
        return [words for words, applies in stopped.items() if applies]

    def employment(self, moment: datetime) -> str:
        """The kind of employment then: what the first change after it changed from, else today's."""
        return next((was for at, was in self.employments if at > moment), self.person.employment)

    def changes(self) -> list[datetime]:
        """The moments at which something recorded here began or ceased to count."""
        person = self.person
        rows: list[Any] = [
            *person.memberships.all(), *person.agreements.all(), *person.trainings.all(), *person.separations.all(),
            *person.section_ii_g_lines.all(), *person.agency.mous.all(),
        ]  # fmt: skip
        names = (
            "granted_at", "ended_at", "filed_at", "revoked_at", "accepted_at", "notified_at", "withdrawn_at",
            "added_at", "recorded_at",
        )  # fmt: skip
        moments = [at for row in rows for name in names if (at := getattr(row, name, None))]
        return moments + [at for at, _ in (*self.switches, *self.employments)]


def _held(row: Any, given: str, moment: datetime, day: date) -> bool:
    """A role, by the last day it has now, or not ended yet as of that moment."""
    lasts = row.ends_on is None or row.ends_on >= day or bool(row.ended_at and row.ended_at > moment)
    return getattr(row, given) <= moment and row.starts_on <= day and lasts


def _listed(row: MouCoordinator, moment: datetime, day: date) -> bool:
    lasts = row.listed_until is None or row.listed_until >= day or bool(row.ended_at and row.ended_at > moment)
    return row.added_at <= moment and row.listed_from <= day and lasts


def _agreed(row: AgentAgreement, moment: datetime, day: date) -> bool:
    signed = row.signed_at is not None and timezone.localdate(row.signed_at) <= day
    filed = row.filed_at is not None and row.filed_at <= moment
    ended = row.ends_on is not None and row.ends_on < day
    return signed and filed and not ended and (row.revoked_at is None or row.revoked_at > moment)


def _newest(rows: Iterable[Training], moment: datetime, day: date) -> Training | None:
    counted = [row for row in rows if row.accepted_at and row.accepted_at <= moment and row.completed_on <= day]
    return max(counted, key=lambda row: row.completed_on, default=None)


def _first(rows: Iterable[Separation], moment: datetime, day: date) -> Separation | None:
    passed = [
        row
        for row in rows
        if row.notified_at <= moment and row.last_day < day and (row.withdrawn_at is None or row.withdrawn_at > moment)
    ]
    return min(passed, key=lambda row: row.last_day, default=None)


def records_of(people: QuerySet[Person]) -> list[Records]:
    """The records of all these people, in a number of queries that does not grow with them."""
    found = list(
        people.select_related("agency").prefetch_related(
            "agency__mous",
            Prefetch("memberships", Membership.objects.select_related("granted_by").order_by("starts_on", "pk")),
            Prefetch("agreements", AgentAgreement.objects.select_related("filed_by").order_by("-filed_at")),
            "trainings",
            "separations",
            Prefetch("section_ii_g_lines", MouCoordinator.objects.select_related("added_by").order_by("listed_from")),
        )
    )
    switches, employments = _switched(found)
    return [Records(person, tuple(switches[person.pk]), tuple(employments[person.pk])) for person in found]


def _switched(
    people: Iterable[Person],
) -> tuple[dict[int, list[tuple[datetime, bool]]], dict[int, list[tuple[datetime, str]]]]:
    """When accounts were disabled and enabled, and what employments changed from: these have no dated record."""
    of_subject = {f"person {person.pk}": person.pk for person in people}
    events = Event.objects.filter(subject__in=of_subject, kind__in=[*SWITCHES, EMPLOYMENT], outcome="done")
    switches, employments = defaultdict(list), defaultdict(list)
    for event in events.order_by("occurred_at", "seq"):
        if event.kind == EMPLOYMENT:
            employments[of_subject[event.subject]].append((event.occurred_at, str(event.detail.get("from", ""))))
        else:
            switches[of_subject[event.subject]].append((event.occurred_at, SWITCHES[event.kind]))
    return switches, employments
