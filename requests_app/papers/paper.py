"""A paper as data, and the PDF made from it by typst: `paper.typ` is the one layout.

What people typed reaches the layout as data, never as markup, so nothing in it is run.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typst

from requests_app.papers.letters import shown

LAYOUT = Path(__file__).with_name("paper.typ")
CONTENT_TYPE = "application/pdf"


@dataclass(frozen=True)
class Table:
    """A table: its caption, the titles of its columns, and rows of as many cells."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Part:
    """A part under a heading: a sentence, then questions with their answers (each some lines), then a table."""

    title: str
    note: str = ""
    rows: Sequence[tuple[str, Sequence[str]]] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Paper:
    """A whole paper. `title` names the file for programs too; `mark` is said on every page, for instance Draft."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]] = ()
    parts: Sequence[Part] = field(default_factory=tuple)
    mark: str = ""
    footer: str = ""


def pdf_of(paper: Paper) -> bytes:
    """The paper as PDF/UA-1; the same paper gives the same bytes. What no font can show is named (`letters`)."""
    data = json.dumps(asdict(paper), ensure_ascii=False)
    try:
        return _compiled(data)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    return _compiled(shown(data))


def _compiled(data: str) -> bytes:
    made = typst.compile(
        str(LAYOUT),
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        sys_inputs={"paper": data},
    )
    return bytes(made)
