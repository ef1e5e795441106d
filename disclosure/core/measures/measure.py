"""What the catalogue says of a measure, and the kinds of rows it can be counted from."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.core.measures.formulas import Change, Formula, Quantile, Ratio

# The kinds of contributions a table is made from, cheapest first:
# employers: kept sums per employer's unit; jobs: the same with what needs every job and the quarters around;
# moves: persons who change their main job; persons: people followed, one row per person and quarter;
# establishments: as reported; dynamics: establishments compared with the quarter before.
ROWS = ("employers", "jobs", "moves", "persons", "establishments", "dynamics")
SOURCE_OF = {
    "employers": "wage_records", "jobs": "wage_records", "moves": "wage_records", "persons": "wage_records",
    "establishments": "establishments", "dynamics": "establishments",
}  # fmt: skip
UNIVERSE_ROWS = ("employers", "jobs", "moves", "establishments", "dynamics")
PEOPLE_ROWS = ("persons",)


@dataclass(frozen=True)
class Measure:
    """One measure in the reader's words, with its formula.

    `population` says who or what is counted; `rows` the kinds of contributions it can be made from; `formula_text` the
    formula as people read it; `known_as` the field's own name for it (LEHD, QCEW, BED, WIOA); a value is in units of
    the last of its `decimals`. A `stock` is counted at a time: of quarters pooled it is the mean, all else the sum.
    """

    name: str
    title: str
    definition: str
    unit: str
    population: str
    rows: tuple[str, ...]
    formula: Formula
    formula_text: str
    known_as: str = ""
    decimals: int = 0
    stock: bool = False

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the additive columns it is made of."""
        return tuple(dict.fromkeys(self.formula.bases))

    @property
    def sources(self) -> frozenset[str]:
        """Return which of wage records and establishments it can be made from."""
        return frozenset(SOURCE_OF[rows] for rows in self.rows)

    @property
    def protected_by(self) -> str:
        """Return, in words, the counts that protect it."""
        if isinstance(self.formula, Quantile):
            counted = "persons" if self.rows == ("persons",) else "jobs"
            return f"enterprises; {counted} below and above it"
        who = "enterprises and their largest contributions"
        return f"{who}, persons" if "persons" in self.rows else who

    @property
    def in_dollars(self) -> bool:
        """Return whether it is dollars, or compares dollars of several quarters."""
        return self.formula.dollars if isinstance(self.formula, Change) else self.unit == "dollars"

    @property
    def is_share(self) -> bool:
        """Return whether it is a share of its base in percent, so that 0 and 100 say something of everyone."""
        return isinstance(self.formula, Ratio) and self.unit == "percent" and not self.formula.less
