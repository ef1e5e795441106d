"""CSV files that are written while they are sent, so that one of any length needs the memory of a few lines."""

import csv
from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

FORMULA_BEGINS = "=+-@\t\r"


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The line itself."""
        return text


def _harmless(cell: str) -> str:
    """A spreadsheet reads what begins so as a formula; behind an apostrophe it is text."""
    return f"'{cell}" if cell and cell[0] in FORMULA_BEGINS else cell


def csv_file(name: str, rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """`rows` as an attachment that no cache keeps."""
    writer = csv.writer(_Line())
    lines = (writer.writerow([_harmless(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
