"""Writes a world as the load files of its states: per state and quarter, wage records and establishments."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow.csv

from matching.core.world.establishment_file import csv_options, establishment_table
from matching.core.world.jobs import job_chunks, records_expected
from matching.core.world.lines import WageLines
from matching.core.world.population import StatePopulation, World, WorldError, build_world
from matching.core.world.records import reported

Layout = Literal["csv", "fixed", "mixed"]
Progress = Callable[[str, int, int], None]

CHUNK_SIZE: Final = 16_384
DIRT: Final = 0.0005


@dataclass(frozen=True)
class WorldFile:
    """One file written: `kind` wage_records or establishments, `layout` csv or fixed, rows, sum of wages in dollars."""

    path: Path
    kind: Literal["wage_records", "establishments"]
    layout: Literal["csv", "fixed"]
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
    layout: Layout = "csv",
    dirt: float = DIRT,
    chunk_size: int = CHUNK_SIZE,
    progress: Progress | None = None,
) -> WorldSummary:
    """Make a world and write its files to `directory`; same states, quarters, persons and seed give the same bytes.

    states: two-digit FIPS; quarters: YYYYQ; persons: None for scale 1; layout `mixed`: states take turns (CSV first).
    dirt: share of wage records wrong on purpose. progress(file name, records done, records expected).
    Files: wage_records_SS_YYYYQ.csv or .txt, establishments_SS_YYYYQ.csv. Raises WorldError or QcewError.
    """
    world = build_world(states=states, persons=persons, seed=seed, qcew_dir=qcew_dir)
    _check_quarters(world, quarters)
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    files = []
    for quarter in sorted(quarters):
        for turn, population in enumerate(world.states):
            chosen = _layout_of(layout, turn)
            files.append(write_establishments(directory, population, quarter))
            files.append(write_wage_records(directory, world, population, quarter, chosen, dirt, chunk_size, progress))
    return WorldSummary(world.persons, world.scale, seed, tuple(files))


def _check_quarters(world: World, quarters: Sequence[int]) -> None:
    if not quarters or len(set(quarters)) != len(quarters) or not all(_is_quarter(quarter) for quarter in quarters):
        raise WorldError("Name at least one quarter, each once, as YYYYQ.")
    for population in world.states:
        for quarter in quarters:
            population.roster.cells.calibrating_quarter(quarter)


def _is_quarter(quarter: int) -> bool:
    return 1990 <= quarter // 10 <= 2099 and 1 <= quarter % 10 <= 4


def _layout_of(layout: Layout, turn: int) -> Literal["csv", "fixed"]:
    if layout == "mixed":
        return "csv" if turn % 2 == 0 else "fixed"
    return layout


def write_establishments(directory: Path, population: StatePopulation, quarter: int) -> WorldFile:
    """The establishment file of a state and quarter; replaces a file of the same name in one step."""
    table = establishment_table(population.roster, population.establishments(quarter))
    path = directory / f"establishments_{population.state_fips}_{quarter}.csv"
    partial = path.with_suffix(".partial")
    pyarrow.csv.write_csv(table, partial, csv_options())
    os.replace(partial, path)
    wages = int(population.establishments(quarter).values[:, 3].sum())
    return WorldFile(path, "establishments", "csv", population.state_fips, quarter, table.num_rows, wages)


def write_wage_records(
    directory: Path,
    world: World,
    population: StatePopulation,
    quarter: int,
    layout: Literal["csv", "fixed"],
    dirt: float = DIRT,
    chunk_size: int = CHUNK_SIZE,
    progress: Progress | None = None,
) -> WorldFile:
    """The wage-record file of a state and quarter, chunk by chunk; replaces a file of the same name in one step."""
    path = directory / f"wage_records_{population.state_fips}_{quarter}.{'csv' if layout == 'csv' else 'txt'}"
    partial = path.with_suffix(".partial")
    lines = WageLines(population.roster, quarter, layout)
    expected, rows, wages = records_expected(population, quarter), 0, 0
    with partial.open("wb") as out:
        out.write(lines.header)
        for jobs in job_chunks(world, population, quarter, chunk_size):
            records = reported(world, population, quarter, jobs, dirt)
            out.write(lines.of(records))
            rows, wages = rows + len(records), wages + int(records.wage.sum())
            if progress is not None:
                progress(path.name, rows, max(rows, expected))
    os.replace(partial, path)
    return WorldFile(path, "wage_records", layout, population.state_fips, quarter, rows, wages)
