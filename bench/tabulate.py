"""`./run bench tabulate`: tables of wage records, beside DuckDB on the same records, in turn; medians; one JSON line.

First county x 6-digit NAICS x ownership with all roll-ups and the two largest enterprises of every cell, four quarters,
from the sums kept per unit; then flows and outcomes of a cohort of 100,000 over eight quarters. The sums kept per unit
are made when a quarter is loaded, so making them is not timed; DuckDB reads the records.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

import bench.django_ready  # noqa: F401  models are imported below
from bench.large_office import say
from bench.load import memory_kb
from bench.tabulate_world import QUARTERS, Units, make_units, open_quarters, units_of, write_quarters
from disclosure.core.tabulation.cell_summary import CellSummary, summarize
from disclosure.core.tabulation.cells import Cells, tabulate
from disclosure.core.tabulation.design import TableDesign
from matching.segments.match import OpenLoad
from matching.tabulation.people import Followed, follow_in

_TABLE = TableDesign("wage_records", ("area", "industry", "ownership"), ("jobs", "wages"), industry_level=6)
_OUTCOMES = TableDesign(
    "wage_records", ("cohort", "industry"),
    ("employed", "earnings", "median_earnings", "emp_beginning", "emp_end", "emp_full", "accessions", "recalls",
     "separations", "retained"), people=True,
)  # fmt: skip
_SUMMED, _REFERENCE = 4, QUARTERS[0]


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(_peaks(Path(options.one), options)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.monotonic()
        units = write_quarters(folder, options.rows, options.quarters)
        loads = open_quarters(folder, options.quarters)
        say(f"written in {time.monotonic() - started:.0f} s")
        from bench.tabulate_peer import Duck

        duck = Duck(folder, loads, units)
        summary, persons = kept_summary(loads, units), _cohort(options)
        quarters = list(loads)
        tables = _turns(options.rounds, lambda: table(summary), lambda: duck.tabulate(quarters[:_SUMMED]))
        _compare("cells", _totals(table(summary)), duck.tabulated())
        cohort = _turns(options.rounds, lambda: outcomes(loads, persons),
                        lambda: duck.follow(persons, _REFERENCE, quarters))  # fmt: skip
        _compare("outcomes", _followed(outcomes(loads, persons)), duck.followed())
        records = sum(len(load.records.columns["unit"]) for quarter in quarters[:_SUMMED] for load in loads[quarter])
        print(json.dumps({
            "bench": "tabulate", "records": records, "cells": len(table(summary)), "seconds": tables[0],
            "ratio_duckdb": round(tables[0] / tables[1], 3), "cohort": options.cohort, "quarters": len(quarters),
            "outcome_seconds": cohort[0], "outcome_ratio_duckdb": round(cohort[0] / cohort[1], 3),
            **_peaks_apart(folder, options),
        }))  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench tabulate", description=__doc__)
    parser.add_argument("--rows", type=int, default=12_000_000, help="about as many records a quarter, less a sixth")
    parser.add_argument("--quarters", type=int, default=8)
    parser.add_argument("--cohort", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def kept_summary(loads: dict[int, list[OpenLoad]], units: Units) -> pa.Table:
    """The sums per unit that a load keeps, four quarters, with codes as the store gives them."""
    area, industry, ownership = (_codes(column) for column in (units.county, units.naics, units.ownership))
    parts = []
    for quarter in list(loads)[:_SUMMED]:
        for load in loads[quarter]:
            unit = load.records.columns["unit"] - load.first_unit
            jobs = np.bincount(unit, minlength=len(units.county)).astype(np.int64)
            wages = np.bincount(unit, load.records.columns["wages"], minlength=len(jobs)).astype(np.int64)
            parts.append(pa.table({
                "quarter": np.full(len(jobs), quarter, np.int32), "area": area, "industry": industry,
                "ownership": ownership, "enterprise": units.enterprise, "jobs": jobs, "wages": wages,
            }).filter(pa.array(jobs > 0)))  # fmt: skip
    return pa.concat_tables(parts)


def _codes(column: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.DictionaryArray:
    words, place = np.unique(column, return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), pa.array([str(word) for word in words]))


def table(summary: pa.Table) -> CellSummary:
    """The product's path from the kept sums to every cell with its two largest enterprises."""
    return summarize(summary, _TABLE)


def outcomes(loads: dict[int, list[OpenLoad]], persons: np.ndarray[tuple[int], np.dtype[np.int32]]) -> Cells:
    """The product's path from a cohort's person ids to a table of flows and outcomes."""
    wanted = _OUTCOMES.amounts
    rows = follow_in(loads, persons, Followed("cohort", _REFERENCE, "10"), list(loads), wanted)
    return tabulate(pa.concat_tables(rows), _OUTCOMES)


def _cohort(options: argparse.Namespace) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    persons = np.random.default_rng(3).choice(options.rows, options.cohort, replace=False) + 1
    return persons.astype(np.int32)


def _turns(rounds: int, ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, in turn; the first round warms up."""
    taken: list[list[float]] = [[], []]
    for _ in range(rounds + 1):
        for place, work in enumerate((ours, peer)):
            started = time.monotonic()
            work()
            taken[place].append(time.monotonic() - started)
    say(f"ours {taken[0]}, DuckDB {taken[1]}")
    middle = [round(statistics.median(one[1:]), 3) for one in taken]
    return middle[0], middle[1]


def _totals(cells: CellSummary) -> tuple[int, ...]:
    there = cells.values["jobs"] > 0
    top = cells.largest["wages"]
    return (int(there.sum()), int(cells.values["jobs"].sum()), int(cells.values["wages"].sum()),
            int(top[:, 0].sum()), int(top[:, 1].sum()))  # fmt: skip


def _followed(cells: Cells) -> tuple[int, ...]:
    whole = [number for number, key in enumerate(cells.keys) if key[2] == "TOTAL"]
    before_last = [number for number in whole if cells.keys[number][0] != str(max(cells.quarters))]
    value = cells.values
    return (int(value["employed"][whole].sum()), int(value["earnings"][whole].sum()),
            int(value["retained"][whole].sum()), int(value["separations"][before_last].sum()))  # fmt: skip


def _compare(what: str, ours: tuple[int, ...], peer: tuple[int, ...]) -> None:
    if ours != peer:
        raise SystemExit(f"{what} differ: {ours} here, {peer} in DuckDB")


def _peaks_apart(folder: Path, options: argparse.Namespace) -> dict[str, int]:
    """Peak memory of each path in a process of its own."""
    command = [sys.executable, "-m", "bench.tabulate", "--one", str(folder), "--quarters", str(options.quarters)]
    command += ["--rows", str(options.rows), "--cohort", str(options.cohort)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    answer: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _peaks(folder: Path, options: argparse.Namespace) -> dict[str, int]:
    loads = open_quarters(folder, options.quarters)
    outcomes(loads, _cohort(options))
    outcome = memory_kb("VmHWM") // 1024
    table(kept_summary(loads, make_units(units_of(options.rows))))
    return {"outcome_peak_mb": outcome, "peak_mb": memory_kb("VmHWM") // 1024}


if __name__ == "__main__":
    main()
