"""Tables protected beside N earlier releases, for `./run bench disclosure --joint N`: what history costs in time.

Employers of made-up counties and industries; the same quarter is released again and again: by county, by custom region,
and by county from a corrected load, in turn. Each release is protected once by itself and once with all before it, in
the same run; one JSON line at the end has both, their ratio and the cells that history cost.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from disclosure.core.ledger.entry import Entry, enter
from disclosure.core.ledger.lines import Scope
from disclosure.core.ledger.protection import HistoryRefused, protect_with_history
from disclosure.core.protected_table import protect_table
from disclosure.core.rules.parameters import Parameters
from disclosure.core.tabulation.cells import tabulate
from disclosure.core.tabulation.design import TableDesign

_SECTORS = (11, 21, 22, 23, 42, 51, 52, 53, 54, 55, 56, 61, 62, 71)
_QUARTER, _STATE, _REGIONS, _CHANGED = 20161, "44", 5, 0.01
_DESIGN = TableDesign("wage_records", ("area", "industry"), ("jobs", "wages"), industry_level=4)


@dataclass(frozen=True)
class Step:
    """One release: what it was, how many were before it, and seconds of processor time by itself and with them."""

    kind: str
    earlier: int
    cells: int
    withheld: int
    cells_lost: int
    seconds_alone: float
    seconds_joint: float
    refused: bool


def run(establishments: int, counties: int, sectors: int, releases: int, seed: int) -> None:
    """Release so many tables, one after the other, and print the line."""
    steps = list(_released(establishments, counties, sectors, releases, seed))
    alone, joint = (sum(getattr(one, name) for one in steps[1:]) for name in ("seconds_alone", "seconds_joint"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({
        "bench": "disclosure --joint", "releases": [asdict(one) for one in steps], "peak_mb": peak,
        "seconds_alone": round(alone, 2), "seconds_joint": round(joint, 2),
        "ratio_joint": round(joint / alone, 2) if alone else None,
    }))  # fmt: skip


def _released(establishments: int, counties: int, sectors: int, releases: int, seed: int) -> Iterator[Step]:
    load, past = _world(establishments, counties, sectors, seed), list[Entry]()
    for number in range(releases):
        kind = ("county", "region", "corrected")[number % 3]
        if kind == "corrected":
            load = _corrected(load, seed + number)
        yield _release(f"release {number:03}", kind, load, past)


def _release(name: str, kind: str, load: pa.Table, past: list[Entry]) -> Step:
    grouped = _by_region(load) if kind == "region" else load
    cells = tabulate(grouped, _DESIGN)
    started = time.process_time()
    protect_table(cells, Parameters(), intervals=False)
    alone = time.process_time() - started
    entry = enter(cells, grouped, Scope("wage_records", (_STATE,), (_QUARTER,)), name, places=load)
    started, refused, withheld, lost = time.process_time(), False, 0, 0
    try:
        table = protect_with_history(cells, Parameters(), entry, past, intervals=False)
    except HistoryRefused:
        refused = True
    else:
        withheld, lost = int(table.pattern.withheld.sum()), len(table.history.cells_lost) if table.history else 0
    joint = time.process_time() - started
    step = Step(kind, len(past), len(cells), withheld, lost, round(alone, 2), round(joint, 2), refused)
    print(f"{name}, {kind}: {alone:.1f} s alone, {joint:.1f} s with {len(past)} earlier", file=sys.stderr, flush=True)
    if not refused:
        past.append(entry.with_statuses(table.pattern.by_key))
    return step


def _world(establishments: int, counties: int, sectors: int, seed: int) -> pa.Table:
    draw = np.random.default_rng(seed)
    codes = [f"{sector}{group}{last}{last}10" for sector in _SECTORS[:sectors]
             for group in (1, 2) for last in (1, 3)]  # fmt: skip
    area = draw.choice(counties, establishments, p=_shares(counties))
    industry = draw.integers(0, len(codes), establishments)
    jobs = draw.lognormal(1.8, 1.2, establishments).astype(np.int64) + 1
    owner = draw.integers(0, int(establishments * 0.9), establishments)
    return pa.table({
        "quarter": pa.array(np.full(establishments, _QUARTER), pa.int32()),
        "area": pa.array([f"{_STATE}{2 * one + 1:03}" for one in area.tolist()]),
        "state": pa.array([_STATE] * establishments),
        "industry": pa.array([codes[one] for one in industry.tolist()]),
        "ownership": pa.array(["5"] * establishments),
        "enterprise": pa.array([f"E{one:07}" for one in owner.tolist()]),
        "jobs": pa.array(jobs), "persons": pa.array(jobs),
        "wages": pa.array((jobs * draw.lognormal(9, 0.4, establishments)).astype(np.int64) + 1),
    })  # fmt: skip


def _shares(counties: int) -> np.ndarray:
    share = 1 / np.arange(1, counties + 1)
    return np.asarray(share / share.sum())


def _by_region(load: pa.Table) -> pa.Table:
    regions = [f"{_STATE}{901 + int(code[2:]) // 2 % _REGIONS}" for code in load["area"].to_pylist()]
    return load.set_column(load.column_names.index("area"), "area", pa.array(regions))


def _corrected(load: pa.Table, seed: int) -> pa.Table:
    draw, wages = np.random.default_rng(seed), load["wages"].to_numpy().copy()
    which = draw.choice(len(wages), max(int(len(wages) * _CHANGED), 1), replace=False)
    wages[which] = (wages[which] * draw.uniform(0.8, 1.3, len(which))).astype(np.int64) + 1
    return load.set_column(load.column_names.index("wages"), "wages", pa.array(wages))
