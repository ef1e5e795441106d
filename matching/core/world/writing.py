"""Writes a world as the load files of its states: per state and quarter, wage records and establishments."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow.csv

from matching.core.world.careers import ordinal
from matching.core.world.establishment_file import csv_options, establishment_table
from matching.core.world.jobs import job_chunks, records_expected
from matching.core.world.lines import Layout, WageLines
from matching.core.world.population import StatePopulation, World, WorldError, build_world
from matching.core.world.records import reported
from matching.core.world.shocks import Shock

Layouts = Literal["csv", "fixed", "mixed"]
Progress = Callable[[str, int, int], None]

CHUNK_SIZE: Final = 16_384
DIRT: Final = 0.0005
_RECORD_BYTES: Final = {"csv": 75, "fixed": 93, "mixed": 93}
_ESTABLISHMENT_BYTES: Final = 130
_LEAVERS: Final = 1.05


@dataclass(frozen=True)
class WorldFile:
    """One file written: `kind` wage_records or establishments, `layout` csv or fixed, rows, sum of wages in dollars."""

    path: Path
    kind: Literal["wage_records", "establishments"]
    layout: Layout
    state_fips: str
    quarter: int
    rows: int
    wages: int


@dataclass(frozen=True)
class WorldSummary:
    """What was written; `scale` is 1.0 when jobs equal published employment."""

    persons: int
    scale: float
    seed: int
    files: tuple[WorldFile, ...]

    @property
    def wage_records(self) -> int:
        return sum(file.rows for file in self.files if file.kind == "wage_records")


def write_world(
    directory: Path,
    *,
    states: Sequence[str],
    quarters: Sequence[int],
    persons: int | None,
    seed: int,
    qcew_dir: Path,
    layout: Layouts = "csv",
    dirt: float = DIRT,
    shocks: Sequence[Shock] = (),
    progress: Progress | None = None,
) -> WorldSummary:
    """Make a world (`build_world`) and write its files (`write_files`)."""
    world = build_world(states=states, persons=persons, seed=seed, qcew_dir=qcew_dir, shocks=shocks)
    return write_files(directory, world, quarters, layout=layout, dirt=dirt, progress=progress)


def write_files(
    directory: Path,
    world: World,
    quarters: Sequence[int],
    *,
    layout: Layouts = "csv",
    dirt: float = DIRT,
    progress: Progress | None = None,
) -> WorldSummary:
    """Write the files of a world to `directory`; the same world and quarter give the same bytes.

    quarters: YYYYQ; layout `mixed`: states take turns (CSV first). dirt: share of wage records wrong on purpose.
    progress(file name, wage records done, wage records expected) counts over all files. Files: establishments_SS_YYYYQ
    .csv, wage_records_SS_YYYYQ.csv or .txt; a file is there whole or not at all. Raises WorldError or QcewError before
    anything is written, OSError where the disk fails.
    """
    _check_quarters(world, quarters)
    if not 0.0 <= dirt <= 0.5:
        raise WorldError("The share of wrong records lies between 0 and 0.5.")
    expected = sum(_expected(population, quarters) for population in world.states)
    _check_room(directory, world, expected * _RECORD_BYTES[layout], len(quarters))
    directory.mkdir(parents=True, exist_ok=True)
    files: list[WorldFile] = []
    done = 0
    for quarter in sorted(quarters):
        for turn, population in enumerate(world.states):
            files.append(write_establishments(directory, population, quarter))
            told = _from(done, expected, progress)
            records = write_wage_records(
                directory, world, population, quarter, _layout_of(layout, turn), dirt=dirt, progress=told
            )
            files.append(records)
            done += records.rows
    return WorldSummary(world.persons, world.scale, world.seed, tuple(files))


def _check_quarters(world: World, quarters: Sequence[int]) -> None:
    if not quarters or len(set(quarters)) != len(quarters) or not all(_is_quarter(quarter) for quarter in quarters):
        raise WorldError("Name at least one quarter, each once, as YYYYQ.")
    for population in world.states:
        for quarter in quarters:
            population.roster.cells.calibrating_quarter(quarter)


def _is_quarter(quarter: int) -> bool:
    return ordinal(19901) <= ordinal(quarter) <= ordinal(20994) and 1 <= quarter % 10 <= 4


def _expected(population: StatePopulation, quarters: Sequence[int]) -> int:
    """About how many wage records a state has over the quarters: as many as in those they grow from."""
    bases = Counter(population.roster.cells.calibrating_quarter(quarter) for quarter in quarters)
    return int(_LEAVERS * sum(times * records_expected(population, base) for base, times in bases.items()))


def _check_room(directory: Path, world: World, record_bytes: int, quarters: int) -> None:
    places = sum(len(population.roster.cell) for population in world.states)
    needed = record_bytes + quarters * places * _ESTABLISHMENT_BYTES
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise WorldError(
            f"The files would take about {needed / 1e9:,.1f} GB, but {directory} has {free / 1e9:,.1f} GB free."
        )


def _from(done: int, expected: int, progress: Progress | None) -> Progress | None:
    """The progress of one file as part of the whole."""
    if progress is None:
        return None
    return lambda name, rows, _: progress(name, done + rows, max(expected, done + rows))


def _layout_of(layout: Layouts, turn: int) -> Layout:
    if layout == "mixed":
        return "csv" if turn % 2 == 0 else "fixed"
    return layout


def write_establishments(directory: Path, population: StatePopulation, quarter: int) -> WorldFile:
    """The establishment file of a state and quarter; replaces a file of the same name in one step."""
    table = establishment_table(population.roster, population.establishments(quarter))
    path = directory / f"establishments_{population.state_fips}_{quarter}.csv"
    with _in_one_step(path) as partial:
        pyarrow.csv.write_csv(table, partial, csv_options())
    wages = int(population.establishments(quarter).values[:, 3].sum())
    return WorldFile(path, "establishments", "csv", population.state_fips, quarter, table.num_rows, wages)


def write_wage_records(
    directory: Path,
    world: World,
    population: StatePopulation,
    quarter: int,
    layout: Layout,
    *,
    dirt: float = DIRT,
    chunk_size: int = CHUNK_SIZE,
    progress: Progress | None = None,
) -> WorldFile:
    """The wage-record file of a state and quarter, chunk by chunk; replaces a file of the same name in one step."""
    path = directory / f"wage_records_{population.state_fips}_{quarter}.{'csv' if layout == 'csv' else 'txt'}"
    lines = WageLines(population.roster, quarter, layout)
    expected, rows, wages = records_expected(population, quarter), 0, 0
    with _in_one_step(path) as partial, partial.open("wb", buffering=0) as out:
        out.write(lines.header)
        for jobs in job_chunks(world, population, quarter, chunk_size):
            records = reported(world, population, quarter, jobs, dirt)
            out.write(lines.of(records))
            rows, wages = rows + len(records), wages + int(records.wage.sum())
            if progress is not None:
                progress(path.name, rows, max(rows, expected))
    return WorldFile(path, "wage_records", layout, population.state_fips, quarter, rows, wages)


@contextmanager
def _in_one_step(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` when all went well and is gone otherwise."""
    partial = path.with_suffix(".partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
