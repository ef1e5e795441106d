"""What the disclosure record says of each cell, in words: its state, why, and what an outsider can still infer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from disclosure.core.measures import CATALOGUE
from requests_app.models import Package, Person
from requests_app.services import openings

STATUS = {"F": "published", "P": "sensitive", "S": "protects_others"}
RULES = {
    "few enterprises": "Too few enterprises",
    "few persons": "Too few persons",
    "dominance": "One enterprise dominates",
    "p percent": "One enterprise could be estimated too closely",
    "largest few": "A few enterprises dominate",
    "all or none": "It says something of everybody in a group",
    "objection": "A state objected",
}
PROTECTS = "Without it a sensitive cell could be calculated"


@dataclass(frozen=True)
class CellState:
    """One cell for the disclosure analyst; `status` is a stored value that templatetags/statuses.py knows."""

    status: str
    reasons: list[str]
    intervals: list[str]


def cell_states(package: Package, person: Person) -> tuple[dict[str, Any], dict[tuple[str, ...], CellState]]:
    """Counts with the final audit's, and every cell's state by its key, opened by grant."""
    assert package.workbench is not None  # noqa: S101  an aggregated package has one
    record = json.loads(b"".join(openings.open_file(package.workbench, person=person, purpose="disclosure review")))
    summary: dict[str, Any] = {}
    states: dict[tuple[str, ...], CellState] = {}
    for table in record["tables"].values():
        summary = table["summary"] | {"audit": table["audit"]}
        states |= dict(_states(table["cells"]))
    return summary, states


def _states(cells: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], CellState]]:
    for cell in cells:
        status = STATUS[cell["status"]]
        reasons = list(_reasons(cell.get("reasons", []))) or ([PROTECTS] if status == "protects_others" else [])
        intervals = [
            f"{CATALOGUE[name].title}: {low:,.0f} {_upper(high)}"
            for name, (low, high) in cell.get("intervals", {}).items()
        ]
        yield tuple(map(str, cell["cell"])), CellState(status, reasons, intervals)


def _reasons(found: list[dict[str, Any]]) -> Iterator[str]:
    """Each rule once, with the measures it found sensitive."""
    measures: dict[str, list[str]] = {}
    for one in found:
        measures.setdefault(one["rule"], []).extend([CATALOGUE[one["measure"]].title] if one["measure"] else [])
    for rule, names in measures.items():
        words = RULES.get(rule, rule.capitalize())
        yield f"{words} ({', '.join(names).lower()})" if names else words


def _upper(value: float | None) -> str:
    return "or more" if value is None else f"to {value:,.0f}"
