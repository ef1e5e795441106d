"""The form as a list of tasks: which sections there are, how far each is, and what submission still needs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from requests_app import form
from requests_app.form_needs import Need, missing
from requests_app.models import DataRequest
from requests_app.request_rows import sections
from requests_app.selectors.life.turns import kind_of
from requests_app.templatetags import formats


@dataclass(frozen=True)
class Task:
    """One section: its status (a stored-status word), and what it still needs."""

    name: str
    title: str
    status: str
    words: str
    needs: tuple[Need, ...]

    @property
    def problems(self) -> list[str]:
        """The sentences alone."""
        return [need.sentence for need in self.needs]


def tasks(request: DataRequest, today: date) -> list[Task]:
    """The sections of the request's kind in the form's order."""
    gaps = missing(request, today)
    saved = {section.name for section in sections(request)}
    titles = form.sections_of(kind_of(request) if request.kind else None)
    return [_task(name, title, gaps.get(name, []), name in saved) for name, title in titles.items()]


def _task(name: str, title: str, needs: list[Need], saved: bool) -> Task:
    if name == "people":
        return Task(name, title, "optional", "Optional", ())
    if not needs:
        return Task(name, title, "complete", "Complete", ())
    status, words = (
        ("incomplete", formats.count_of(len(needs), "answer") + " missing") if saved else ("not_started", "Not started")
    )
    return Task(name, title, status, words, tuple(needs))


def digest(request: DataRequest) -> str:
    """The SHA-256 of the whole form as saved: a signature names the answers it was put under."""
    answers = {section.name: section.data for section in sections(request)}
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()
