"""Files of strangers: read within bounds, checked by the parameters, drawn anew."""

import io
import zipfile

import pytest
import xlsxwriter
from PIL import Image

from disclosure.core.outputs import reading
from disclosure.core.outputs.findings import Finding, findings, holds_numbers_of_people
from disclosure.core.outputs.pictures import pictures
from disclosure.core.outputs.reading import Sheet, UnreadableOutput, read_csv, read_xlsx
from disclosure.core.rules.parameters import Parameters
from tests.papers import pdf

RULES = Parameters(min_enterprises=4, min_persons=7, dominance_percent=70)
HEADS = ["County", "Persons", "Employers", "Employed %", "Largest share %"]


def sheet(*rows: list[str], heads: list[str] = HEADS) -> Sheet:
    return Sheet("", [heads, *rows])


def kinds(found: list[Finding]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.kind) for one in found]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["Kent", "7", "4", "43%", "69"], []),
        (["Kent", "6", "4", "43%", "69"], [(2, "Persons", "small_count")]),
        (["Kent", "1,006", "3", "43%", "69"], [(2, "Employers", "small_count")]),
        (["Kent", "0", "0", "43%", "69"], []),  # nobody at all is told by totals anyway; the analyst sees the row
        (["Kent", "70", "40", "100%", "69"], [(2, "Employed %", "all_or_none")]),
        (["Kent", "70", "40", "0", "69"], [(2, "Employed %", "all_or_none")]),
        (["Kent", "70", "40", "1", "70"], [(2, "Employed %", "all_or_none"), (2, "Largest share %", "dominance")]),
        (["Kent", "70", "40", "43", "0.71"], [(2, "Largest share %", "dominance")]),
        (["Kent", "n/a", "", "-", "x"], []),
    ],
)
def test_cells_to_look_at_follow_the_parameters(row: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert kinds(findings([sheet(row)], [], RULES)) == expected


def test_small_differences_to_a_cleared_table_are_found() -> None:
    cleared = sheet(["Kent", "100", "40", "43", "9"], ["Sussex", "100", "40", "43", "9"])
    now = sheet(["Sussex", "103", "40", "43", "9"], ["Kent", "120", "40", "43", "9"])
    assert kinds(findings([now], [cleared], RULES)) == [(2, "Persons", "difference")]
    other = sheet(["Sussex", "103", "40", "43", "9"], heads=["Region", *HEADS[1:]])
    assert findings([other], [cleared], RULES) == []


def test_numbers_of_people_are_seen_in_any_cell() -> None:
    number = "-".join(["9" * 3, "01", "1" * 4])
    assert holds_numbers_of_people([sheet(["Kent", number])])
    assert not holds_numbers_of_people([sheet(["Kent", "1,234,567", "2016-01-31"])])


def workbook(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("By county")
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write(place, column, cell)
        page.write_formula(len(rows), 1, "=SUM(B2:B9)", None, 17)
    return out.getvalue()


def test_workbook_and_csv_read_alike_and_formulas_are_text() -> None:
    rows = [["County", "Persons"], ["Kent", "12"], ["", ""], ["Sussex", "9"]]
    text = "\ufeff" + "\r\n".join(",".join(row) for row in rows)
    assert read_csv(text.encode())[0].rows == [rows[0], rows[1], rows[3]]
    [found] = read_xlsx(workbook(rows))
    assert (found.name, found.rows[:3]) == ("By county", [rows[0], rows[1], rows[3]])
    assert found.rows[3] == ["", "=SUM(B2:B9)"]


def with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr(name, content)
    return out.getvalue()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 broken",
        with_part("xl/worksheets/sheet2.xml", BOMB),
        with_part("xl/worksheets/sheet2.xml", b"<worksheet>"),
        with_part("big", b"0" * (reading.MOST_UNPACKED + 1)),
    ],
)
def test_odd_workbooks_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableOutput, match=r"Save it again|Submit the part"):
        read_xlsx(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"\xff\xfea", "UTF-8"), (b"a\x00b", "not a text file"), (b'"a', "does not end"), (b"a," * 300, "more than")],
)
def test_odd_csv_is_refused_in_words(data: bytes, why: str) -> None:
    if why == "does not end":
        assert read_csv(data)[0].rows == [["a"]]  # a quote that ends with the file is no harm
        return
    with pytest.raises(UnreadableOutput, match=why):
        read_csv(data)


def image(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(out, kind, comment=b"kept by nobody" if kind == "JPEG" else None)
    return out.getvalue()


def test_pages_and_images_are_drawn_anew_without_what_else_they_hold() -> None:
    for data, kind in ((pdf(), "pdf"), (image("PNG"), "png"), (image("JPEG"), "jpg")):
        [drawn] = pictures(data, kind)
        assert drawn.startswith(b"\x89PNG")
        assert b"kept by nobody" not in drawn
    with pytest.raises(UnreadableOutput, match="cannot be drawn"):
        pictures(b"%PDF-1.7 broken", "pdf")
