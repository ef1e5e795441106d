"""The approved form as questions and answers: the record of the project that travels in every package."""

from requests_app import form
from requests_app.models import DataRequest
from requests_app.selectors.audit.history import REASON_FOR_STATES
from requests_app.selectors.life.answers import answers_of_section


def answers(request: DataRequest) -> list[tuple[str, str]]:
    """Who asks, every answer by section, and the decisions up to approval; the same request gives the same text.

    The text travels to the state, so it holds the reasons a state may read and none that was given inside BLS.
    """
    saved = {section.name: section.data for section in request.sections.all()}
    pairs = [("Agency", request.agency.name), ("Coordinator", request.coordinator.name)]
    for name, title in form.sections_of(form.read(request).kind).items():
        answered = answers_of_section(name, saved[name]) if name in saved else []
        given = [(one.key, one.value or "; ".join(one.lines)) for one in answered]
        pairs += [(_question(title, key), words) for key, words in given if words]
    for decision in request.decisions.select_related("decided_by").order_by("decided_at", "id"):
        who = decision.decided_by.name if decision.decided_by else "The system"
        reason = decision.reason if f"request.{decision.transition}" in REASON_FOR_STATES else ""
        words = f"{decision.decided_at:%Y-%m-%d %H:%M} UTC, {who}. {reason}".strip()
        pairs.append((f"Decision: {decision.transition.replace('_', ' ')}", words))
        if decision.transition in {"approve", "approve_amendment"}:
            break
    return pairs


def _question(section: str, key: str) -> str:
    return key if key.lower() == section.lower() else f"{section}: {key}"


def of(request: DataRequest) -> str:
    """The same as plain text."""
    lines = ["Confidential Wage Records Data Request", f"Request {request.number}", ""]
    return "\n".join(lines + [line for question, answer in answers(request) for line in (question, f"  {answer}", "")])
