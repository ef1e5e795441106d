"""The workbook for people: one sheet per table and one of notes; no formulas, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from disclosure.core.package.codebook import COVERAGE, VALUES, entries
from disclosure.core.package.published_table import PublishedTable

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date without a zone, so that the bytes never differ
_SHEET_NAME = 31


def workbook(tables: Sequence[PublishedTable]) -> bytes:
    """Return the XLSX file; texts are written as texts, so that no name in them runs as a formula."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": "Aggregated tables", "created": _CREATED})
        bold, number = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
        for order, table in enumerate(tables, start=1):
            _table(book.add_worksheet(f"{order} {table.name}"[:_SHEET_NAME]), table, bold, number)
        _notes(book.add_worksheet("Notes"), tables, bold)
    return stream.getvalue()


def _table(sheet: Worksheet, table: PublishedTable, bold: Format, number: Format) -> None:
    for column, name in enumerate(table.header):
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, len(table.dimensions))
    sheet.set_column(0, len(table.header) - 1, 16)
    for row, (codes, values, code) in enumerate(table.rows, start=1):
        for column, text in enumerate(codes):
            sheet.write_string(row, column, text)
        for column, value in enumerate(values, start=len(codes)):
            if value is not None:
                sheet.write_number(row, column, value, number)
        sheet.write_string(row, len(codes) + len(values), code)


def _notes(sheet: Worksheet, tables: Sequence[PublishedTable], bold: Format) -> None:
    lines = [("Coverage", COVERAGE), ("Values", VALUES), *((table.name, table.title) for table in tables)]
    for row, (name, text) in enumerate(lines):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text)
    for row, entry in enumerate((("table", "column", "unit", "definition"), *entries(tables)), start=len(lines) + 1):
        for column, text in enumerate(entry):
            sheet.write_string(row, column, text)
    sheet.set_column(0, 3, 24)
