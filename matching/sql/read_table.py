"""The answer of a query as an Arrow table, and the limits such queries run under."""

from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection
from django.db.backends.utils import CursorWrapper

from matching.sql.copy_binary import read_text

TIME_LIMIT = "30min"


def set_limits() -> None:
    """For the transaction: no just-in-time compiler, memory for sorts, an end."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '128MB'")
        cursor.execute(f"SET LOCAL statement_timeout = '{TIME_LIMIT}'")


def read_table(cursor: CursorWrapper, query: str, parameters: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """The answer of a query with the columns of `schema`; no value is null."""
    data = read_text(cursor, query, parameters, list(schema.names))
    if not data:
        return schema.empty_table()
    return pa_csv.read_csv(
        pa.py_buffer(data),
        read_options=pa_csv.ReadOptions(column_names=list(schema.names)),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict(zip(schema.names, schema.types, strict=True)), strings_can_be_null=False
        ),
    )
