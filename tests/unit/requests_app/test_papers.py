"""Papers are tagged PDFs with the same bytes for the same data, and what people typed is text, never markup."""

import unicodedata
from io import BytesIO

import pikepdf

from requests_app.papers.letters import SHOWN, shown
from requests_app.papers.paper import Paper, Part, Table, pdf_of

TYPED = '#read("/etc/passwd") *bold* $x$ <b> \\ "quoted" é 🙂'


def paper(rows: int = 3) -> Paper:
    table = Table("Decisions", ["When", "Who", "What"], [["1 May 2026", "Ada", f"Step {n}"] for n in range(rows)])
    parts = [Part("Project", rows=[("Title", [TYPED]), ("Need", [])]), Part("History", "Oldest first.", table=table)]
    return Paper("Request WR-2026-000001", "Confidential", [("Agency", TYPED)], parts, "Draft", "WR-2026-000001")


def text_tags(pdf: pikepdf.Pdf) -> set[str]:
    """The kinds of elements in the structure tree."""
    found: set[str] = set()

    def walk(node: pikepdf.Object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.add(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(pdf.Root.StructTreeRoot.K)
    return found


def test_paper_is_tagged_with_title_and_language() -> None:
    with pikepdf.open(BytesIO(pdf_of(paper()))) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-US"
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Caption"} <= text_tags(pdf)


def test_same_paper_gives_the_same_bytes() -> None:
    assert pdf_of(paper()) == pdf_of(paper())
    assert pdf_of(paper()) != pdf_of(paper(rows=4))


def test_long_tables_go_on_over_pages() -> None:
    with pikepdf.open(BytesIO(pdf_of(paper(rows=200)))) as pdf:
        assert len(pdf.pages) > 3


def test_what_no_font_shows_is_named() -> None:
    assert shown("e\u0301té 🙂 \ue000") == "été (slightly smiling face) (U+E000)"
    every = "".join(chr(code) for first, last in SHOWN for code in range(first, last + 1) if chr(code).isprintable())
    assert shown(every) == unicodedata.normalize("NFC", every)
    pdf_of(Paper(every, every, parts=[Part(every)]))  # every one of them has a picture, or this would be refused
