"""The product's path from a cohort's CSV to the CSV of a package, as a worker walks it, without sealing."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from bench.quarter_file import STATE
from matching import store
from matching.core.cohort import file as cohort_file
from matching.core.cohort.identity import Cohort
from matching.core.micro.csv_lines import csv_parts
from matching.core.micro.records import attach_ids
from matching.core.tokens import tokens
from matching.services.file_match import MANY_PERSONS, PERSONS_AT_ONCE
from matching.vault import keys as vault_keys
from matching.vault.persons import PersonIds


def product(cohort_path: Path, quarters: list[int], out: Path) -> None:
    """One file per quarter beside ``out``."""
    with cohort_path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 20), b"")
        answer = cohort_file.check(chunks, state_fips=STATE, quarters=set(quarters), world=vault_keys.ssn_world())
    assert answer.cohort is not None
    with vault_keys.held() as live:
        persons = store.resolve(tokens(answer.cohort.ssn, live.key))
    for quarter in quarters:
        with out.with_suffix(f".{quarter}").open("wb") as file:
            file.writelines(csv_parts(_tables(persons, answer.cohort, quarter)))


def _tables(persons: PersonIds, cohort: Cohort, quarter: int) -> Iterator[pa.Table]:
    held = store.open_quarter(quarter, [STATE])
    for start in range(0, len(persons), PERSONS_AT_ONCE):
        some = slice(start, start + PERSONS_AT_ONCE)
        yield attach_ids(store.match(persons[some], held).table(), cohort.temporary_ids[some])
    if len(persons) >= MANY_PERSONS:
        held.give_back()
