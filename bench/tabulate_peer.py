"""The peer of `bench tabulate`: the same records and units in DuckDB's own storage, asked in SQL."""

from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.tabulate_world import Units
from matching.core.tabulation.histories import ordinal
from matching.segments.match import OpenLoad
from matching.tabulation.job_records import sectors

_AREAS = ((), ("state",), ("state", "county"))
_INDUSTRIES = ((), ("n2",), ("n2", "n3"), ("n2", "n3", "n4"), ("n2", "n3", "n4", "naics"))
_OWNERS = ((), ("ownership",))
_DIMENSIONS = "quarter, state, county, n2, n3, n4, naics, ownership"


class Duck:
    """One database of all quarters, records sorted by quarter and person."""

    def __init__(self, folder: Path, loads: dict[int, list[OpenLoad]], units: Units) -> None:
        self._connection = duckdb.connect(str(folder / "peer.duckdb"), config={"threads": 2})
        self._connection.execute("CREATE TABLE record (quarter INT, number INT, person INT, unit INT, wages INT)")
        for quarter, opened in loads.items():
            for load in opened:
                self._insert(quarter, load)
        number = np.arange(len(units.county), dtype=np.int32)
        self._keep("unit", {
            "unit": number, "state": units.county // 1000, "county": units.county,
            "n2": sectors(units.naics.astype("S6")).astype(np.int64), "n3": units.naics // 1000,
            "n4": units.naics // 100, "naics": units.naics, "ownership": units.ownership,
            "enterprise": units.enterprise,
        })  # fmt: skip
        self._connection.execute("CHECKPOINT")

    def _insert(self, quarter: int, load: OpenLoad) -> None:
        columns = load.records.columns
        table = {"quarter": np.full(len(columns["unit"]), quarter, np.int32),
                 "number": np.full(len(columns["unit"]), ordinal(quarter), np.int32), "person": columns["person"],
                 "unit": columns["unit"] - np.int32(load.first_unit), "wages": columns["wages"]}  # fmt: skip
        self._connection.register("given", pa.table(table))
        self._connection.execute("INSERT INTO record FROM given")
        self._connection.unregister("given")

    def _keep(self, name: str, columns: dict[str, Any]) -> None:
        self._connection.register("given", pa.table(columns))
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
        self._connection.unregister("given")

    def tabulate(self, quarters: list[int]) -> None:
        """Every roll-up of county x NAICS x ownership with the two largest enterprises of each cell."""
        sets = ", ".join(f"(quarter, {', '.join((*area, *industry, *owner, 'enterprise'))})"
                         for area, industry, owner in product(_AREAS, _INDUSTRIES, _OWNERS))  # fmt: skip
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE cells AS
            WITH by_unit AS (
                SELECT quarter, unit, count(*) AS jobs, sum(wages) AS wages FROM record
                WHERE quarter IN ({", ".join(map(str, quarters))}) GROUP BY quarter, unit
            ), by_enterprise AS (
                SELECT {_DIMENSIONS}, enterprise, sum(jobs) AS jobs, sum(wages) AS wages
                FROM by_unit JOIN unit USING (unit) GROUP BY GROUPING SETS ({sets})
            )
            SELECT {_DIMENSIONS}, sum(jobs) AS jobs, sum(wages) AS all_wages, max(wages, 2) AS largest
            FROM by_enterprise GROUP BY {_DIMENSIONS}
        """)

    def tabulated(self) -> tuple[int, ...]:
        """Cells, and the sums over cells of jobs, wages, the largest and the second largest contribution."""
        rows = self._connection.execute(
            "SELECT count(*), sum(jobs), sum(all_wages), sum(largest[1]), coalesce(sum(largest[2]), 0) FROM cells"
        ).fetchall()
        return tuple(int(one) for one in rows[0])

    def follow(self, persons: Any, reference: int, quarters: list[int]) -> None:
        """Flows and outcomes of a cohort by quarter and sector of the main job."""
        start, names = ordinal(reference), ", ".join(map(str, quarters))
        self._keep("cohort", {"person": persons})
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE outcome AS
            WITH job AS (
                SELECT person, unit, number, sum(wages)::BIGINT AS wages
                FROM record JOIN cohort USING (person) WHERE quarter IN ({names}) GROUP BY ALL
            ), around AS (
                SELECT *, lag(number) OVER w AS before, lead(number) OVER w AS after
                FROM job WINDOW w AS (PARTITION BY person, unit ORDER BY number)
            ), flow AS (
                SELECT *, coalesce(after = number + 1, false) AS goes_on,
                       coalesce(before BETWEEN number - 4 AND number - 2, false) AS recalled
                FROM around
            ), quarterly AS (
                SELECT person, number, arg_max(unit, wages * 67108864 - unit) AS main, sum(wages) AS earnings,
                       count(*) FILTER (coalesce(before = number - 1, false)) AS beginning,
                       count(*) FILTER (goes_on) AS ending,
                       count(*) FILTER (goes_on AND coalesce(before = number - 1, false)) AS whole,
                       count(*) FILTER (NOT coalesce(before = number - 1, false)) AS accessions,
                       count(*) FILTER (recalled) AS recalls,
                       count(*) FILTER (NOT goes_on) AS separations
                FROM flow GROUP BY person, number
            ), started AS (
                SELECT person, main AS first_main FROM quarterly WHERE number = {start}
            ), stay AS (
                SELECT s.person, j.number, row_number() OVER (PARTITION BY s.person ORDER BY j.number) - 1 AS place
                FROM started s JOIN job j ON j.person = s.person AND j.unit = s.first_main AND j.number >= {start}
            ), retained AS (SELECT person, number FROM stay WHERE number - {start} = place)
            SELECT q.number, u.n2, count(*) AS employed, sum(earnings) AS earnings, median(earnings) AS median,
                   sum(beginning) AS beginning, sum(ending) AS ending, sum(whole) AS whole,
                   sum(accessions) AS accessions, sum(recalls) AS recalls, sum(separations) AS separations,
                   count(r.person) AS retained
            FROM quarterly q JOIN unit u ON u.unit = q.main
            LEFT JOIN retained r ON r.person = q.person AND r.number = q.number
            GROUP BY GROUPING SETS ((q.number), (q.number, u.n2))
        """)

    def followed(self) -> tuple[int, ...]:
        """Sums over the quarters: employed, earnings, retained, separations before the last quarter."""
        rows = self._connection.execute("""
            SELECT sum(employed), sum(earnings), sum(retained),
                   sum(separations) FILTER (number < (SELECT max(number) FROM outcome))
            FROM outcome WHERE n2 IS NULL
        """).fetchall()
        return tuple(int(one) for one in rows[0])
