"""The workbook for people: one sheet per table and one of notes; no formulas, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from disclosure.core.measures import CATALOGUE
from disclosure.core.package.codebook import COLUMNS, COVERAGE, VALUES, entries
from disclosure.core.package.published_table import PublishedTable
from disclosure.core.package.titles import Titles, titled

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date without a zone, so that the bytes never differ
_SHEET_NAME = 31


def workbook(tables: Sequence[PublishedTable], titles: Titles | None = None) -> bytes:
    """Return the XLSX file, with the titles of codes beside them; texts are written as texts, so that no name in them
    runs as a formula."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": "Aggregated tables", "created": _CREATED})
        bold = book.add_format({"bold": True})
        numbers = [book.add_format({"num_format": f"#,##0{'.' * bool(places)}{'0' * places}"}) for places in range(3)]
        for order, table in enumerate(tables, start=1):
            _table(book.add_worksheet(f"{order} {table.name}"[:_SHEET_NAME]), table, titles, bold, numbers)
        _notes(book.add_worksheet("Notes"), tables, bold)
    return stream.getvalue()


def _table(
    sheet: Worksheet, table: PublishedTable, titles: Titles | None, bold: Format, numbers: Sequence[Format]
) -> None:
    """The header stays in sight, and so do the codes of each row; every column can be filtered."""
    words = {table.dimensions.index(name): of for name, of in (titled(table, titles) if titles else {}).items()}
    named = [f"{table.dimensions[axis]}_title" for axis in words]
    header = (*table.dimensions, *named, *table.measures, "disclosure_code")
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    first = len(table.dimensions) + len(named)
    sheet.freeze_panes(1, len(table.dimensions))
    sheet.set_column(0, len(table.dimensions) - 1, 11)
    sheet.set_column(len(table.dimensions), len(header) - 1, 16)
    if named:
        sheet.set_column(len(table.dimensions), first - 1, 40)
    sheet.autofilter(0, 0, len(table.rows), len(header) - 1)
    formats = [numbers[CATALOGUE[name].decimals] for name in table.measures]
    for row, (codes, values, code) in enumerate(table.rows, start=1):
        for column, text in enumerate((*codes, *(of[codes[axis]] for axis, of in words.items()))):
            sheet.write_string(row, column, text)
        for column, value in enumerate(values, start=first):
            if value is not None:
                sheet.write_number(row, column, value, formats[column - first])
        sheet.write_string(row, first + len(values), code)


def _notes(sheet: Worksheet, tables: Sequence[PublishedTable], bold: Format) -> None:
    lines = [("Coverage", COVERAGE), ("Values", VALUES), *((table.name, table.title) for table in tables)]
    for row, (name, text) in enumerate(lines):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text)
    first = len(lines) + 1
    for row, entry in enumerate((COLUMNS, *entries(tables)), start=first):
        for column, text in enumerate(entry):
            sheet.write_string(row, column, text, bold if row == first else None)
    sheet.freeze_panes(0, 1)
    sheet.set_column(0, len(COLUMNS) - 1, 24)
