"""The form of a request as a paper, with the history of its decisions, as a reader may read them."""

from requests_app.form import SECTIONS
from requests_app.models import DataRequest, Person
from requests_app.papers.paper import Paper, Part, Table
from requests_app.selectors.audit.history import history
from requests_app.selectors.form.versions import FormVersion
from requests_app.selectors.life.answers import Answer
from requests_app.states import ENDED
from requests_app.templatetags.formats import moment


def form_paper(request: DataRequest, version: FormVersion, reader: Person) -> Paper:
    """Facts, every section with its answers, and what has happened to the request, oldest first."""
    parts = [
        Part(SECTIONS[name][0], rows=[(row.key, _lines(row)) for row in rows]) for name, rows in version.answers.items()
    ]
    lines = [(moment(line.at), line.who, line.words, line.detail) for line in reversed(history(request, reader))]
    table = Table("What happened, oldest first", ("When", "Who", "What", "Said"), lines)
    parts.append(Part("History", table=table) if lines else Part("History", note="Nothing has happened yet."))
    return Paper(
        title=f"Request {request.number}",
        subtitle="Confidential Wage Records Data Request",
        facts=_facts(request, version),
        parts=parts,
        mark="" if version.signed else "Draft, not signed",
        footer=f"{request.number}: {version.words}",
    )


def _facts(request: DataRequest, version: FormVersion) -> list[tuple[str, str]]:
    facts = [
        ("Agency", request.agency.name),
        ("Coordinator", request.coordinator.name),
        ("State of the request", f"{request.status.label}, since {moment(request.state_since)}"),
        ("This form", version.words),
    ]
    if version.signed:
        facts.append(("SHA-256 of the signed answers", version.signed.sha256))
    if request.suspended_reason and request.status not in ENDED:
        facts.append(("Suspended", request.suspended_reason))
    return facts


def _lines(answer: Answer) -> list[str]:
    return [line for line in [answer.value, *answer.lines] if line]
