"""Establishments of Rhode Island, 2016 Q1, loaded and tabulated, against every cell that BLS published."""

import polars as pl
import pytest
from django.conf import settings

from matching.core.qcew import read_by_area
from matching.core.world import write_world
from matching.loads import load_establishments
from matching.store import contributions_macro

CELL = ["area", "industry", "ownership"]
FIGURES = ["establishments", "month1", "month2", "month3", "wages"]
FINEST = "78"  # county, 6-digit NAICS, ownership
PUBLISHED_CELLS = 1_158  # 3,406 rows, 2,167 withheld, 81 without establishment


@pytest.mark.django_db
def test_tabulated_establishments_equal_the_published_cells(tmp_path):
    folder = settings.BASE_DIR / "data"
    made = write_world(tmp_path, states=["44"], quarters=[20161], persons=1_000, seed=3, qcew_dir=folder)
    load_establishments(next(file.path for file in made.files if file.kind == "establishments"))
    table = (
        pl.from_arrow(contributions_macro("establishments", ["44"], [20161])).group_by(CELL).agg(pl.col(FIGURES).sum())
    )

    published = pl.from_arrow(read_by_area(sorted(folder.rglob("ri/*.csv*")))).filter(
        pl.col("agglvl_code") == FINEST, pl.col("year") == 2016, pl.col("qtr") == 1, pl.col("status") == "published"
    )
    expected = published.select(
        pl.col("area_fips").alias("area"), pl.col("industry_code").alias("industry"),
        pl.col("own_code").alias("ownership"), "establishments", "month1", "month2", "month3",
        pl.col("total_wages").alias("wages"),
    )  # fmt: skip
    compared = expected.join(table, on=CELL, how="left", suffix="_ours")
    print(f"compared {compared.height:,} published cells of Rhode Island, 2016 Q1")
    assert compared.height == PUBLISHED_CELLS
    for name in FIGURES:
        assert (compared[name] == compared[f"{name}_ours"]).all()
