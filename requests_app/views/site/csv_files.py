"""CSV files that are written while they are sent, so that one of any length needs the memory of a few lines."""

import csv
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The line itself."""
        return text


def csv_file(name: str, rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """`rows` as an attachment that no cache keeps."""
    writer = csv.writer(_Line())
    response = StreamingHttpResponse((writer.writerow(row) for row in rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
