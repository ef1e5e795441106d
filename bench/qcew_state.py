"""`./run bench qcew_state`: a whole state's quarter in the layout of QCEW, protected twice, beside what BLS published.

Establishments are synthetic and reproduce every published cell to the unit. Once each establishment stands for itself
under the rule that can be seen in BLS's files (fewer than three establishments; federal and unclassified exempt); once
under all rules, by enterprise. One JSON line: shares of cells and of value that are published, what can be recovered.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from disclosure.core.audit.exact_algebra import determined
from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import QcewCells, tabulate_qcew
from disclosure.core.qcew.codes import aggregation_level
from disclosure.core.qcew.protection import protect_qcew
from disclosure.core.rules.parameters import Parameters
from disclosure.core.system import Bools
from matching.core.qcew.completion import complete
from matching.core.qcew.published import StateQuarter, read_quarterly, relations, state_quarter
from matching.core.world.cells import line_up, state_files
from matching.core.world.contributions import contribution_table
from matching.core.world.establishments import establishment_quarter, make_roster

QCEW = Path(__file__).parents[1] / "data" / "qcew_2016"
AMOUNTS = ("month1", "month2", "month3", "wages")
VISIBLE = Parameters(dominance_percent=None, p_percent=None)
FULL = Parameters()


def main() -> int:
    """Print the figures; 1 where something can be recovered, or less value is published than BLS publishes."""
    options = _options()
    result = compared(options.folder, options.state, options.quarter, options.seed, tuple(options.amounts))
    result["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result | {"bench": "qcew_state"}))
    leaks = any(result[name]["recoverable"] for name in ("visible_rule", "full_rules"))
    return int(leaks or result["visible_rule"]["wages"] < result["bls"]["wages"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench qcew_state", description=__doc__)
    parser.add_argument("--folder", type=Path, default=QCEW, help="published files by area")
    parser.add_argument("--state", default="44")
    parser.add_argument("--quarter", type=int, default=20161)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--amounts", nargs="+", default=AMOUNTS, help="what is protected")
    return parser.parse_args()


def compared(folder: Path, state: str, quarter: int, seed: int, amounts: tuple[str, ...] = AMOUNTS) -> dict[str, Any]:
    """Return what BLS publishes of a state and quarter, and what is published here under either set of rules."""
    published, contributions = state_establishments(folder, state, quarter, seed)
    place, rows = contributions.column_names.index("enterprise"), range(len(contributions))
    alone = contributions.set_column(place, "enterprise", [[f"{row:07}" for row in rows]])
    cells = tabulate_qcew(alone)
    bls = shares_published(cells, _withheld_by_bls(cells, published))
    return {
        "state": state,
        "quarter": quarter,
        "bls": bls | {"recoverable": _recoverable_of_bls(published)},
        "visible_rule": _protected("visible rule", alone, VISIBLE, amounts),
        "full_rules": _protected("full rules", contributions, FULL, amounts),
    }


def state_establishments(folder: Path, state: str, quarter: int, seed: int) -> tuple[StateQuarter, pa.Table]:
    """Return the published cells of a state and quarter, and establishments that reproduce them to the unit."""
    published = state_quarter(read_quarterly(state_files(folder, state)), state, *divmod(quarter, 10))
    roster = make_roster(seed, line_up(state, [complete(published)]))
    return published, contribution_table(roster, establishment_quarter(roster, quarter))


def shares_published(cells: QcewCells, withheld: Bools) -> dict[str, float]:
    """Return the share of cells published, and of private employment and wages at 6-digit county level."""
    finest = cells.where(lambda code: code[1] == "5" and aggregation_level(code) == "78")
    shares = {"cells": len(cells), "withheld": int(withheld.sum()), "published": 1 - float(withheld.mean())}
    for name in ("month3", "wages"):
        value = cells.values[name]
        shares[name] = float(value[finest & ~withheld].sum() / value[finest].sum())
    return {name: round(share, 4) for name, share in shares.items()}


def _withheld_by_bls(cells: QcewCells, published: StateQuarter) -> Bools:
    """Return the cells that BLS withholds; its files by area have no metropolitan areas."""
    keys = zip(published.area.tolist(), published.ownership.tolist(), published.industry.tolist(), strict=True)
    withheld = dict(zip(keys, published.withheld.tolist(), strict=True))
    return cells.where(lambda code: withheld.get((code[0], code[1], code[2]), False))


def _recoverable_of_bls(published: StateQuarter) -> int:
    return int(np.count_nonzero(determined(relations(published).matrix, published.withheld)))


def _protected(name: str, rows: pa.Table, parameters: Parameters, amounts: tuple[str, ...]) -> dict[str, Any]:
    print(f"{name}: protecting ...", file=sys.stderr)
    cells = tabulate_qcew(rows)
    started, worked = time.perf_counter(), time.process_time()
    table: ProtectedTable = protect_qcew(cells, parameters, amounts=amounts)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    withheld = table.pattern.withheld
    recoverable = determined(cells.relations, withheld)
    return {
        **shares_published(cells, withheld),
        "primary": int(table.pattern.primary.sum()),
        "complementary": int(table.pattern.complementary.sum()),
        "recoverable": int(np.count_nonzero(recoverable)),
        "audit": table.audit.counts(),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
