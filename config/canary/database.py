"""Every column of every table as text, from PostgreSQL itself: the files of a database compress, SQL does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]
COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped
  AND (c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
       OR n.nspname = 'pg_catalog' AND c.relname IN ('pg_stats', 'pg_stat_activity', 'pg_prepared_xacts'))
ORDER BY n.nspname, c.relname, a.attnum
"""  # statistics hold values, and the activity view statements
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Column:
    """One column; `kind` is PostgreSQL's name of its type."""

    schema: str
    table: str
    name: str
    kind: str

    @property
    def place(self) -> str:
        """schema.table.column."""
        return f"{self.schema}.{self.table}.{self.name}"

    @property
    def as_text(self) -> sql.Composed:
        """The value as text in which digits stand as digits: bytes with their ASCII kept, a UUID without hyphens."""
        column = sql.Identifier(self.name)
        if self.kind == "bytea":
            return sql.SQL("encode({}, 'escape')").format(column)
        if self.kind == "uuid":
            return sql.SQL("replace({}::text, '-', '')").format(column)
        return sql.SQL("{}::text").format(column)


def tables(connection: Connection) -> dict[tuple[str, str], list[Column]]:
    """(schema, table) -> its columns: every table that is not PostgreSQL's own, and those of its views that tell."""
    found: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, kind in connection.execute(COLUMNS):
        found.setdefault((str(schema), str(table)), []).append(Column(str(schema), str(table), str(name), str(kind)))
    return found


def text_of(connection: Connection, columns: list[Column]) -> Iterator[bytes]:
    """The rows of some columns of one table, tab-separated, in blocks."""
    values = sql.SQL(", ").join(column.as_text for column in columns)
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(values, _table(columns[0]))
    block = bytearray()
    with connection.cursor().copy(query) as copy:
        for row in copy:
            block += row
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    yield bytes(block)


def has_number(connection: Connection, column: Column, numbers: list[int]) -> bool:
    """A four-byte integer column holds one of the numbers; asked of the server, for tables with millions of rows."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} = ANY(%s::integer[]))")
    statement = query.format(_table(column), sql.Identifier(column.name))
    fits = [number for number in numbers if number < 2**31]
    return bool((connection.execute(statement, [fits]).fetchone() or [False])[0])


def values_of(connection: Connection, column: Column) -> Iterator[bytes]:
    """The values of a bytea column as they are."""
    query = sql.SQL("SELECT {name} FROM {table} WHERE {name} IS NOT NULL")
    with connection.cursor(name="values", binary=True) as cursor:
        for (value,) in cursor.execute(query.format(name=sql.Identifier(column.name), table=_table(column))):
            yield cast(bytes, value)


def _table(column: Column) -> sql.Composed:
    return sql.SQL("{}.{}").format(sql.Identifier(column.schema), sql.Identifier(column.table))
