"""The peers of `bench match`: the same records, taken from the product's segments, in DuckDB and in Polars."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from bench.quarter_file import STATE
from matching.core.micro.csv_lines import COLUMNS
from matching.core.micro.employer_text import employer_fields
from matching.core.tokens import ssns, tokens
from matching.models import Kind, Load, Status
from matching.segments.match import OpenLoad
from matching.segments.records import MISSING
from matching.segments.register import of_loads
from matching.segments.vault import open_vault
from matching.vault.keys import live_key

TITLES = list(COLUMNS)
RECORD = ("person", "unit", "wages", "hours", "weeks")
UNIT = ("uin", "run", "ein", "dominant_naics")


def records_of(quarter: int) -> tuple[pa.Table, pa.Table]:
    """Records by person, with null for missing hours and weeks, and their units."""
    load = Load.objects.get(kind=Kind.WAGE_RECORDS, quarter=quarter, state=STATE, status=Status.VISIBLE)
    opened = OpenLoad.of(load, of_loads([load.pk]))
    columns = opened.records.columns
    table = {name: pa.array(columns[name], mask=columns[name] == MISSING) for name in RECORD}
    fields = employer_fields(opened.units["employer"]) | {"dominant_naics": opened.units["dominant_naics"]}
    units = {name: pa.array(fields[name].astype(str)) for name in UNIT}
    number = np.arange(load.first_unit, load.last_unit + 1, dtype=np.int32)  # type: ignore[operator]
    return pa.table(table), pa.table({"unit": number, **units})


def vault() -> pa.Table:
    """Tokens by their halves, and persons."""
    parts = [part.columns for part in open_vault(live_key().version).parts]
    return pa.table({name: np.concatenate([part[name] for part in parts]) for name in ("high", "low", "person")})


def cohort_of(path: Path) -> pa.Table:
    """Temporary IDs and tokens of a cohort file: no peer can make tokens, so all take the product's."""
    cohort = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(column_names=["id", "ssn"], skip_rows=1),
        convert_options=pa_csv.ConvertOptions(column_types={"id": pa.string(), "ssn": pa.int64()}),
    )
    token = tokens(cohort.column("ssn").to_numpy().astype(np.uint32), live_key().key)
    halves = token.astype(np.uint64)
    return pa.table({"id": cohort.column("id"), "high": halves[:, 0].copy(), "low": halves[:, 1].copy()})


def _answer(quarter: int, joins: str) -> str:
    """The statement that writes one quarter's file."""
    columns = {
        "id": "c.id", "state": f"'{STATE}'", "uin": "u.uin", "run": "u.run", "ein": "u.ein", "year": quarter // 10,
        "quarter": quarter % 10, "wages": "r.wages", "hours": "r.hours", "weeks": "r.weeks",
        "naics": "u.dominant_naics",
    }  # fmt: skip
    named = ", ".join(f'{value} AS "{title}"' for value, title in zip(columns.values(), TITLES, strict=True))
    return (
        f"COPY (SELECT {named} FROM {joins} JOIN unit_{quarter} u USING (unit) "
        "ORDER BY c.id, r.unit, r.wages, r.hours NULLS FIRST, r.weeks NULLS FIRST) TO '{out}' (HEADER)"
    )


class DuckVault:
    """DuckDB's own storage with the same vault."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect(str(folder / "vault.duckdb"))
        self._keep("vault", vault(), "high")
        for load in Load.objects.filter(kind=Kind.WAGE_RECORDS):
            record, unit = records_of(load.quarter)
            self._keep(f"record_{load.quarter}", record, "person")
            self._keep(f"unit_{load.quarter}", unit, "unit")
        self._connection.execute("CHECKPOINT")

    def _keep(self, name: str, given: pa.Table, order: str) -> None:
        self._connection.register("given", given)
        self._connection.execute(f"CREATE TABLE {name} AS FROM given ORDER BY {order}")
        self._connection.unregister("given")

    def __call__(self, cohort_path: Path, quarters: list[int], out: Path) -> None:
        self._connection.register("given", cohort_of(cohort_path))
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE cohort AS SELECT id, person FROM given JOIN vault USING (high, low)"
        )
        for quarter in quarters:
            answer = _answer(quarter, f"cohort c JOIN record_{quarter} r USING (person)")
            self._connection.execute(answer.replace("{out}", str(out.with_suffix(f".{quarter}"))))


class DuckClear:
    """DuckDB's own storage with the SSN in every record: no vault, no protection."""

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect(str(folder / "clear.duckdb"))
        number_of = self._numbers()
        for load in Load.objects.filter(kind=Kind.WAGE_RECORDS):
            record, unit = records_of(load.quarter)
            ssn = number_of[record.column("person").to_numpy()]
            self._keep(f"record_{load.quarter}", record.append_column("ssn", pa.array(ssn)), "ssn")
            self._keep(f"unit_{load.quarter}", unit, "unit")
        self._connection.execute("CHECKPOINT")

    def _numbers(self) -> Any:
        known = vault()
        token = np.stack([known.column(name).to_numpy() for name in ("high", "low")], axis=1).astype(">u8")
        person = known.column("person").to_numpy()
        number_of = np.zeros(int(person.max()) + 1, np.int32)
        number_of[person] = ssns(token, live_key().key).astype(np.int32)
        return number_of

    def _keep(self, name: str, given: pa.Table, order: str) -> None:
        self._connection.register("given", given)
        self._connection.execute(f"CREATE TABLE {name} AS FROM given ORDER BY {order}")
        self._connection.unregister("given")

    def __call__(self, cohort_path: Path, quarters: list[int], out: Path) -> None:
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE cohort AS FROM "
            f"read_csv('{cohort_path}', skip = 1, header = false, columns = {{'id': 'VARCHAR', 'ssn': 'INTEGER'}})"
        )
        for quarter in quarters:
            answer = _answer(quarter, f"cohort c JOIN record_{quarter} r USING (ssn)")
            self._connection.execute(answer.replace("{out}", str(out.with_suffix(f".{quarter}"))))


class Frames:
    """Polars data frames in memory, with the same vault."""

    def __init__(self) -> None:
        self._vault = pl.DataFrame(vault())
        loads = Load.objects.filter(kind=Kind.WAGE_RECORDS)
        self._quarters = {
            load.quarter: tuple(pl.DataFrame(table) for table in records_of(load.quarter)) for load in loads
        }

    def __call__(self, cohort_path: Path, quarters: list[int], out: Path) -> None:
        cohort = pl.DataFrame(cohort_of(cohort_path)).join(self._vault, on=["high", "low"]).select("id", "person")
        for quarter in quarters:
            record, unit = self._quarters[quarter]
            found = cohort.join(record, on="person").join(unit, on="unit")
            found = found.sort("id", "unit", "wages", "hours", "weeks", nulls_last=False)
            columns = (
                "id", pl.lit(STATE), "uin", "run", "ein", pl.lit(quarter // 10), pl.lit(quarter % 10), "wages", "hours",
                "weeks", "dominant_naics",
            )  # fmt: skip
            named = [
                (pl.col(column) if isinstance(column, str) else column).alias(title)
                for column, title in zip(columns, TITLES, strict=True)
            ]
            found.select(named).write_csv(out.with_suffix(f".{quarter}"))
