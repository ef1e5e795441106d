"""Business Employment Dynamics worked by hand, and its identity: gains less losses are the net change."""

import numpy as np
import pytest

from matching.core.tabulation.dynamics import Establishments, dynamics, linked


def quarter(rows: dict[str, tuple[int, str, str]]) -> Establishments:
    """Key -> third-month employment, predecessor, successor."""
    employment, predecessor, successor = zip(*rows.values(), strict=True)
    texts = (np.array(column, dtype="S15") for column in (list(rows), predecessor, successor))
    key, before, after = texts
    return Establishments(key, before, after, np.array(employment, np.int64))


BEFORE = quarter({
    "A": (10, "", ""), "B": (10, "", ""), "C": (10, "", ""), "D": (0, "", ""), "E": (8, "", ""), "F": (6, "", "G"),
    "Z": (0, "", ""),
})  # fmt: skip
NOW = quarter({
    "A": (14, "", ""),  # expands by 4
    "B": (7, "", ""),  # contracts by 3
    "C": (0, "", ""),  # closes: 10
    "D": (5, "", ""),  # opens after a quarter without employment: 5
    "N": (3, "", ""),  # opens: 3
    "H": (9, "E", ""),  # follows E: expands by 1
    "G": (6, "", ""),  # F names it as its successor: no change
    "Z": (0, "", ""),
})  # fmt: skip


def test_each_kind_of_change_is_what_bls_defines() -> None:
    found = dynamics(linked(NOW, BEFORE), NOW, BEFORE)
    assert {name: int(column.sum()) for name, column in found.items()} == {
        "openings": 8, "expansions": 5, "closings": 10, "contractions": 3, "employment_before": 44,
        "employment_after": 44,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_gains_less_losses_are_the_net_change(seed: int) -> None:
    draw = np.random.default_rng(seed)
    names = [f"E{number}" for number in range(60)]

    def some() -> Establishments:
        kept = sorted(draw.choice(names, 45, replace=False))
        return quarter({name: (int(draw.integers(0, 9)), str(draw.choice(["", *names], p=[0.7, *[0.3 / 60] * 60])),
                               "") for name in kept})  # fmt: skip

    before, now = some(), some()
    found = {name: int(column.sum()) for name, column in dynamics(linked(now, before), now, before).items()}
    net = found["openings"] + found["expansions"] - found["closings"] - found["contractions"]
    assert net == now.employment.sum() - before.employment.sum()
    assert (found["employment_after"], found["employment_before"]) == (now.employment.sum(), before.employment.sum())
