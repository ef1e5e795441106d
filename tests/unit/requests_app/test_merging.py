"""Answers of two people are put together without losing any: each answer is one side's, or a clash is told."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.services.form.merging import merge

ANSWER = st.sampled_from([None, "", "a", "b", "c", 1])
CHOICES = st.sampled_from([[], [1], [2], [1, 2], [2, 3], [1, 3, 4], [4]])
SECTION = st.fixed_dictionaries({}, optional={"one": ANSWER, "two": ANSWER, "many": CHOICES})
MERGED: list[tuple[Any, Any, Any, Any]] = [
    ("old", "mine", "old", "mine"),
    ("old", "old", "theirs", "theirs"),
    ("old", "same", "same", "same"),
    ("", "mine", "", "mine"),
    (None, "", "theirs", "theirs"),
    ("old", "old", None, None),
    ("old", "", "old", ""),
    ([1, 2], [1, 2, 3], [2, 4], [2, 4, 3]),
    ([1, 2], [2], [1, 2, 3], [2, 3]),
    ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}),
]
CLASHING: list[tuple[Any, Any, Any]] = [
    ("old", "mine", "theirs"),
    ("", "mine", "theirs"),
    ("old", "", "theirs"),
    ({"a": 1}, {"a": 2}, {"a": 3}),
    ([{"name": "A"}], [{"name": "B"}], [{"name": "C"}]),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "kept"), MERGED)
def test_what_one_side_changed_is_kept(base: Any, mine: Any, theirs: Any, kept: Any) -> None:
    assert merge({"q": base}, {"q": mine}, {"q": theirs}) == ({"q": kept}, [])


@pytest.mark.parametrize(("base", "mine", "theirs"), CLASHING)
def test_what_both_changed_differently_is_told_and_theirs_stays(base: Any, mine: Any, theirs: Any) -> None:
    assert merge({"q": base}, {"q": mine}, {"q": theirs}) == ({"q": theirs}, ["q"])


def test_what_was_not_asked_stays() -> None:
    assert merge({"q": 1}, {}, {"q": 2, "other": 3}) == ({"q": 2, "other": 3}, [])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SECTION, SECTION, SECTION)
def test_no_answer_is_lost(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    kept, clashes = merge(base, mine, theirs)
    for key in ("one", "two"):
        changed = [side[key] for side in (mine, theirs) if key in side and (side[key] or "") != (base.get(key) or "")]
        assert key in clashes or all((kept.get(key) or "") == (answer or "") for answer in changed)
    if "many" in mine and theirs.get("many") and base.get("many") and mine["many"]:
        added = {one for side in (mine, theirs) for one in side["many"] if one not in base["many"]}
        removed = {one for one in base["many"] if one not in mine["many"] or one not in theirs["many"]}
        assert set(kept["many"]) == (set(base["many"]) | added) - removed


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SECTION, SECTION)
def test_alone_everything_typed_is_kept(base: dict[str, Any], mine: dict[str, Any]) -> None:
    kept, clashes = merge(base, mine, base)
    assert clashes == []
    assert all((kept.get(key) or "") == (answer or "") for key, answer in mine.items())
