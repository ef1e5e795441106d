"""`./run bench disclosure`: tables protected and audited by the product, tau-ARGUS modular on the same ones in turn.

Tables are generated (`--establishments`), or given as files (`--table CELLS RELATIONS MICRO`). One JSON line at the
end: cells, sensitive and complementary cells, value share, processor seconds of both and their ratio (medians), peak
memory, our auditor's counts of our pattern and of theirs. tau-ARGUS needs `pip install pytauargus` into an
environment of one's own (`--tau-argus its/bin/python`; 0.6.0 was tried); where it fails or is not there, the line
says so.

`--joint N` measures history instead (bench/joint.py): N releases of one quarter, each protected with all before it.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import joint
from bench.additive_table import Shape, make_world, write_table
from disclosure.core.audit.auditor import Audit, audit
from disclosure.core.files.tables import MEASURE, TableFile, read_status, read_table
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.suppression.search import protect_and_audit

_PEER = Path(__file__).with_name("tau_argus.py")


def main() -> None:
    options = _options()
    if options.joint:
        joint.run(options.establishments, options.counties, options.sectors, options.joint, options.seed)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = options.table or _generated(options, folder)
        table = read_table(files[0], files[1], files[2], Parameters())
        rounds = [_round(options, files, table, folder) for _ in range(options.rounds)]
        ours, theirs = ([one[side] for one in rounds] for side in (0, 1))
        print(json.dumps({"bench": "disclosure", **_ours(ours), **_theirs(theirs, ours, table, folder)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench disclosure", description=__doc__)
    parser.add_argument("--table", type=Path, nargs=3, metavar=("CELLS", "RELATIONS", "MICRO"))
    parser.add_argument("--establishments", type=int, default=18_000)
    parser.add_argument("--counties", type=int, default=14)
    parser.add_argument("--sectors", type=int, default=14, choices=range(1, 21))
    parser.add_argument("--digits", type=int, default=3, choices=range(1, 6), help="levels of industry")
    parser.add_argument("--regions", action="store_true")
    parser.add_argument("--owners", action="store_true")
    parser.add_argument("--linked", action="store_true", help="three linked tables; not for tau-ARGUS")
    parser.add_argument("--joint", type=int, metavar="N", help="N releases of one quarter, each with all before it")
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--tau-argus", type=Path, metavar="PYTHON", help="a Python that has pytauargus")
    return parser.parse_args()


def _generated(options: argparse.Namespace, folder: Path) -> list[Path]:
    shape = Shape.linked() if options.linked else Shape.of(
        options.digits, regions=options.regions, owners=options.owners)  # fmt: skip
    world = make_world(options.establishments, options.counties, options.sectors, options.seed)
    write_table(world, shape, folder)
    return [folder / name for name in ("cells.csv", "rel.csv", "micro.csv")]


def _round(
    options: argparse.Namespace, files: list[Path], table: TableFile, folder: Path
) -> tuple[dict[str, object], dict[str, object]]:
    """Protect once with each, in turn; reading the files counts for neither."""
    started = time.process_time()
    pattern, found = protect_and_audit(table.system, table.sensitivity)
    seconds = time.process_time() - started
    values = table.system.values[MEASURE]
    say(f"ours: {int(pattern.complementary.sum())} cells in {seconds:.1f} s")
    ours: dict[str, object] = {
        "cells": len(table.system),
        "primary": int(pattern.primary.sum()),
        "complementary": int(pattern.complementary.sum()),
        "value_share": round(float(values[pattern.complementary].sum() / values.sum()), 5),
        "seconds": seconds,
        "audit": _counts(found),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return ours, _peer(options, files[0], folder)


def _peer(options: argparse.Namespace, cells: Path, folder: Path) -> dict[str, object]:
    """Run tau-ARGUS in a process of its own: its log goes nowhere, and a crash ends only itself."""
    if options.tau_argus is None or options.linked:
        return {}
    command = [str(options.tau_argus.absolute()), str(_PEER), str(cells.absolute()), str(folder / "tau.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or [f"ended by {done.returncode}"])[-1][-160:]}
    return {"seconds": float(done.stdout.split()[-1])}


def _ours(rounds: list[dict[str, object]]) -> dict[str, object]:
    seconds = statistics.median(float(str(one["seconds"])) for one in rounds)
    return rounds[0] | {"seconds": round(seconds, 2)}


def _theirs(
    rounds: list[dict[str, object]], ours: list[dict[str, object]], table: TableFile, folder: Path
) -> dict[str, object]:
    taken = [float(str(one["seconds"])) for one in rounds if "seconds" in one]
    if not taken:
        return {"tau_argus": rounds[0].get("failed", "not run")}
    pattern = read_status(folder / "tau.csv", table)
    seconds = statistics.median(taken)
    values = table.system.values[MEASURE]
    return {
        "ratio_tau_argus": round(float(str(_ours(ours)["seconds"])) / seconds, 2),
        "tau_argus": {
            "complementary": int(pattern.complementary.sum()),
            "value_share": round(float(np.sum(values[pattern.complementary]) / values.sum()), 5),
            "seconds": round(seconds, 2),
            "audit": _counts(audit(table.system, table.sensitivity, pattern)),
        },
    }


def _counts(found: Audit) -> dict[str, int]:
    return found.counts()


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
