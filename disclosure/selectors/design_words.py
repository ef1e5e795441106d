"""Coarser designs in words, for BLS and for the state alike: they name what a form can change, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from disclosure.core.advice.suggest import Change
from requests_app.wording import AREA_LEVELS, DIMENSIONS, INDUSTRY_LEVELS

LEVELS: Mapping[str, Mapping[str, str]] = {"area": AREA_LEVELS, "industry": INDUSTRY_LEVELS}
PLURAL = {"area": "Areas", "industry": "Industries"}


def in_words(changes: Iterable[Change]) -> str:
    """ "Areas by state instead of county; without ownership"; of two steps of one dimension only the last is said."""
    last: dict[str, tuple[str, str]] = {}
    for change in changes:
        before = last.get(change.what, (change.before, ""))[0]
        last[change.what] = (before, change.after)
    said = "; ".join(_change(what, before, after) for what, (before, after) in last.items())
    return said[:1].upper() + said[1:] if said else "As designed"


def step_in_words(change: Change) -> str:
    """One step to another design: "With ownership", "Without ownership", "Areas by state instead of county"."""
    if not change.before and change.after:
        words = DIMENSIONS.get(change.what, change.what).lower()
        level = f" by {_short(LEVELS[change.what], change.after)}" if change.what in LEVELS else ""
        return f"With {words}{level}"
    return in_words((change,))


def changes_of(kept: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Changes as an answer or a decision keeps them."""
    return [Change(**change) for change in kept]


def _change(what: str, before: str, after: str) -> str:
    if what == "quarters":
        return f"{before} quarters pooled"
    if what == "layout":
        return "dimensions crossed with their totals instead of the layout of QCEW"
    if not after:
        return f"without {DIMENSIONS.get(what, what).lower()}"
    words = LEVELS.get(what, {})
    return f"{PLURAL.get(what, what)} by {_short(words, after)} instead of {_short(words, before)}"


def _short(words: Mapping[str, str], level: str) -> str:
    """ "Sector (2 digits)" reads "sector" in a sentence."""
    return words.get(level, level).split(" (")[0].lower()
