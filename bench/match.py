"""`./run bench match`: a cohort's CSV to the CSV of a micro package, tokens and vault included, beside three peers.

The product's own path over real loads. The peers hold the same records in the same order and make the same bytes:
DuckDB with the same vault, DuckDB keyed by the clear SSN (what one would have without any protection), and Polars. All
in turn, medians; one JSON line per size of cohort and number of quarters.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from bench.large_office import make_database, say
from bench.load import PERSONS_A_RECORD, fill_vault, memory_kb
from bench.quarter_file import STATE, Quarter, digits, ssns
from config import launch

Contender = Callable[[Path, list[int], Path], None]
_QUARTERS = (20161, 20162, 20163, 20164)
_STRANGERS = 0.1


def main() -> None:
    options = _options()
    if options.one:
        print(_peak_here(*options.one))
        return
    make_database()
    _load(options.rows, options.quarters)
    from bench.match_peers import DuckClear, DuckVault, Frames
    from bench.match_product import product

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers = {"duckdb": DuckVault(folder), "duckdb_clear": DuckClear(folder), "polars": Frames()}
        contenders: dict[str, Contender] = {"ours": product, **peers}
        for size in (int(text) for text in options.cohort.split(",")):
            cohort = _cohort_file(folder, size, options.rows)
            for count in sorted({1, options.quarters}):
                answer = _measure(contenders, cohort, list(_QUARTERS[:count]), folder, options.rounds)
                print(json.dumps({"bench": "match", "rows": options.rows, "cohort": size, "quarters": count, **answer}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench match", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="records of each quarter")
    parser.add_argument("--quarters", type=int, default=4, choices=range(1, 5))
    parser.add_argument("--cohort", default="10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("COHORT", "QUARTERS"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _load(rows: int, quarters: int) -> None:
    """The vault and the quarters, by the product's loads."""
    from django.core.management import call_command

    from matching.loads.loading import load_wage_records

    call_command("migrate", verbosity=0)
    vault = int(rows * PERSONS_A_RECORD)
    fill_vault(vault)
    with tempfile.TemporaryDirectory() as folder:
        for number in _QUARTERS[:quarters]:
            path = Path(folder) / f"{number}.csv"
            Quarter(rows, vault, 0.98, number).write(path)
            started = time.monotonic()
            load_wage_records(path)
            say(f"{number} loaded in {time.monotonic() - started:.1f} s")
            path.unlink()


def _cohort_file(folder: Path, size: int, rows: int) -> Path:
    """Persons at random, one in ten never in the vault, under IDs in no order."""
    random, path = np.random.default_rng(size), folder / f"cohort-{size}.csv"
    vault = int(rows * PERSONS_A_RECORD)
    strangers = int(size * _STRANGERS)
    person = np.concatenate([random.choice(vault, size - strangers, replace=False), 50_000_000 + np.arange(strangers)])
    ids = random.permutation(10 * size)[:size]
    persons = pa.table({"id": digits(ids, 8), "ssn": digits(ssns(person), 9)})
    with path.open("wb") as file:
        file.write(f"{STATE},{_QUARTERS[0]}\n".encode())
        pa_csv.write_csv(persons, file, pa_csv.WriteOptions(include_header=False, quoting_style="none"))
    return path


def _measure(
    contenders: dict[str, Contender], cohort: Path, quarters: list[int], folder: Path, rounds: int
) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    digests = set()
    for _ in range(rounds + 1):  # the first round warms up
        for name, contender in contenders.items():
            out = folder / f"out-{name}"
            started = time.monotonic()
            contender(cohort, quarters, out)
            seconds[name].append(time.monotonic() - started)
            digests.add(tuple(_digest(out.with_suffix(f".{quarter}")) for quarter in quarters))
    assert len(digests) == 1, "the contenders' files differ"
    middle = {name: statistics.median(taken[1:]) for name, taken in seconds.items()}
    ratios = {f"ratio_{name}": round(middle["ours"] / middle[name], 3) for name in contenders if name != "ours"}
    return {"seconds": round(middle["ours"], 3), **ratios, "peak_mb": _peak_of_worker(cohort, quarters)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _peak_of_worker(cohort: Path, quarters: list[int]) -> int:
    """Peak memory of the product's path in a process of its own, with the worker's role."""
    command = [sys.executable, "-m", "bench.match", "--one", str(cohort), ",".join(map(str, quarters))]
    environment = launch.environment(launch.Kind.WORKER, os.environ) | {
        name: os.environ[name] for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    }
    return int(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout.split()[-1])


def _peak_here(cohort: str, quarters: str) -> int:
    import django

    django.setup()
    from bench.match_product import product

    with tempfile.TemporaryDirectory() as folder:
        product(Path(cohort), [int(quarter) for quarter in quarters.split(",")], Path(folder) / "out")
    return memory_kb("VmHWM") // 1024


if __name__ == "__main__":
    main()
