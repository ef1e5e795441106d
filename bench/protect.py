"""`./run bench protect`: a table of any size, made here, protected and audited by the product's own engine.

Industries in four levels by counties in regions, employers skewed as real ones are, some in several cells. One JSON
line at the end: cells, sensitive and complementary cells, value share, seconds, peak memory, the audit's counts.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from disclosure.core.rules import Parameters, assess
from disclosure.core.suppression import protect_and_audit
from disclosure.core.system import System, build
from disclosure.core.table_design import TableDesign
from disclosure.core.tabulation import tabulate
from matching.core.qcew import read_quarterly

_QCEW = Path("data/qcew_2016/ri")
_DESIGN = TableDesign("establishments", ("area", "industry"), ("wages",), industry_level=4)


def main() -> None:
    options = _options()
    system = build(tabulate(_contributions(options.employers, options.seed), _DESIGN))
    print(f"{len(system):,} cells, {system.relations.shape[0]:,} relations", file=sys.stderr)
    print(json.dumps(_protected(system) | {"bench": "protect", "employers": options.employers}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench protect", description=__doc__)
    parser.add_argument("--employers", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _contributions(employers: int, seed: int) -> pa.Table:
    """Return establishments in the industries of real QCEW, counties of two states, with skewed wages."""
    draw = np.random.default_rng(seed)
    rows = read_quarterly(sorted(_QCEW.glob("*44000*.gz")))
    codes = sorted({code for code, level in zip(rows["industry_code"].to_pylist(), rows["agglvl_code"].to_pylist(),
                                                strict=True) if level == "58"})  # fmt: skip
    popular = draw.pareto(1.0, len(codes))
    counties = [f"{state}{number:03}" for state in ("10", "44") for number in range(1, 24, 2)]
    size = draw.pareto(1.2, len(counties)) + 0.3
    n = employers
    return pa.table(
        {
            "quarter": pa.array(np.full(n, 20161), pa.int32()),
            "area": draw.choice(counties, n, p=size / size.sum()),
            "industry": draw.choice(codes, n, p=popular / popular.sum()),
            "enterprise": [f"E{one}" for one in draw.integers(0, int(n * 0.85), n)],
            "wages": pa.array((draw.lognormal(11, 1.6, n)).astype(np.int64)),
        }
    )


def _protected(system: System) -> dict[str, object]:
    started, worked = time.perf_counter(), time.process_time()
    pattern, audit = protect_and_audit(system, assess(system, Parameters()))
    values = system.values["wages"]
    return {
        "cells": len(system),
        "primary": int(pattern.primary.sum()),
        "complementary": int(pattern.complementary.sum()),
        "value_share": round(float(values[pattern.complementary].sum() / values.sum()), 5),
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - worked, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "audit": audit.counts(),
    }


if __name__ == "__main__":
    main()
