"""Whole numbers that add up: a total shared by weights, exactly, never below zero, the same for every chunking."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
_RESOLUTION = 1 << 16


def share_out(totals: Integers, weights: NDArray[np.float64], sizes: Integers) -> Integers:
    """Split each total over its run of consecutive weights; every run adds up to its total to the unit.

    totals (m,) >= 0; sizes (m,) > 0 run lengths; weights (sum of sizes,) >= 0, equal shares where a run weighs
    nothing. Rounding is cumulative, so no part is off its exact share by more than one.
    """
    whole = np.rint(weights * _RESOLUTION).astype(np.int64)
    first = np.cumsum(sizes) - sizes
    weighs_nothing = np.add.reduceat(whole, first) == 0 if len(whole) else np.zeros(0, bool)
    whole = np.where(np.repeat(weighs_nothing, sizes), 1, whole)
    running = np.cumsum(whole)
    before = np.repeat(running[first] - whole[first], sizes)
    run_weight = np.repeat(running[first + sizes - 1], sizes) - before
    edges = np.rint(np.repeat(totals, sizes) * ((running - before) / run_weight)).astype(np.int64)
    parts: Integers = np.diff(edges, prepend=0)
    parts[first] = edges[first]
    return parts


def share_evenly(total: int, weights: Integers) -> Integers:
    """Split one total by whole-number weights in exact arithmetic; equal to the weights where they sum to the total."""
    running = np.cumsum(weights)
    overall = int(running[-1])
    edges = (running * total + overall // 2) // overall
    return np.diff(edges, prepend=0)
