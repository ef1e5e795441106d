"""What the disclosure record says of each cell, in words: its state, why, what it protects. For analysts only."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from disclosure.core.measures import CATALOGUE
from requests_app.models import Package, Person, SealedFile
from requests_app.services.event_log import openings
from requests_app.templatetags.formats import count_of

STATUS = {"F": "published", "P": "sensitive", "S": "protects_others"}
RULES = {
    "few enterprises": "Too few enterprises",
    "few persons": "Too few persons",
    "dominance": "One enterprise dominates",
    "p percent": "One enterprise could be estimated too closely",
    "largest few": "A few enterprises dominate",
    "all or none": "It says something of everybody in a group",
    "objection": "Objected to by a state, or withheld before",
    "earlier release": "Few persons apart from an earlier release",
}
PROTECTS = "protects_others"
PURPOSE = "disclosure review"

Key = tuple[str, ...]


@dataclass(frozen=True)
class CellState:
    """One withheld cell for the disclosure analyst; `status` is a stored value that templatetags/statuses.py knows.

    `reasons` are words; `rules` the rules by name, to filter by. `protects` are the sensitive cells a complementary
    one is withheld for, the fewest sums away; `published_above` the nearest published cells it is a part of.
    """

    status: str
    reasons: list[str]
    rules: frozenset[str] = frozenset()
    protects: tuple[Key, ...] = ()
    published_above: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Record:
    """An opened disclosure record: counts with the final audit's, and every withheld cell's state by its key."""

    summary: dict[str, Any]
    states: dict[Key, CellState]

    @property
    def rules(self) -> dict[str, str]:
        """The rules that made a cell of it sensitive, in words."""
        found = sorted({rule for state in self.states.values() for rule in state.rules})
        return {rule: rule_in_words(rule) for rule in found}


def opened(file: SealedFile, person: Person, purpose: str = PURPOSE) -> Any:
    """What a sealed JSON file says, opened by grant: an event each time."""
    return json.loads(b"".join(openings.open_file(file, person=person, purpose=purpose)))


def disclosure_record(package: Package, person: Person) -> Record:
    """The record of a package, opened by grant."""
    assert package.workbench is not None  # noqa: S101  an aggregated package has one
    kept = opened(package.workbench, person)
    summary: dict[str, Any] = {}
    states: dict[Key, CellState] = {}
    for table in kept["tables"].values():
        summary = table["summary"] | {"audit": table["audit"], "outcome": table.get("outcome")}
        states |= dict(_states(table["cells"]))
    return Record(summary, states)


def rule_in_words(rule: str) -> str:
    """A rule's name as people read it."""
    return RULES.get(rule, rule.capitalize())


def _states(cells: list[dict[str, Any]]) -> Iterator[tuple[Key, CellState]]:
    for cell in cells:
        status = STATUS[cell["status"]]
        if status == "published":
            continue
        found = cell.get("reasons", [])
        protects = tuple(tuple(map(str, key)) for key in cell.get("protects", []))
        reasons = list(_reasons(found)) if found else [_protection(protects, cell.get("sums_away", 0))]
        above = tuple(tuple(map(str, key)) for key in cell.get("published_above", []))
        rules = frozenset(one["rule"] for one in found)
        yield tuple(map(str, cell["cell"])), CellState(status, reasons, rules, protects, above)


def _protection(protects: tuple[Key, ...], sums_away: int) -> str:
    """Why a cell is withheld that no rule finds sensitive."""
    if not protects:
        return "Without it a sum of withheld cells could be calculated that is sensitive"
    cells = count_of(len(protects), "sensitive cell")
    if sums_away == 1:
        return f"In a sum with {cells}: without it the rest of that sum would be known"
    return f"Protects {cells} through {sums_away - 1} other withheld cell{'' if sums_away == 2 else 's'}"


def _reasons(found: list[dict[str, Any]]) -> Iterator[str]:
    """Each rule once, with the measures it found sensitive and by how much."""
    said: dict[str, list[str]] = {}
    for one in found:
        measure = CATALOGUE[one["measure"]].title.lower() if one["measure"] in CATALOGUE else one["measure"]
        words = ", ".join(filter(None, (measure, _margin(one["rule"], float(one.get("margin", 0))))))
        said.setdefault(one["rule"], []).extend([words] if words else [])
    for rule, parts in said.items():
        yield f"{rule_in_words(rule)} ({'; '.join(parts)})" if parts else rule_in_words(rule)


def _margin(rule: str, margin: float) -> str:
    """How far a cell is beyond a rule's bound: margins are in the rule's own unit, zero or less is sensitive."""
    if rule in {"few enterprises", "few persons"}:
        return f"{1 - margin:.0f} short of the minimum"
    if rule in {"dominance", "largest few"}:
        return f"{-margin:.1f} points above the bound"
    return f"{-margin:.1f} points below the bound" if rule == "p percent" else ""


def intervals_in_words(kept: dict[str, Any]) -> dict[Key, list[str]]:
    """What each withheld cell may be as far as a reader of the published ones can tell, by its key."""
    return {
        tuple(map(str, cell["cell"])): [
            f"{CATALOGUE[name].title}: {low:,.0f} {_upper(high)}" for name, (low, high) in cell["intervals"].items()
        ]
        for cell in kept["intervals"]
    }


def _upper(value: float | None) -> str:
    return "or more" if value is None else f"to {value:,.0f}"
