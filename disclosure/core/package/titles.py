"""What the codes of a package's tables are called: for the workbook, and as a file that is joined to the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from disclosure.core.package.published_table import PublishedTable
from disclosure.core.tabulation.hierarchy import TOTAL

Titles = Callable[[str, str], str]  # the title of a code of a dimension; the code itself where it has none
COLUMNS = ("table", "column", "code", "title")
NO_SIZE = "Without a size class"
_PLAIN = frozenset({"quarter"})  # 20161 needs no words


def code_title(titles: Titles, dimension: str, code: str, *, crossed: bool) -> str:
    """Return a code's title; size class 0 is all sizes in the layout of QCEW, and no class in a crossed table."""
    return NO_SIZE if crossed and (dimension, code) == ("size", "0") else titles(dimension, code)


def is_crossed(keys: Sequence[Sequence[str]]) -> bool:
    """Return whether rows with these codes are of crossed dimensions, which have a total."""
    return any(TOTAL in codes for codes in keys)


def titled(table: PublishedTable, titles: Titles) -> dict[str, dict[str, str]]:
    """Return the titles of the codes of each dimension that has any, in the order of the table."""
    crossed = is_crossed([codes for codes, _, _ in table.rows])
    found = {
        name: {code: code_title(titles, name, code, crossed=crossed)
               for code in dict.fromkeys(codes[axis] for codes, _, _ in table.rows)}
        for axis, name in enumerate(table.dimensions)
        if name not in _PLAIN
    }  # fmt: skip
    return {name: words for name, words in found.items() if any(code != one for code, one in words.items())}


def entries(tables: Sequence[PublishedTable], titles: Titles) -> list[tuple[str, str, str, str]]:
    """Return one entry per table, column and code."""
    return [
        (table.name, name, code, words)
        for table in tables
        for name, of in titled(table, titles).items()
        for code, words in of.items()
    ]
