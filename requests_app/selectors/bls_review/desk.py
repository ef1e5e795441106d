"""What lies on a reviewer's desk beside the form: claim, statement, checklist, findings, questions, notes, others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from requests_app import bls_review_policies as may
from requests_app.form import SECTIONS
from requests_app.models import (
    Absence,
    Claim,
    DataRequest,
    Decision,
    Finding,
    Person,
    Question,
    ReplyTemplate,
    StaffNote,
)
from requests_app.policies import Denied
from requests_app.request_rows import last_decision, there_is
from requests_app.selectors.bls_review.checklist import Line, checklist, part_of
from requests_app.selectors.bls_review.queue import absence_of
from requests_app.selectors.life.answers import Answer, signed_answers
from requests_app.selectors.life.requests import visible_to
from requests_app.selectors.life.search import TITLE_WORDS

SIMILAR_LOOKED_AT = 200
SIMILAR_SHOWN = 5
EARLIER_SHOWN = 5
WORD = re.compile(r"[^\W_]{4,}")


@dataclass(frozen=True)
class Desk:
    """Everything beside the form, for one reviewer."""

    claim: Claim | None
    away: Absence | None
    is_mine: bool
    cannot_claim: list[str]
    stated_conflict: bool | None
    lines: tuple[Line, ...]
    findings: list[Finding]
    questions: list[Question]
    notes: list[StaffNote]
    earlier: list[DataRequest]
    similar: Sequence[DataRequest]

    @property
    def may_claim(self) -> bool:
        """Nothing stands in the way of claiming it or taking it over."""
        return not self.cannot_claim

    @property
    def open_findings(self) -> list[Finding]:
        """Those that are not settled, in the form's order of sections."""
        order = list(SECTIONS)
        return sorted((one for one in self.findings if not one.settled_at), key=lambda one: order.index(one.section))

    @property
    def answered(self) -> int:
        """How many items of the checklist are done."""
        return sum(line.is_done for line in self.lines)


def desk_of(request: DataRequest, person: Person) -> Desk:
    """The desk; a number of queries that does not grow with the request."""
    held, part, known = may.open_claim(request), part_of(request), there_is(request)
    return Desk(
        claim=held,
        away=absence_of(held.person) if held and held.person_id != person.pk else None,
        is_mine=bool(held and held.person_id == person.pk),
        cannot_claim=_why_not(person, request),
        stated_conflict=may.stated_conflict(person, request),
        lines=checklist(request, part) if part else (),
        findings=list(request.findings.select_related("raised_by", "settled_by")) if known.findings else [],
        questions=_open_questions(request) if known.questions else [],
        notes=list(request.staff_notes.select_related("written_by")[:20]) if known.notes else [],
        earlier=list(earlier_requests(request, person)),
        similar=similar_requests(request, person),
    )


def _open_questions(request: DataRequest) -> list[Question]:
    return list(request.questions.filter(settled_at__isnull=True).select_related("asked_by"))


def _why_not(person: Person, request: DataRequest) -> list[str]:
    try:
        may.check_claim(person, request)
    except Denied as denied:
        return denied.reasons
    return []


def earlier_requests(request: DataRequest, person: Person) -> QuerySet[DataRequest]:
    """The agency's newest other requests."""
    others = visible_to(person).filter(agency=request.agency_id, created_at__lt=request.created_at)
    return others.order_by("-created_at")[:EARLIER_SHOWN]


def similar_requests(request: DataRequest, person: Person) -> Sequence[DataRequest]:
    """Other states' requests whose titles share words with this one's, most words first, then the newest.

    Among the newest that share any word: what is like a request of today is rarely ten years old.
    """
    words = set(map(str.lower, WORD.findall(request.title)))
    if not words:
        return []
    any_word = reduce(or_, (SearchQuery(word, config="english") for word in sorted(words)))
    found = visible_to(person).exclude(agency=request.agency_id).alias(title_words=TITLE_WORDS)
    newest = list(found.filter(title_words=any_word).order_by("-created_at")[:SIMILAR_LOOKED_AT])
    newest.sort(key=lambda other: -len(words & set(map(str.lower, WORD.findall(other.title)))))
    return newest[:SIMILAR_SHOWN]


def changed_answers(request: DataRequest) -> dict[str, dict[str, str]]:
    """What differs between the last two signed forms: by section and question, the answer of before in words."""
    if not there_is(request).signed_twice:
        return {}
    signed = list(request.signed_forms.select_related("request__coordinator").order_by("-number")[:2])
    if len(signed) < 2:
        return {}
    after, before = map(signed_answers, signed)
    changed: dict[str, dict[str, str]] = {}
    for section, rows in after.items():
        was = {row.key: row for row in before.get(section, [])}
        changes = {row.key: _words(was.get(row.key)) for row in rows if row != was.get(row.key)}
        if changes:
            changed[section] = changes
    return changed


def _words(answer: Answer | None) -> str:
    return (answer.value or ", ".join(answer.lines)) if answer else ""


def shared_findings(request: DataRequest) -> dict[str, list[Finding]]:
    """What the state reads: the findings it got with a return, by section's title, the open ones first."""
    found: dict[str, list[Finding]] = {}
    rows = request.findings.filter(shared_at__isnull=False) if there_is(request).findings else ()
    order = list(SECTIONS)
    for one in sorted(rows, key=lambda row: (row.settled_at is not None, order.index(row.section))):
        found.setdefault(SECTIONS[one.section][0], []).append(one)
    return found


def templates() -> QuerySet[ReplyTemplate]:
    """The templates in use, by title."""
    return ReplyTemplate.objects.filter(ended_at__isnull=True)


def last_return(request: DataRequest) -> Decision | None:
    """The newest return, with its reason."""
    return last_decision(request, "return_to_state")
