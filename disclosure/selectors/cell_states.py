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
    "history": "Earlier releases: by itself the table could publish it",
}
PROTECTS = "protects_others"
PURPOSE = "disclosure review"

Key = tuple[str, ...]


@dataclass(frozen=True)
class CellState:
    """One withheld cell for the disclosure analyst; `status` is a stored value that templatetags/statuses.py knows.

    `reasons` are words; `rules` the rules by name, to filter by. `protects` are the sensitive cells a complementary
    one is withheld for, the fewest sums away; `published_above` the nearest published cells it is a part of; `needs`
    says how uncertain each measure of a sensitive one has to stay.
    """

    status: str
    reasons: list[str]
    rules: frozenset[str] = frozenset()
    protects: tuple[Key, ...] = ()
    published_above: tuple[Key, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """An opened disclosure record: counts with the final audit's and what earlier releases did, every withheld cell's
    state by its key, and the tables as they would be released."""

    summary: dict[str, Any]
    states: dict[Key, CellState]
    tables: list[dict[str, Any]]

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
    package.workbench.request = package.request  # known here: not to be looked up again
    kept = opened(package.workbench, person)
    summary: dict[str, Any] = {}
    states: dict[Key, CellState] = {}
    for table in kept["tables"].values():
        summary = table["summary"] | {name: table.get(name) for name in ("audit", "outcome", "history")}
        states |= dict(_states(table))
    return Record(summary, states, [table["shown"] for table in kept["tables"].values()])


def rule_in_words(rule: str) -> str:
    """A rule's name as people read it."""
    return RULES.get(rule, rule.capitalize())


def _states(table: dict[str, Any]) -> Iterator[tuple[Key, CellState]]:
    lost = {tuple(map(str, key)) for key in (table.get("history") or {}).get("cells_lost", [])}
    for cell in table["cells"]:
        if cell["status"] != "F":
            key = tuple(map(str, cell["cell"]))
            yield key, _state(cell, table["parameters"], is_lost=key in lost)


def _state(cell: dict[str, Any], parameters: dict[str, Any], *, is_lost: bool) -> CellState:
    found = cell.get("reasons", [])
    protects, above = (tuple(tuple(map(str, key)) for key in cell.get(name, []))
                       for name in ("protects", "published_above"))  # fmt: skip
    reasons = list(_reasons(found, parameters))
    if is_lost:
        reasons.append(RULES["history"])
    if not found:
        reasons.append(_protection(protects, cell.get("sums_away", 0)))
    rules = frozenset({*(one["rule"] for one in found), *(["history"] if is_lost else [])})
    return CellState(STATUS[cell["status"]], reasons, rules, protects, above, tuple(_needs(cell.get("needs", {}))))


def _needs(asked: dict[str, list[int]]) -> Iterator[str]:
    """How far from its value a reader may at best come, by measure; nothing where nothing is asked."""
    for name, (down, up) in asked.items():
        if down or up:
            yield f"{_measure(name)}: at least {down:,} below and {up:,} above"


def _protection(protects: tuple[Key, ...], sums_away: int) -> str:
    """Why a cell is withheld that no rule finds sensitive."""
    if not protects:
        return "Without it a sum of withheld cells could be calculated that is sensitive"
    cells = count_of(len(protects), "sensitive cell")
    if sums_away == 1:
        return f"In a sum with {cells}: without it the rest of that sum would be known"
    return f"Protects {cells} through {sums_away - 1} other withheld cell{'' if sums_away == 2 else 's'}"


def _measure(name: str) -> str:
    return CATALOGUE[name].title if name in CATALOGUE else name


def _reasons(found: list[dict[str, Any]], parameters: dict[str, Any]) -> Iterator[str]:
    """Each rule once, with the measures it found sensitive, what was found and by how much."""
    said: dict[str, list[str]] = {}
    for one in found:
        measure, margin = _measure(one["measure"]).lower(), float(one.get("margin", 0))
        numbers = _found(one["rule"], margin, parameters), _margin(one["rule"], margin)
        words = ": ".join(filter(None, (measure, ", ".join(filter(None, numbers)))))
        said.setdefault(one["rule"], []).extend([words] if words else [])
    for rule, parts in said.items():
        yield f"{rule_in_words(rule)} ({'; '.join(parts)})" if parts else rule_in_words(rule)


def _found(rule: str, margin: float, parameters: dict[str, Any]) -> str:
    """What the rule found in the cell: its margin and its bound together say it."""
    if rule == "few enterprises":
        return count_of(round(margin) - 1 + parameters["min_enterprises"], "enterprise")
    if rule == "few persons":
        return count_of(round(margin) - 1 + parameters["min_persons"], "person")
    if rule == "dominance":
        return f"the largest has {parameters['dominance_percent'] - margin:.1f} %"
    if rule == "largest few":
        return f"the largest {parameters['largest_count']} have {parameters['largest_percent'] - margin:.1f} %"
    if rule == "p percent":
        return f"the others come to {parameters['p_percent'] + margin:.1f} % of the largest"
    return ""


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
            f"{_measure(name)}: {low:,.0f} {_upper(high)}" for name, (low, high) in cell["intervals"].items()
        ]
        for cell in kept["intervals"]
    }


def _upper(value: float | None) -> str:
    return "or more" if value is None else f"to {value:,.0f}"
