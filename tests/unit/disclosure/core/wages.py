"""Small contributions tables for the tests of the disclosure core."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.core.tabulation.design import TableDesign

DESIGN = TableDesign("wage_records", ("area", "industry"), ("jobs", "wages"), industry_level=3)
PERSON_DESIGN = TableDesign("wage_records", ("cohort", "state"), ("persons", "wages"))

Row = tuple[str, str, str, int, int]  # county, industry, enterprise, jobs, wages


def employers(rows: list[Row], quarter: int = 20161) -> pa.Table:
    """Return contributions of employers."""
    area, industry, enterprise, jobs, wages = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return pa.table(
        {
            "quarter": pa.array([quarter] * len(rows), pa.int32()),
            "area": pa.array(area, pa.string()),
            "state": pa.array([code[:2] for code in area], pa.string()),
            "industry": pa.array(industry, pa.string()),
            "ownership": pa.array(["5"] * len(rows), pa.string()),
            "enterprise": pa.array(enterprise, pa.string()),
            "jobs": pa.array(jobs, pa.int64()),
            "persons": pa.array(jobs, pa.int64()),
            "wages": pa.array(wages, pa.int64()),
        }
    )


def followed(groups: list[tuple[str, str, str, int]]) -> pa.Table:
    """Return one row per person from (cohort, state, enterprise, persons); a person earns 1,000 where employed."""
    rows = [(cohort, state, enterprise) for cohort, state, enterprise, persons in groups for _ in range(persons)]
    cohort, state, enterprise = zip(*rows, strict=True)
    earned = [1000 if name else 0 for name in enterprise]
    return pa.table(
        {
            "quarter": pa.array([20161] * len(rows), pa.int32()),
            "cohort": pa.array(cohort),
            "state": pa.array(state),
            "enterprise": pa.array(enterprise),
            "persons": pa.array([1] * len(rows), pa.int64()),
            "jobs": pa.array([1 if name else 0 for name in enterprise], pa.int64()),
            "wages": pa.array(earned, pa.int64()),
        }
    )


def random_employers(seed: int, rows: int) -> pa.Table:
    """Return skewed random contributions in two states, four counties, four industries; some employers in several."""
    draw = np.random.default_rng(seed)
    counties, industries = ("10001", "10003", "44003", "44007"), ("441110", "445110", "722511", "311811")
    jobs = draw.integers(0, 40, rows)
    pay = (draw.lognormal(3, 1.5, rows) * 10).astype(int)
    return employers(
        [
            (counties[draw.integers(4)], industries[draw.integers(4)], f"E{draw.integers(rows)}", int(j), int(j * p))
            for j, p in zip(jobs, pay, strict=True)
        ]
    )


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    """Return the same rows in another order."""
    return table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
