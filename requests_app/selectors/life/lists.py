"""The list of requests as a file: one row each, read while it is sent."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from requests_app.models import DataRequest
from requests_app.selectors.life.turns import holder
from requests_app.targets import due_on

HEAD = ("number", "title", "package_type", "requesting_state", "where_it_stands", "who_has_it", "since", "due_on")
AT_ONCE = 2000


def list_rows(found: QuerySet[DataRequest]) -> Iterator[Sequence[str]]:
    """The head, then a row for each request; days as YYYY-MM-DD."""
    yield HEAD
    for row in found.iterator(chunk_size=AT_ONCE):
        due = due_on(row.status, row.state_since)
        yield (
            row.number,
            row.title,
            row.get_kind_display(),
            row.agency.state_name,
            row.status.label,
            holder(row),
            f"{row.state_since:%Y-%m-%d}",
            due.isoformat() if due else "",
        )
