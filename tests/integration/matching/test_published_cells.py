"""Establishments of Rhode Island, 2016 Q1, loaded and tabulated, against every county cell that BLS published.

Domains and supersectors, states and totals: tests/unit/matching/core/test_world_establishments.py, from the files.
"""

from pathlib import Path

import polars as pl
import pytest
from django.conf import settings

from matching.core.qcew.published import read_quarterly
from matching.core.world import write_world
from matching.loads.loading import load_establishments
from matching.store import contributions_macro

CELL = ["area", "industry", "ownership"]
FIGURES = ["establishments", "month1", "month2", "month3", "wages"]
# County x NAICS x ownership: aggregation level of BLS -> digits of NAICS.
LEVELS = {"74": 2, "75": 3, "76": 4, "77": 5, "78": 6}
# Rows less withheld less without establishment, by level (a table of the whole file stands in data/SOURCES.md).
PUBLISHED = {"74": 149, "75": 425, "76": 781, "77": 1_092, "78": 1_158}
SECTORS = {"31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49"}


@pytest.fixture
def loaded(tmp_path: Path, db: None) -> pl.DataFrame:
    """The establishments as loaded: one row per contributor, with what each county cell is keyed by."""
    folder = settings.BASE_DIR / "data"
    made = write_world(tmp_path, states=["44"], quarters=[20161], persons=1_000, seed=3, qcew_dir=folder)
    load_establishments(next(file.path for file in made.files if file.kind == "establishments"))
    return pl.from_arrow(contributions_macro("establishments", ["44"], [20161]))


def published(level: str) -> pl.DataFrame:
    """The published cells of a level, under the names of the store."""
    rows = pl.from_arrow(read_quarterly(sorted((settings.BASE_DIR / "data").rglob("ri/*.csv*"))))
    return rows.filter(
        pl.col("agglvl_code") == level, pl.col("year") == 2016, pl.col("qtr") == 1, pl.col("status") == "published"
    ).select(
        pl.col("area_fips").alias("area"),
        pl.col("industry_code").alias("industry"),
        pl.col("own_code").alias("ownership"),
        *FIGURES[:-1],
        pl.col("total_wages").alias("wages"),
    )


def test_tabulated_establishments_equal_every_published_cell(loaded: pl.DataFrame) -> None:
    compared = {}
    for level, digits in LEVELS.items():
        prefix = pl.col("industry").str.slice(0, digits)
        industry = prefix.replace(SECTORS) if digits == 2 else prefix
        table = loaded.with_columns(industry.alias("industry")).group_by(CELL).agg(pl.col(FIGURES).sum())
        expected = published(level)
        both = expected.join(table, on=CELL, how="left", suffix="_ours")
        for name in FIGURES:
            assert (both[name] == both[f"{name}_ours"]).all(), (level, name)
        compared[level] = expected.height
    print(f"compared {sum(compared.values()):,} published county x NAICS x ownership cells of RI, 2016 Q1: {compared}")
    assert compared == PUBLISHED
