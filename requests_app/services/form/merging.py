"""Answers of two people who had the same section open, put together answer by answer.

Pure: three dicts of JSON come in (what the page started from, what was typed there, what is kept now), one comes out.
"""

from collections.abc import Mapping
from typing import Any

Answers = Mapping[str, Any]


def merge(base: Answers, mine: Answers, theirs: Answers) -> tuple[dict[str, Any], list[str]]:
    """What is kept from now on, and the answers that both changed differently: those stay as `theirs`.

    An answer that only one side changed is that side's. Of lists of choices each choice counts by itself; a table
    design counts line by line. An answer that `mine` does not name was not asked on that page, and stays.
    """
    kept, clashes = dict(theirs), []
    for key, answer in mine.items():
        found = _one(base.get(key), answer, theirs.get(key))
        if found is CLASH:
            clashes.append(key)
        else:
            kept[key] = found
    return kept, clashes


class _Clash:
    """What no merge can settle."""


CLASH = _Clash()


def _one(base: Any, mine: Any, theirs: Any) -> Any:
    if _same(mine, base):
        return mine if _same(theirs, base) else theirs
    if _same(theirs, base) or _same(mine, theirs):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        kept, clashes = merge(base or {}, mine, theirs)
        return CLASH if clashes else kept
    if _is_choices(mine) and _is_choices(theirs):
        return _choices(base or [], mine, theirs)
    return CLASH


def _same(one: Any, other: Any) -> bool:
    """Not answered is not answered, however it is kept."""
    return bool(one == other) or (_is_empty(one) and _is_empty(other))


def _is_empty(answer: Any) -> bool:
    return answer is None or answer == "" or answer == [] or answer == {}


def _is_choices(answer: Any) -> bool:
    return isinstance(answer, list) and all(isinstance(one, str | int) for one in answer)


def _choices(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """What either side took out is out, what either side put in is in."""
    kept = [one for one in theirs if one in mine or one not in base]
    return kept + [one for one in mine if one not in base and one not in kept]
