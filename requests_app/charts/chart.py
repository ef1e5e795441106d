"""One chart as pages show it: a finding, a drawing, and the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Chart:
    """One picture with its finding as title, what it shows, the drawing, and its table of columns and rows.

    `kind` is line, bars, map or flows, and names its template.
    """

    kind: str
    finding: str
    shows: str
    drawing: Any
    columns: Sequence[Mapping[str, str]]
    rows: list[list[Any]]
