"""The design's table of rights, and what PostgreSQL's catalogue says is there; for the tests of rights."""

import re
from typing import Any, LiteralString

import psycopg

from requests_app.database_rules import ROLES

Row = tuple[Any, ...]

# security.md, "The boundary, in one picture", as it stands there.
TABLE = """
| schema (owner: wr_owner, which migrates and runs nothing) | wr_web | wr_worker | wr_loader |
|---|---|---|---|
| workflow, people, notices | read, write | read, write | none |
| events | insert, read | insert, read | insert |
| holdings, load quality, match and disclosure *summaries that pages may show* | read | write | write |
| wages: records, units, employer summary, segments' registry | none | read | read, write |
| person vault | none | read | read, insert, update |
| ledger, unprotected tables' registry | none | read, write | none |
"""
SCHEMA_OF_LINE = {
    "workflow": "workflow", "events": "events", "holdings": "summaries", "wages:": "wages", "person": "vault",
    "ledger,": "ledger",
}  # fmt: skip
WORDS = {
    "none": set(),
    "read": {"SELECT"},
    "insert": {"INSERT"},
    "update": {"UPDATE"},
    "write": {"SELECT", "INSERT", "UPDATE", "DELETE"},  # whoever writes rows finds them first
}
TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
# These exist in every PostgreSQL database and are not the application's.
SYSTEM_SCHEMAS = ("pg_catalog", "information_schema", "pg_toast")


def expected_rights() -> dict[tuple[str, str], set[str]]:
    """(schema, role) -> rights on its tables, read from the table above."""
    rights = {}
    for line in TABLE.strip().splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        schema = next(
            name for begin, name in SCHEMA_OF_LINE.items() if re.split(r"[ ]", f"{cells[0]} ")[0].startswith(begin)
        )
        for role, words in zip(ROLES, cells[1:], strict=True):
            rights[schema, role] = set().union(*(WORDS[word.strip()] for word in words.split(",")))
    return rights


EXPECTED = expected_rights()


def rows(superuser: psycopg.Connection[Row], query: LiteralString, *values: object) -> list[Row]:
    return superuser.execute(query, values).fetchall()


def tables(superuser: psycopg.Connection[Row], *schemas: str) -> list[Row]:
    """(oid, schema, name) of every table, view and the like."""
    query = """SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> ALL(%s) ORDER BY 2, 3"""
    found = rows(superuser, query, list(SYSTEM_SCHEMAS))
    return [row for row in found if row[1] in schemas] if schemas else found
