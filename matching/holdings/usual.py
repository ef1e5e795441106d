"""What is usual: how much a figure of a state changes from quarter to quarter, by the resistant rule.

Changes beyond the fourths by more than K times their spread are outside the usual: Hoaglin, Iglewicz and Tukey,
"Performance of Some Resistant Rules for Outlier Labeling", Journal of the American Statistical Association 81 (1986).
Counts and dollars are compared as ratios, shares as differences. With fewer than `ENOUGH` changes nothing is said, and
a change under half a percent, or half a point of a share, is always usual.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matching.holdings.figures import Figure, Value
from matching.loads.register import quarter_after
from matching.models import Holding, LoadQuality, Status

ENOUGH = 8
K = 1.5
ALWAYS_USUAL = 0.005


@dataclass(frozen=True)
class Usual:
    """The least and greatest change that is usual: as log ratio, or as difference of shares."""

    least: float
    greatest: float

    def holds(self, change: float) -> bool:
        """The change is usual."""
        return self.least <= change <= self.greatest


def qualities_in_use(state: str, kind: str) -> list[LoadQuality]:
    """The quality of the loads of a state and kind that are in use, by quarter."""
    in_use = Holding.objects.filter(state=state, kind=kind, status=Status.VISIBLE).values("load_id")
    return list(LoadQuality.objects.filter(load_id__in=in_use).order_by("quarter"))


def usual(figure: Figure, held: Sequence[LoadQuality]) -> Usual | None:
    """The usual change of a figure over the quarters held one after the other; None where too few are held."""
    changes = [one for one in _changes(figure, held) if one is not None]
    if len(changes) < ENOUGH:
        return None
    lower, upper = np.quantile(changes, [0.25, 0.75])
    spread = upper - lower
    least, greatest = lower - K * spread, upper + K * spread
    return Usual(min(float(least), -ALWAYS_USUAL), max(float(greatest), ALWAYS_USUAL))


def _changes(figure: Figure, held: Sequence[LoadQuality]) -> Iterable[float | None]:
    for before, after in pairwise(held):
        if quarter_after(before.quarter) == after.quarter:
            yield change(figure, figure.value(before), figure.value(after))


def change(figure: Figure, before: Value, after: Value) -> float | None:
    """From one value to another: the log of the ratio, of a share the difference; None where there is none."""
    if before is None or after is None:
        return None
    if figure.format == "percent":
        return float(after - before)
    return math.log(after / before) if before > 0 and after > 0 else None
