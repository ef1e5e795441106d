"""The form as a list of tasks: which sections there are, how far each is, and what submission still needs."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from requests_app import form
from requests_app.models import DataRequest
from requests_app.selectors.life.turns import kind_of


@dataclass(frozen=True)
class Task:
    """One section: its status (a stored-status word), and the sentences that are missing."""

    name: str
    title: str
    status: str
    words: str
    problems: tuple[str, ...]


def tasks(request: DataRequest, today: date) -> list[Task]:
    """The sections of the request's kind in the form's order."""
    gaps = form.missing(request, today)
    saved = {section.name for section in request.sections.all()}
    titles = form.sections_of(kind_of(request) if request.kind else None)
    return [_task(name, title, gaps.get(name, []), name in saved) for name, title in titles.items()]


def _task(name: str, title: str, problems: list[str], saved: bool) -> Task:
    if name == "people":
        return Task(name, title, "optional", "Optional", ())
    if not problems:
        return Task(name, title, "complete", "Complete", ())
    answers = f"{len(problems)} answer{'' if len(problems) == 1 else 's'} missing"
    return Task(
        name, title, "incomplete" if saved else "not_started", answers if saved else "Not started", tuple(problems)
    )


def digest(request: DataRequest) -> str:
    """The SHA-256 of the whole form as saved: a signature names the answers it was put under."""
    answers = {section.name: section.data for section in request.sections.order_by("name")}
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()
