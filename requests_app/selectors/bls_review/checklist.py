"""How far a review's checklist is: the newest answer to each item, and whether its section changed since."""

import hashlib
from dataclasses import dataclass

from requests_app import form
from requests_app.models import ChecklistAnswer, DataRequest
from requests_app.reading import once_a_reading
from requests_app.request_rows import agents, last_decision, sections
from requests_app.review_checklist import Item, Part, items_of
from requests_app.states import Kind, State

PARTS = {State.IN_REVIEW: Part.REVIEW, State.RECOMMENDED: Part.DECISION}


@dataclass(frozen=True)
class Line:
    """One item with its newest answer; `stale` where the section changed after it."""

    item: Item
    answer: ChecklistAnswer | None
    stale: bool

    @property
    def is_done(self) -> bool:
        """Answered about the section as it is, and not with no."""
        return self.answer is not None and not self.stale and self.answer.answer != ChecklistAnswer.Answer.NO

    def says(self, answer: str) -> bool:
        """This answer stands already, about the section as it is."""
        return self.answer is not None and not self.stale and self.answer.answer == answer


def part_of(request: DataRequest) -> Part | None:
    """The part of the review whose checklist is open now."""
    return PARTS.get(request.status)


def marks_of(request: DataRequest) -> dict[str, str]:
    """For each section of the form a mark that changes when the section does."""
    versions = {row.name: f"v{row.version}" for row in sections(request)}
    named = ",".join(map(str, sorted(row.person_id for row in agents(request))))
    versions["people"] = hashlib.sha256(named.encode()).hexdigest()
    return {name: versions.get(name, "v0") for name in form.SECTIONS}


def newest_answers(request: DataRequest) -> dict[str, ChecklistAnswer]:
    """The newest answer to each item that was ever answered."""
    return {answer.item: answer for answer in request.checklist_answers.select_related("answered_by")}


@once_a_reading
def checklist(request: DataRequest, part: Part) -> tuple[Line, ...]:
    """Every item of the part, with its newest answer. A decision's answers count from the last recommendation on."""
    answers, marks = newest_answers(request), marks_of(request)
    since = None
    if part is Part.DECISION:
        last = last_decision(request, "recommend")
        since = last.decided_at if last else None
    lines = []
    for item in items_of(part, Kind(request.kind)):
        given = answers.get(item.name)
        if given and since and given.answered_at < since:
            given = None
        lines.append(Line(item, given, given is not None and given.mark != marks[item.section]))
    return tuple(lines)


def open_items(request: DataRequest, part: Part) -> list[Item]:
    """The items that stand in the way: not answered, answered with no, or of a section that changed since."""
    return [line.item for line in checklist(request, part) if not line.is_done]
