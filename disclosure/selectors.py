"""Opened tables as pages show them: labels, windows of rows, and for analysts the state of each cell in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from disclosure.core.measures import CATALOGUE
from requests_app.models import Package, PartnerReview, Person
from requests_app.services import openings

STATUS_WORDS = {"F": "Published", "P": "Withheld: sensitive by rule", "S": "Withheld to protect another"}
WITHHELD = "N"


@dataclass(frozen=True)
class ShownTable:
    """A table for a page: columns as components/data_table.html wants them, rows in order, and each row's key."""

    title: str
    columns: list[dict[str, str]]
    rows: list[list[Any]]
    keys: list[list[str]]
    withheld: int


def shown_tables(package: Package, person: Person, purpose: str) -> list[ShownTable]:
    """The tables as they would be released, opened by grant for `person`."""
    assert package.tables is not None  # noqa: S101  an aggregated package has them
    opened = b"".join(openings.open_file(package.tables, person=person, purpose=purpose))
    return [_shown(table) for table in json.loads(opened)]


def _shown(table: dict[str, Any]) -> ShownTable:
    columns = [{"label": name.capitalize(), "format": "text"} for name in table["dimensions"]]
    columns += [
        {"label": CATALOGUE[name].title, "format": "count", "unit": CATALOGUE[name].unit} for name in table["measures"]
    ]
    rows = [
        [*codes, *([WITHHELD] * len(values) if code == WITHHELD else values)] for codes, values, code in table["rows"]
    ]
    return ShownTable(
        title=table["title"],
        columns=columns,
        rows=rows,
        keys=[codes for codes, _, _ in table["rows"]],
        withheld=sum(code == WITHHELD for _, _, code in table["rows"]),
    )


@dataclass(frozen=True)
class CellState:
    """One withheld cell for the disclosure analyst: which, why, and what an outsider could still infer."""

    cell: str
    status: str
    reasons: list[str]
    intervals: list[str]


def withheld_cells(package: Package, person: Person) -> tuple[dict[str, Any], list[CellState]]:
    """Audit counts and every withheld cell with its reasons and feasible intervals, opened by grant."""
    assert package.workbench is not None  # noqa: S101  an aggregated package has one
    record = json.loads(b"".join(openings.open_file(package.workbench, person=person, purpose="disclosure review")))
    summary: dict[str, Any] = {}
    cells: list[CellState] = []
    for table in record["tables"].values():
        summary = table["summary"] | {"audit": table["audit"]}
        cells += list(_states(table["cells"]))
    return summary, cells


def _states(cells: list[dict[str, Any]]) -> Iterator[CellState]:
    for cell in cells:
        if cell["status"] == "F":
            continue
        yield CellState(
            cell=" · ".join(map(str, cell["cell"])),
            status=STATUS_WORDS[cell["status"]],
            reasons=[f"{one['rule'].replace('_', ' ')} ({one['measure']})" for one in cell.get("reasons", [])],
            intervals=[
                f"{name}: {low:,.0f} to {_bound(high)}" for name, (low, high) in cell.get("intervals", {}).items()
            ],
        )


def _bound(value: float | None) -> str:
    return "no limit" if value is None else f"{value:,.0f}"


def reviews_waiting(person: Person) -> list[PartnerReview]:
    """The open reviews of the person's agency, soonest due first."""
    return list(
        PartnerReview.objects.filter(
            agency=person.agency,
            verdict=PartnerReview.Verdict.OPEN,
            package__request__state__in=["partner_review", "sharing_review"],
        )
        .select_related("package__request__agency")
        .order_by("due_on")
    )
