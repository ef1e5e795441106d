"""The one set of disclosure parameters. BLS eyes only: whoever knows them can narrow what protection leaves open."""

from __future__ import annotations

from dataclasses import asdict, dataclass

_PERCENTAGES = ("dominance_percent", "p_percent", "largest_percent", "floor_percent")
_COUNTS = ("min_enterprises", "coalition", "min_persons", "largest_count", "percentile_persons", "percentile_rounding")


@dataclass(frozen=True)
class Parameters:
    """What the rules ask. The repository's defaults are examples; production refuses them.

    `coalition` is the number of enterprises that may pool what they know about themselves. The largest
    `largest_count` enterprises must hold less than `largest_percent` of a cell, the (n, k) rule, where both are given.
    None switches the dominance or the p percent rule off. A percentile needs `percentile_persons` persons on either
    side and is rounded to a multiple of `percentile_rounding`. The two exemptions speak of tables in the layout of
    QCEW only: federal establishments (ownership 1) and unclassified ones (NAICS 99).
    """

    min_enterprises: int = 3
    dominance_percent: int | None = 80
    p_percent: int | None = 10
    largest_count: int | None = None
    largest_percent: int | None = None
    coalition: int = 1
    min_persons: int = 10
    floor_percent: int = 2
    percentile_persons: int = 5
    percentile_rounding: int = 10
    exempt_federal: bool = True
    exempt_unclassified: bool = True

    def __post_init__(self) -> None:
        for name in _PERCENTAGES:
            if (percent := getattr(self, name)) is not None and not 0 < percent <= 100:
                raise ValueError(f"{name} is a percentage above 0 and up to 100")
        if any(count is not None and count < 1 for count in (getattr(self, name) for name in _COUNTS)):
            raise ValueError("counts of enterprises, persons and coalition members are at least 1, roundings too")
        if (self.largest_count is None) != (self.largest_percent is None):
            raise ValueError("the (n, k) rule needs both largest_count and largest_percent")

    def as_dict(self) -> dict[str, int | None]:
        """Return the parameters as the disclosure record keeps them."""
        return asdict(self)
