"""The event log as the Auditor reads it."""

from collections.abc import Iterator

from django.db.models import QuerySet

from requests_app.models import Event

HEADER = ["seq", "occurred_at", "kind", "outcome", "actor", "process", "request_number", "subject", "detail", "hash"]
# A spreadsheet runs a cell that starts with one of these.
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def events(request_number: str = "", kind: str = "") -> QuerySet[Event]:
    """The events of a request and kind, newest first; all where these are empty."""
    found = Event.objects.order_by("-seq")
    if request_number:
        found = found.filter(request_number=request_number)
    return found.filter(kind=kind) if kind else found


def rows(found: QuerySet[Event]) -> Iterator[list[str]]:
    """A header and one row for each event, safe to open in a spreadsheet."""
    yield HEADER
    for event in found.iterator(chunk_size=1000):
        yield [_safe(getattr(event, name)) for name in HEADER]


def _safe(value: object) -> str:
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(RUNS_AS_FORMULA) else text
