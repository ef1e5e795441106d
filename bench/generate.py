"""How fast a synthetic world is written as load files, in both layouts, and in how much memory.

Peers in the same run: polars and pyarrow, one thread each, write the same columns as CSV from memory, where they lie
ready; the generator makes them up as it goes. Every measurement is a process of its own, rounds take turns, medians.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.large_office import say

QCEW = Path(__file__).parents[1] / "data" / "qcew_2016"
STATES = ("44", "10")
QUARTER = 20183  # not published, so grown
SMALL = 20
PERSONS_PER_RECORD = 1.16
LIMIT = 1_000_000
PEER_LIMIT = 2_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one line of JSON; 1 where a layout stays under a million records a second and core.

    `seconds` and `records` are one quarter of all states, `records_per_s_core` counts processor time; `peak_mb` is the
    largest a generating process became, `peak_mb_small` the same for a twentieth of the records; `ratio_polars` is the
    generator's processor time per record to that of polars.
    """
    options = _parser().parse_args(arguments)
    rounds: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="generate-", dir=options.folder) as folder:
        for turn in range(options.rounds):
            for name, (work, records) in _parts(options.records).items():
                rounds.setdefault(name, []).append(_alone(work, Path(folder), records))
            say(f"round {turn + 1} of {options.rounds}")
    result = _result(options.rounds, rounds)
    print(json.dumps(result), flush=True)
    return int(min(result["records_per_s_core"].values()) < LIMIT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench generate", description=main.__doc__)
    parser.add_argument("--records", type=int, default=2_000_000, help="about so many wage records")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go for the time being")
    return parser


Work = Callable[[Path, int], dict[str, float]]


def _parts(records: int) -> dict[str, tuple[Work, int]]:
    return {
        "small": (_generate_csv, records // SMALL),
        "csv": (_generate_csv, records),
        "fixed": (_generate_fixed, records),
        "polars": (_write_with_polars, min(records, PEER_LIMIT)),
        "pyarrow": (_write_with_pyarrow, min(records, PEER_LIMIT)),
    }


def _alone(work: Work, folder: Path, records: int) -> dict[str, float]:
    """What the work measures, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (folder, records))


def _generate_csv(folder: Path, records: int) -> dict[str, float]:
    return _generate(folder, records, "csv")


def _generate_fixed(folder: Path, records: int) -> dict[str, float]:
    return _generate(folder, records, "fixed")


def _generate(folder: Path, records: int, layout: Any) -> dict[str, float]:
    """Writes one quarter; the world itself is made before the clock starts, once for all its quarters."""
    from matching.core.world import build_world, write_files

    started = time.perf_counter()
    world = build_world(states=STATES, persons=max(1_000, int(records * PERSONS_PER_RECORD)), seed=1, qcew_dir=QCEW)
    prepared = time.perf_counter() - started
    measured = _timed(lambda: write_files(folder, world, [QUARTER], layout=layout).wage_records)
    return measured | {"prepared": prepared}


def _write_with_polars(folder: Path, records: int) -> dict[str, float]:
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    columns = _columns(folder, records)
    frame = pl.from_arrow(columns)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a table is a frame")

    def write() -> int:
        frame.write_csv(folder / "peer.csv", quote_style="never")
        return frame.height

    return _timed(write)


def _write_with_pyarrow(folder: Path, records: int) -> dict[str, float]:
    import pyarrow.csv

    columns = _columns(folder, records)
    options = pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none")

    def write() -> int:
        pyarrow.csv.write_csv(columns, folder / "peer.csv", options)
        return int(columns.num_rows)

    return _timed(write)


def _columns(folder: Path, records: int) -> Any:
    """The columns of the first so many wage records just generated: codes and names as text, wages as numbers."""
    import pyarrow as pa
    import pyarrow.csv

    from matching.core.world.lines import WAGE_FIELDS

    types = dict.fromkeys(WAGE_FIELDS, pa.string()) | dict.fromkeys(("wage", "hours", "weeks"), pa.int32())
    options = pyarrow.csv.ConvertOptions(column_types=types)
    files = sorted(folder.glob("wage_records_*.csv"))
    table = pa.concat_tables([pyarrow.csv.read_csv(path, convert_options=options) for path in files])
    return table.slice(0, records).combine_chunks()


def _timed(work: Callable[[], int]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    records = work()
    return {
        "records": records,
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _result(rounds: int, measured: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    def median(name: str, what: str) -> float:
        return statistics.median(each[what] for each in measured[name])

    def per_core(name: str) -> float:
        return statistics.median(each["records"] / each["cpu_seconds"] for each in measured[name])

    layouts = ("csv", "fixed")
    return {
        "bench": "generate",
        "records": int(median("csv", "records")),
        "rounds": rounds,
        "seconds": {name: round(median(name, "seconds"), 2) for name in layouts},
        "records_per_s_core": {name: round(per_core(name)) for name in layouts},
        "prepare_seconds": round(median("csv", "prepared"), 1),
        "peak_mb": round(max(median(name, "peak_mb") for name in layouts)),
        "peak_mb_small": round(median("small", "peak_mb")),
        "peers_records_per_s_core": {name: round(per_core(name)) for name in ("polars", "pyarrow")},
        "ratio_polars": {name: round(per_core("polars") / per_core(name), 2) for name in layouts},
    }


if __name__ == "__main__":
    raise SystemExit(main())
