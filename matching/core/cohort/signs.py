"""What is unusual about a matched cohort: signs for BLS to look at before anything is released; they decide nothing.

The bounds are ours. They are for BLS's eyes, like everything about disclosure (the rules that withhold are elsewhere).
"""

from collections.abc import Sequence
from statistics import median

SMALL_COHORT = 100  # persons sent
FEW = 10  # persons: fewer could be told apart
MOSTLY = 0.9  # of the smaller cohort
EARLIER_NEEDED = 8  # earlier rates, before one can be called unusual against them
LEAST_REACH = 0.05
OFF_OWN_QUARTERS = 0.20


def of_size(sent: int, found: int) -> list[str]:
    """Very small cohorts, and cohorts of which very few were found."""
    signs = []
    if sent < SMALL_COHORT:
        signs.append(f"Small: fewer than {SMALL_COHORT} people were sent.")
    if found < FEW:
        signs.append(f"Few found: fewer than {FEW} people have a record.")
    return signs


def of_overlap(persons: int, other_persons: int, shared: int) -> str:
    """What two cohorts that share persons could tell together; empty where that is nothing to look at."""
    if shared == persons == other_persons:
        return "The same people."
    only_here, only_there = persons - shared, other_persons - shared
    if shared >= FEW and min(only_here or FEW, only_there or FEW) < FEW:
        return f"Differs by fewer than {FEW} people: together the two could tell something about them."
    if shared >= MOSTLY * min(persons, other_persons) > 0:
        return "Nearly all people of the smaller one are in both."
    return ""


def usual_range(earlier: Sequence[float]) -> tuple[float, float] | None:
    """The inner fences of earlier match rates (fourths plus one and a half times their distance, at least five points
    apart from the fourths); None while there are too few."""
    if len(earlier) < EARLIER_NEEDED:
        return None
    ordered = sorted(earlier)
    half = (len(ordered) + 1) // 2
    lower, upper = median(ordered[:half]), median(ordered[-half:])
    reach = max(1.5 * (upper - lower), LEAST_REACH)
    return max(lower - reach, 0.0), min(upper + reach, 1.0)


def of_rate(rate: float, others: Sequence[float], earlier: Sequence[float]) -> str:
    """A match rate far from that of the cohort's other quarters, or from those of earlier requests."""
    if others and abs(rate - median(others)) > OFF_OWN_QUARTERS:
        return "Far from the cohort's other quarters: look at the files."
    usual = usual_range(earlier)
    if usual is not None and not usual[0] <= rate <= usual[1]:
        return f"Unusual: earlier requests found {usual[0]:.0%} to {usual[1]:.0%} here."
    return ""
