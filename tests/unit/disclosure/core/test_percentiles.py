"""Percentiles: enough persons on both sides, rounded."""

import numpy as np
import pytest

from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.percentiles import may_be_shown, rounded

PARAMETERS = Parameters(percentile_persons=5, percentile_rounding=10)


@pytest.mark.parametrize(
    ("persons", "percent", "shown"),
    [(9, 50, False), (10, 50, True), (49, 10, False), (50, 10, True), (50, 90, True), (49, 90, False),
     (19, 25, False), (20, 75, True)],
)  # fmt: skip
def test_percentile_needs_five_persons_on_either_side(persons: int, percent: int, shown: bool) -> None:
    assert bool(may_be_shown(np.array([persons]), percent, PARAMETERS)[0]) == shown


@pytest.mark.parametrize("percent", [0, 100])
def test_extremes_are_no_percentiles(percent: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        may_be_shown(np.array([1000]), percent, PARAMETERS)


def test_percentiles_are_rounded_half_up_to_the_multiple() -> None:
    assert rounded(np.array([0, 4, 5, 14, 15, 12_344]), PARAMETERS).tolist() == [0, 0, 10, 10, 20, 12_340]
    assert rounded(np.array([149, 150]), Parameters(percentile_rounding=100)).tolist() == [100, 200]
