"""Arrow tables of codes and numbers into PostgreSQL by COPY, as text."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db.backends.utils import CursorWrapper


def copy_csv(cursor: CursorWrapper, target: str, table: pa.Table, codes: Collection[str]) -> None:
    """Appends the table's columns, by name, to ``target``. An empty field is null, but in ``codes`` empty text."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    names, not_null = ", ".join(table.column_names), ", ".join(sorted(codes))
    with cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({not_null}))") as copy:
        copy.write(sink.getvalue().to_pybytes())
