"""The package of an aggregated release: a ZIP whose bytes depend on nothing but its contents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from disclosure.core.package import titles as code_titles
from disclosure.core.package.codebook import COLUMNS, entries, markdown, statement
from disclosure.core.package.published_table import PublishedTable, Value, publish
from disclosure.core.package.record import record, record_hash
from disclosure.core.package.signature import MANIFEST, SIGNATURE, Sign
from disclosure.core.package.titles import Titles
from disclosure.core.package.workbook import workbook
from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import QcewCells
from disclosure.core.qcew.figures import Figures, annual, of_table
from disclosure.core.qcew.files import annual_csv, quarterly_csv

_EPOCH = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,27}")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ReleaseRefused(Exception):
    """A table may not leave: its final audit is not clean, or is about another pattern."""


@dataclass(frozen=True)
class Table:
    """A table of the package: a file name (lower case, digits, underscores), a title for people, the table itself.

    Of a table in the layout of QCEW changes over the year and location quotients are told as far as published figures
    of `earlier` periods and of the `nation` are given.
    """

    name: str
    title: str
    protected: ProtectedTable
    earlier: Figures | None = None
    nation: Figures | None = None


@dataclass(frozen=True)
class AggregatePackage:
    """The package, its hash, what pages may show of it, and the disclosure record, which stays with BLS."""

    zip: bytes
    sha256: str
    public: tuple[PublishedTable, ...]
    record: bytes
    record_sha256: str

    @property
    def public_rows(self) -> dict[str, list[dict[str, str | Value]]]:
        """Return each table's rows for display on a page."""
        return {table.name: table.records() for table in self.public}


def build(
    tables: Sequence[Table],
    *,
    request: str,
    form: Iterable[tuple[str, str]],
    seal: str,
    sign: Sign | None = None,
    titles: Titles | None = None,
) -> AggregatePackage:
    """Build the package of a request: tables, workbook, codebook, statement, form, manifest.

    `request` is its public id; `form` its questions and answers; `seal` a secret of the request that is kept with the
    record; `sign` signs the manifest; `titles` says what codes are called. Raises ReleaseRefused unless every table's
    audit is clean and about its pattern.
    """
    if len({table.name for table in tables}) < len(tables):
        raise ValueError("each table of a package needs a file name of its own")
    for table in tables:
        _check(table)
    public = tuple(publish(table.name, table.title, table.protected) for table in tables)
    kept = record(request, {table.name: table.protected for table in tables}, seal, {one.name: one for one in public})
    files = _files(public, request, form, titles) | dict(_qcew_files(tables))
    files[MANIFEST] = _manifest(request, files, record_hash(kept), sign)
    data = _zip(files)
    return AggregatePackage(data, hashlib.sha256(data).hexdigest(), public, kept, record_hash(kept))


def _check(table: Table) -> None:
    if not _NAME.fullmatch(table.name):
        raise ValueError("a table's file name is lower-case letters, digits and underscores, at most 28")
    audit, pattern = table.protected.audit, table.protected.pattern
    if not audit.clean:
        raise ReleaseRefused(f"The final audit of {table.name} is not clean.")
    if audit.pattern != pattern.digest:
        raise ReleaseRefused(f"The final audit of {table.name} was made for another pattern.")


def _files(
    tables: Sequence[PublishedTable], request: str, form: Iterable[tuple[str, str]], titles: Titles | None
) -> dict[str, bytes]:
    files = {f"tables/{table.name}.csv": _csv(table.header, _rows(table)) for table in tables}
    files["tables.xlsx"] = workbook(tables, titles)
    if titles is not None:
        files["codes.csv"] = _csv(code_titles.COLUMNS, code_titles.entries(tables, titles))
    files["codebook.csv"] = _csv(COLUMNS, entries(tables))
    files["codebook.md"] = markdown(tables).encode()
    files["disclosure_statement.txt"] = statement(tables).encode()
    files["request_form.txt"] = "\n".join([f"Request {request}", "", *_answers(form)]).encode()
    return files


def _qcew_files(tables: Sequence[Table]) -> Iterator[tuple[str, bytes]]:
    """Yield what a reader of QCEW reads, of tables in its layout: quarters, and years where all four are there."""
    for table in tables:
        if isinstance(table.protected.cells, QcewCells):
            figures = of_table(table.protected)
            yield f"qcew/{table.name}.csv", quarterly_csv(figures, earlier=table.earlier, nation=table.nation)
            years = annual(figures)
            if years.keys:
                before, nation = (annual(one) if one else None for one in (table.earlier, table.nation))
                yield f"qcew/{table.name}_annual.csv", annual_csv(years, earlier=before, nation=nation)


def _answers(form: Iterable[tuple[str, str]]) -> list[str]:
    return [line for question, answer in form for line in (question, f"  {answer}", "")]


def _rows(table: PublishedTable) -> Iterable[tuple[str, ...]]:
    for codes, values, code in table.rows:
        yield (*codes, *("" if value is None else str(value) for value in values), code)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([spreadsheet_safe(text) for text in row] for row in rows)
    return stream.getvalue().encode()


def spreadsheet_safe(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula; a negative number is none."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _manifest(request: str, files: Mapping[str, bytes], record_sha256: str, sign: Sign | None) -> bytes:
    body: dict[str, object] = {
        "request": request,
        "files": {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                  for name, data in files.items()},
        "disclosure_record_sha256": record_sha256,
    }  # fmt: skip
    if sign is not None:
        body[SIGNATURE] = sign(body)
    return json.dumps(body, sort_keys=True, indent=1).encode() + b"\n"


def _zip(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, files[name])
    return stream.getvalue()
