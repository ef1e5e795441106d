"""`./run bench edits`: the edits of wage records, histogram included, beside DuckDB counting the same.

Sorted records in memory, no database; the counts must agree. DuckDB counts repeats, persons with many employers, and
wages below zero or outside fences that it works out from quartiles; ours also lists every flagged record. In turn;
medians. One JSON line.
"""

import argparse
import json
import statistics
import time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from matching.core.edits.fences import MULTIPLIER, WageHistogram
from matching.core.edits.records import MOST_EMPLOYERS, RecordEdits, RecordTally

UNITS = 350_000
_BATCH, _RANGE = 150_000, 1_000_000  # records of a block of the file, and of a range of persons
_PEER = f"""
WITH fence AS (
    SELECT quantile_cont(ln(wages), 0.25) AS lower, quantile_cont(ln(wages), 0.75) AS upper
    FROM records WHERE wages > 0
),
outside AS (
    SELECT count(*) FILTER (WHERE wages < 0) AS negative,
           count(*) FILTER (WHERE wages > 0 AND ln(wages) > upper + {MULTIPLIER} * (upper - lower)) AS high,
           count(*) FILTER (WHERE wages > 0 AND ln(wages) < lower - {MULTIPLIER} * (upper - lower)) AS low
    FROM records, fence
),
repeated AS (
    SELECT sum(n - 1) AS again, sum(n - different) AS same
    FROM (SELECT count(*) AS n, count(DISTINCT (wages, hours, weeks)) AS different
          FROM records WHERE person > 0 GROUP BY person, unit HAVING count(*) > 1)
),
employers AS (
    SELECT coalesce(sum(n), 0) AS many
    FROM (SELECT count(*) AS n FROM records WHERE person > 0 GROUP BY person
          HAVING count(*) > {MOST_EMPLOYERS} AND count(DISTINCT unit) > {MOST_EMPLOYERS})
)
SELECT same, again - same, negative, high, low, many FROM outside, repeated, employers
"""
Columns = dict[str, np.ndarray[Any, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench edits", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    records = made_up(options.rows)
    rounds = [(_timed(ours, records), _timed(peer, records)) for _ in range(options.rounds)]
    for (_, counted), (_, theirs) in rounds:
        assert list(counted.edits.values()) == theirs, (counted, theirs)
    seconds, duckdb_seconds = (statistics.median(one[side][0] for one in rounds) for side in (0, 1))
    print(json.dumps({
        "bench": "edits", "rows": options.rows, "rounds": options.rounds, "seconds": round(seconds, 3),
        "seconds_per_10_million": round(seconds * 10_000_000 / options.rows, 3),
        "duckdb_seconds": round(duckdb_seconds, 3),
        "ratio_duckdb": round(statistics.median(one[0][0] / one[1][0] for one in rounds), 3),
        "flagged": sum(rounds[0][0][1].edits.values()),
    }))  # fmt: skip


def made_up(rows: int) -> Columns:
    """Records in record order, each account one unit; a thousandth repeated, some persons with very many employers."""
    chance = np.random.default_rng(1)
    person = chance.integers(1, rows * 4 // 5, rows, dtype=np.int32)
    person[-rows // 10_000 :] = chance.integers(1, 4, rows // 10_000)
    columns: Columns = {
        "person": person,
        "unit": chance.integers(0, UNITS, rows, dtype=np.int32),
        "wages": np.exp(chance.normal(8.9, 1.1, rows)).astype(np.int32) - 20,
        "hours": np.full(rows, -1, np.int16),
        "weeks": chance.integers(1, 14, rows, dtype=np.int16),
    }
    again = chance.integers(0, rows, rows // 1_000)
    for column in columns.values():
        column[: len(again)] = column[again]
    order = np.lexsort(tuple(reversed(columns.values())))
    return {name: column[order] for name, column in columns.items()}


def _timed(count: Any, records: Columns) -> tuple[float, Any]:
    start = time.perf_counter()
    counted = count(records)
    return time.perf_counter() - start, counted


def ours(records: Columns) -> RecordTally:
    """As a load does it: the histogram block by block, then the edits range by range, persons whole."""
    histogram, person = WageHistogram(), records["person"]
    for start in range(0, len(person), _BATCH):
        histogram.add(records["wages"][start : start + _BATCH])
    edits = RecordEdits(np.arange(UNITS, dtype=np.int32), 0, histogram.fences())
    cuts = np.searchsorted(person, person[::_RANGE])
    for start, end in zip(cuts, [*cuts[1:], len(person)], strict=True):
        edits.check(*(column[start:end] for column in records.values()))
    return edits.tally


def peer(records: Columns) -> list[int]:
    """DuckDB's counts, in the order of ours."""
    with duckdb.connect() as connection:
        connection.register("records", pa.table(records))
        found = connection.execute(_PEER).fetchone()
    return [int(value) for value in found or ()]


if __name__ == "__main__":
    main()
