"""`./run bench load`: a wage-record file of one quarter, from the file to visible, beside DuckDB reading the same file.

The product's own loading function in a process and role of its own, with everything a load does; the vault knows 98 %
of the persons. DuckDB reads the file into a table in memory, with the types written down: the strictest peer. Both in
turn, each round with a new quarter; medians. One JSON line at the end.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.large_office import make_database, say
from bench.quarter_file import COLUMNS, STATE, Quarter, ssns
from config import launch

PERSONS_A_RECORD = 1.2
_CHUNK = 1_000_000
_NUMBERS = {"year": "SMALLINT", "quarter": "TINYINT", "wage": "INTEGER", "hours": "SMALLINT", "weeks": "SMALLINT"}


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(_load_here(options.one)))
        return
    make_database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    vault = int(options.rows * PERSONS_A_RECORD)
    fill_vault(vault)
    with tempfile.TemporaryDirectory() as folder:
        rounds = [_round(Path(folder), options.rows, vault, number) for number in range(options.rounds)]
    print(json.dumps(_answer(options.rows, rounds)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench load", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # the process that loads
    return parser.parse_args()


def _answer(rows: int, rounds: list[dict[str, float]]) -> dict[str, Any]:
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return {
        "bench": "load", "rows": rows, "rounds": len(rounds), "seconds": round(middle["seconds"], 2),
        "rows_per_s": round(rows / middle["seconds"]), "bytes_per_record": round(middle["bytes"] / rows, 1),
        "peak_mb": round(middle["peak_mb"]), "own_mb": round(middle["own_mb"]),
        "duckdb_seconds": round(middle["duckdb"], 2),
        "ratio_duckdb": round(statistics.median(one["seconds"] / one["duckdb"] for one in rounds), 2),
    }  # fmt: skip


def _round(folder: Path, rows: int, vault: int, number: int) -> dict[str, float]:
    quarter = Quarter(rows, vault, 0.98, 20161 + number)
    path = folder / f"{quarter.quarter}.csv"
    quarter.write(path)
    say(f"{path.stat().st_size / 1e6:,.0f} MB with {rows:,} records")
    before = _duckdb(path)
    command = [sys.executable, "-m", "bench.load", "--one", str(path)]
    environment = launch.environment(launch.Kind.LOADER, os.environ) | {
        name: os.environ[name] for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    }
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    ours: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    duckdb = (before + _duckdb(path)) / 2
    path.unlink()
    say(f"{ours['seconds']:.1f} s, DuckDB {duckdb:.1f} s")
    return ours | {"duckdb": duckdb, "bytes": _bytes_of(quarter.quarter)}


def _load_here(path: Path) -> dict[str, float]:
    """Seconds and peak memory of one load in this process, which is the loader's."""
    import django

    django.setup()
    from matching.loads.loading import load_wage_records
    from matching.store import holdings

    steps: dict[str, float] = {}
    own: list[int] = []

    def told(done: Any) -> None:
        steps[done.step] = time.monotonic() - started
        own.append(memory_kb("RssAnon"))

    started = time.monotonic()
    result = load_wage_records(path, progress=told)
    seconds = time.monotonic() - started
    assert [held.rows for held in holdings() if held.quarter == result.quarter] == [result.rows]
    say(", ".join(f"{step} until {second:.1f} s" for step, second in steps.items()) + f", visible at {seconds:.1f} s")
    return {"seconds": seconds, "peak_mb": memory_kb("VmHWM") / 1024, "own_mb": max(own) / 1024}


def memory_kb(what: str) -> int:
    """VmHWM: the most this process had, mapped files included; RssAnon: without them, now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def _duckdb(path: Path) -> float:
    """Seconds until the file is a table in memory."""
    import duckdb

    columns = {name: _NUMBERS.get(name, "VARCHAR") for name in COLUMNS}
    with duckdb.connect() as connection:
        started = time.monotonic()
        connection.execute(f"CREATE TABLE record AS FROM read_csv('{path}', header = true, columns = {columns})")
        return time.monotonic() - started


def fill_vault(persons: int) -> None:
    """A vault of so many persons under the key of the environment, as loads before would have left it."""
    from django.db import connection, transaction
    from django.utils import timezone

    from matching.core.tokens import key_fingerprint, tokens
    from matching.models import VaultKey
    from matching.segments.vault import remake_vault
    from matching.sql.copy_binary import CopyIn
    from matching.vault.keys import key_of_file, ssn_world

    key, now = key_of_file(), timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                       " WHERE conrelid = 'vault.person'::regclass AND contype IN ('p', 'u')")  # fmt: skip
        rules = cursor.fetchall()
        for name, _ in rules:  # indexes are made faster at the end
            cursor.execute(f"ALTER TABLE vault.person DROP CONSTRAINT {name}")
        VaultKey.objects.create(
            version=1, world=ssn_world(), fingerprint=key_fingerprint(key), made_at=now, live_from=now
        )
        with CopyIn(cursor, "vault.person (person_id, token, key_version)") as copy:
            for start in range(0, persons, _CHUNK):
                index = np.arange(start, min(start + _CHUNK, persons))
                token = tokens(ssns(index), key)
                copy.write([(index + 1).astype(np.int32), token, np.ones(len(index), np.int16)])
        for name, rule in rules:
            cursor.execute(f"ALTER TABLE vault.person ADD CONSTRAINT {name} {rule}")
        remake_vault(cursor, 1)
    say(f"a vault of {persons:,} persons")


def _bytes_of(quarter: int) -> float:
    """What a load of this quarter takes up, the vault apart: rows, indexes, segments."""
    from django.db import connection
    from django.db.models import Sum

    from matching.models import Load, Segment

    load = Load.objects.get(quarter=quarter, state=STATE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('wages.wage_record_' || %s)"
            " + pg_total_relation_size('wages.unit') * (SELECT count(*) FROM wages.unit WHERE load_id = %s)"
            " / (SELECT count(*) FROM wages.unit)",
            [load.pk, load.pk],
        )
        in_database = int(cursor.fetchone()[0])
    return in_database + int(Segment.objects.filter(load=load).aggregate(all=Sum("bytes"))["all"])


if __name__ == "__main__":
    main()
