"""One value of a chart. Withheld, not available and zero are three different things in a picture too."""

from __future__ import annotations

from dataclasses import dataclass

WITHHELD, UNAVAILABLE = "N", "\N{EN DASH}"


@dataclass(frozen=True)
class Figure:
    """A published value, or none with the mark that stands in its place: withheld, or not available."""

    value: float | None
    mark: str = ""

    @classmethod
    def unavailable(cls) -> Figure:
        """Return the figure of a cell that the table does not have."""
        return cls(None, UNAVAILABLE)

    @classmethod
    def of(cls, value: float | None, code: str) -> Figure:
        """Read one cell of a table as released: its value and disclosure code."""
        if code == WITHHELD:
            return cls(None, WITHHELD)
        return cls(None, UNAVAILABLE) if value is None else cls(value)
