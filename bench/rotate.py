"""`./run bench rotate`: the SSN key of a vault of ten million persons is rotated by the product's own command.

The peer rewrites the rows where they are, batch by batch, in the same run on a smaller vault of equal size for both:
what ADR 0014 decided against. One JSON line at the end.
"""

import argparse
import json
import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from bench.large_office import make_database, say
from config import launch

CHUNK = 1_000_000
NEXT_KEY = "SSN_KEY_FILE_NEXT"


def main() -> None:
    options = _options()
    make_database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        compared = options.peer_persons
        peer_seconds = _peer(compared, Path(folder))
        ours_seconds = _ours_in_process(compared, Path(folder))
        seconds, peak_mb = _command(options.persons, Path(folder))
    answer = {
        "bench": "rotate", "persons": options.persons, "seconds": round(seconds, 1),
        "persons_per_s": round(options.persons / seconds), "peak_mb": round(peak_mb),
        "ratio_in_place": round(ours_seconds / peer_seconds, 2), "ratio_persons": compared,
    }  # fmt: skip
    print(json.dumps(answer))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--peer-persons", type=int, default=1_000_000, help="persons of both vaults that are compared")
    return parser.parse_args()


def _ours_in_process(persons: int, folder: Path) -> float:
    """Seconds of the same rotation without a new process, to compare with the peer."""
    from django.conf import settings

    from matching.vault.rotation import rotate

    before = _fill(persons)
    settings.SSN_KEY_FILE_NEXT = Path(_new_key(folder))
    started = time.monotonic()
    rotate(lambda *_: None)
    seconds = time.monotonic() - started
    assert _numbers() == before, "persons changed their numbers"
    say(f"{persons:,} persons rotated beside in {seconds:.1f} s")
    return seconds


def _command(persons: int, folder: Path) -> tuple[float, float]:
    """Seconds and peak memory of the command, in a process of its own with the loader's role."""
    before = _fill(persons)
    environment = os.environ | {NEXT_KEY: _new_key(folder)}
    command = launch.management_command(["rotate_ssn_key"])
    started = time.monotonic()
    process = subprocess.Popen(command, env=launch.management_environment(command[2:], environment))  # type: ignore[arg-type]
    peak_kb = 0
    while process.poll() is None:
        peak_kb = max(peak_kb, _peak_kb(process.pid))
        time.sleep(0.1)
    seconds = time.monotonic() - started
    assert process.returncode == 0, "the rotation failed"
    assert _numbers() == before, "persons changed their numbers"
    say(f"{persons:,} persons rotated in {seconds:.1f} s")
    return seconds, peak_kb / 1024


def _peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _peer(persons: int, folder: Path) -> float:
    """Seconds to rewrite the rows where they are, in batches of the same size, verified by nothing."""
    from matching.core.tokens import ssns, tokens
    from matching.vault.rotation import BATCH

    _fill(persons)
    old, new = (Path(path).read_bytes() for path in (os.environ["SSN_KEY_FILE"], _new_key(folder)))
    started = time.monotonic()
    with _connected() as connection:
        connection.execute("CREATE TEMP TABLE rewritten (person_id integer, token uuid)")
        for after in range(0, persons, BATCH):
            rows = connection.execute(
                "SELECT string_agg(int4send(person_id), ''::bytea), string_agg(uuid_send(token), ''::bytea)"
                " FROM (SELECT * FROM vault.person WHERE person_id > %s AND person_id <= %s) p",
                [after, after + BATCH],
            ).fetchone()
            assert rows
            ids, token = np.frombuffer(rows[0], ">i4"), np.frombuffer(rows[1], ">u8").reshape(-1, 2)
            connection.execute("TRUNCATE rewritten")
            _copy(connection, "rewritten (person_id, token)", ids, tokens(ssns(token, old), new))
            connection.execute("ANALYZE rewritten")
            connection.execute(
                "UPDATE vault.person p SET token = r.token, key_version = 2 FROM rewritten r"
                " WHERE r.person_id = p.person_id"
            )
        connection.execute("VACUUM vault.person")
    seconds = time.monotonic() - started
    say(f"{persons:,} persons rewritten in place in {seconds:.1f} s")
    return seconds


def _fill(persons: int) -> tuple[Any, ...]:
    """A vault of so many specimens under the key of this environment; its `_numbers`."""
    from django.utils import timezone

    from matching.core.ssn import SsnWorld, is_possible
    from matching.core.tokens import key_fingerprint, tokens

    key = Path(os.environ["SSN_KEY_FILE"]).read_bytes()
    with _connected() as connection:
        connection.execute("TRUNCATE vault.person, vault.key")
        connection.execute("ALTER TABLE vault.person DROP CONSTRAINT person_pkey, DROP CONSTRAINT person_token_key")
        connection.execute(
            "INSERT INTO vault.key (version, world, fingerprint, made_at, live_from, rewritten_to)"
            " VALUES (1, 'specimen', %s, %s, %s, 0)",
            [key_fingerprint(key), *[timezone.now()] * 2],
        )
        candidates = np.arange(900_000_000, 900_000_000 + 2 * persons + CHUNK, dtype=np.uint32)
        specimens = candidates[is_possible(candidates, SsnWorld.SPECIMEN)][:persons]
        assert len(specimens) == persons
        numbers = np.random.default_rng(1).permutation(specimens)
        for start in range(0, persons, CHUNK):
            ssn = numbers[start : start + CHUNK]
            ids = np.arange(start + 1, start + 1 + len(ssn), dtype=np.int32)
            _copy(connection, "vault.person (person_id, token, key_version)", ids, tokens(ssn, key), 1)
        connection.execute(
            "ALTER TABLE vault.person ADD CONSTRAINT person_pkey PRIMARY KEY (person_id),"
            " ADD CONSTRAINT person_token_key UNIQUE (token)"
        )
        connection.execute("VACUUM ANALYZE vault.person")
    return _numbers()


def _copy(
    connection: psycopg.Connection[Any],
    target: str,
    ids: npt.NDArray[Any],
    token: npt.NDArray[Any],
    version: int | None = None,
) -> None:
    from matching.sql.copy_binary import copy_in

    columns = [ids.astype(np.int32), token, *([] if version is None else [np.full(len(ids), version, np.int16)])]
    with connection.cursor() as cursor:
        copy_in(cursor, target, columns)  # type: ignore[arg-type]


def _numbers() -> tuple[Any, ...]:
    """How many persons, and sums by which a changed number would show."""
    with _connected() as connection:
        query = "SELECT count(*), sum(person_id::bigint), sum(person_id::numeric * person_id) FROM vault.person"
        row = connection.execute(query).fetchone()
    assert row
    return tuple(row)


def _new_key(folder: Path) -> str:
    path = folder / secrets.token_hex(8)
    path.write_bytes(secrets.token_bytes(32))
    return str(path)


def _connected() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


if __name__ == "__main__":
    main()
