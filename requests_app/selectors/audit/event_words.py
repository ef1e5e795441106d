"""An event's detail in words: what the log keeps as keys and codes, as an auditor reads it."""

from collections.abc import Iterable, Mapping
from typing import Any

from requests_app.models import Event, Person
from requests_app.selectors.life.answers import Answer
from requests_app.states import Role, State

KEYS = {
    "from": "Moved from",
    "to": "Moved to",
    "reasons": "Reasons",
    "reason": "Reason given",
    "sha256": "SHA-256 of the package",
    "sealed_sha256": "SHA-256 as encrypted",
    "package_sha256": "SHA-256 of the package looked at",
    "form_sha256": "SHA-256 of the form signed",
    "head": "Hash of the last event",
    "count": "Events that hold",
    "anchors": "Anchors compared",
    "anchored": "Head anchored",
    "address": "Network address",
    "states": "States whose data it holds",
    "states_searched": "States searched",
    "method": "Method",
}
PERSON = "person "


def detail_of(event: Event, names: Mapping[str, str]) -> list[Answer]:
    """Everything an event says, as rows of words; `names` are people by subject."""
    subject = f"{names[event.subject]} ({event.subject})" if event.subject in names else event.subject
    facts = [
        Answer("Kind", event.kind),
        *([Answer("Subject", subject)] if event.subject else []),
        Answer("Recorded by the process", event.process),
    ]
    facts += [_answer(key, value) for key, value in sorted(event.detail.items())]
    return [*facts, Answer("Hash of the event before", event.previous_hash), Answer("Hash of this event", event.hash)]


def _answer(key: str, value: Any) -> Answer:
    title = KEYS.get(key) or key.replace("_", " ").capitalize()
    if isinstance(value, list):
        return Answer(title, "" if value else "None", [words_of_value(key, item) for item in value])
    return Answer(title, words_of_value(key, value))


def words_of_value(key: str, value: Any) -> str:
    """One value: states of a request and roles by their titles, yes and no, days and numbers as they are."""
    if value is None or value == "":
        return "None"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {words_of_value(name, item)}" for name, item in value.items())
    if key in {"from", "to"} and value in State.__members__.values():
        return State(value).label
    if key == "role" and value in Role.__members__.values():
        return Role(value).label
    return f"{value:,}" if isinstance(value, int) else str(value)


def who_is(subjects: Iterable[str]) -> dict[str, str]:
    """`person 12` -> the name of that person, in one query; subjects that are no persons are left out."""
    numbers = [int(text.removeprefix(PERSON)) for text in subjects if text.removeprefix(PERSON).isdigit()]
    found = Person.objects.filter(pk__in=numbers).values_list("pk", "name")
    return {f"{PERSON}{pk}": name for pk, name in found}
