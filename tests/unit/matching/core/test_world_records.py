"""Synthetic wage records: same seed same bytes, any chunk size, shares and totals of published wages, movers, dirt."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from matching.core.load_files.wage_layouts import CSV_FIELDS, WageBatch, WageRecordReader
from matching.core.qcew.layout import QcewError
from matching.core.ssn import SsnWorld, refuse_reason
from matching.core.world.jobs import Jobs, job_chunks
from matching.core.world.lines import WAGE_FIELDS
from matching.core.world.people import cohort_people, people
from matching.core.world.population import World, WorldError, build_world
from matching.core.world.writing import WorldSummary, write_wage_records, write_world

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
STATES = ("44", "10")
COVERED = ("2", "3", "5")


def make(folder: Path, seed: int = 11, quarters: Sequence[int] = (20161, 20164), dirt: float = 0.0) -> WorldSummary:
    return write_world(
        folder, states=STATES, quarters=quarters, persons=30_000, seed=seed, qcew_dir=QCEW, layout="mixed", dirt=dirt
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WorldSummary:
    return make(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(states=STATES, persons=100_000, seed=11, qcew_dir=QCEW)


@pytest.fixture(scope="module")
def full_world() -> World:
    return build_world(states=STATES, persons=None, seed=11, qcew_dir=QCEW)


def digests(summary: WorldSummary) -> dict[str, str]:
    return {file.path.name: sha256(file.path.read_bytes()).hexdigest() for file in summary.files}


def all_jobs(world: World, state: str, quarter: int, chunk_size: int = 100_000) -> Jobs:
    chunks = list(job_chunks(world, world.state(state), quarter, chunk_size))
    names = ("establishment", "person", "wage", "slot", "part", "leaver")
    return Jobs(*(np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names))


def read(summary: WorldSummary, state: str, quarter: int) -> list[WageBatch]:
    reader = WageRecordReader(
        next(f.path for f in summary.files if (f.kind, f.state_fips, f.quarter) == ("wage_records", state, quarter))
    )
    batches = list(reader)
    assert (reader.state, reader.quarter, reader.rejects.total) == (state, quarter, 0)
    return batches


def column(batches: list[WageBatch], name: str) -> np.ndarray:
    return np.concatenate([getattr(batch, name) for batch in batches])


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, written: WorldSummary) -> None:
    again, other = make(tmp_path / "again"), make(tmp_path / "other", seed=12)

    assert digests(again) == digests(written)
    assert len(digests(other)) == 8
    assert not set(digests(other).values()) & set(digests(written).values())


def test_a_quarter_is_the_same_whatever_else_is_written(tmp_path: Path, written: WorldSummary) -> None:
    alone = digests(make(tmp_path, quarters=[20164]))

    assert alone == {name: digest for name, digest in digests(written).items() if "20164" in name}


@pytest.mark.parametrize("chunk_size", [257, 4_999, 10**9])
def test_chunk_size_does_not_change_a_byte(tmp_path: Path, written: WorldSummary, chunk_size: int) -> None:
    small = build_world(states=STATES, persons=30_000, seed=11, qcew_dir=QCEW)
    file = write_wage_records(tmp_path, small, small.state("44"), 20164, "fixed", dirt=0.0, chunk_size=chunk_size)

    assert sha256(file.path.read_bytes()).hexdigest() == digests(written)[file.path.name]


def test_chunks_stay_small_however_large_an_establishment(full_world: World) -> None:
    sizes = [len(chunk) for chunk in job_chunks(full_world, full_world.state("10"), 20161, 10_000)]

    assert full_world.state("10").jobs(20161).max() > 5_000
    assert max(sizes) < 10_000 * 1.2 + 4_096


@pytest.mark.parametrize(("state", "quarter"), [("44", 20161), ("10", 20163)])
def test_wages_at_scale_one_equal_every_cell(full_world: World, state: str, quarter: int) -> None:
    population = full_world.state(state)
    cells = population.roster.cells
    jobs = all_jobs(full_world, state, quarter)
    paid = np.bincount(population.roster.cell[jobs.establishment], jobs.wage, len(cells.naics)).astype(np.int64)
    covered = np.isin(cells.ownership, COVERED)
    employment = cells.published[quarter].values[covered, :3].mean(axis=1).sum()

    assert full_world.scale == 1.0
    assert np.array_equal(paid[covered], cells.published[quarter].values[covered, 3])
    assert not paid[~covered].any()
    assert 0.98 < len(jobs) / employment < 1.25
    assert jobs.wage.min() > 0


@pytest.mark.parametrize("state", STATES)
def test_smaller_worlds_reproduce_shares(world: World, state: str) -> None:
    population = world.state(state)
    cells, figures = population.roster.cells, population.establishments(20162)
    sector = np.where(cells.ownership == "5", cells.naics.astype("U2"), "government")[population.roster.cell]
    jobs = all_jobs(world, state, 20162)
    covered = np.isin(population.roster.ownership, COVERED)
    published = {name: figures.values[covered & (sector == name), 3].sum() for name in np.unique(sector)}
    total = sum(published.values())

    for name, wages in published.items():
        share = jobs.wage[sector[jobs.establishment] == name].sum() / jobs.wage.sum()
        assert abs(share - wages / total) < 0.01, name
    assert 0.07 < jobs.wage.sum() / total < 0.11


def test_people_hold_several_jobs_stay_move_and_cross_states(world: World) -> None:
    first = {state: all_jobs(world, state, 20161) for state in STATES}
    last = {state: all_jobs(world, state, 20164) for state in STATES}
    held = np.bincount(np.concatenate([jobs.person for jobs in first.values()]))
    moved = {
        state: np.intersect1d(
            np.setdiff1d(first[state].person, first[other].person), last[other].person, assume_unique=False
        )
        for state, other in (("44", "10"), ("10", "44"))
    }
    kept = np.isin(first["44"].person, last["44"].person).mean()

    assert 0.04 < (held > 1).sum() / (held > 0).sum() < 0.2
    assert min(len(movers) for movers in moved.values()) > 100
    assert 0.8 < kept < 0.97
    assert max(jobs.person.max() for jobs in first.values()) < world.persons


def test_pay_is_skewed_and_goes_with_the_person(world: World) -> None:
    first, later = all_jobs(world, "44", 20161), all_jobs(world, "44", 20162)
    whole = [jobs.rows(np.flatnonzero(jobs.part == 1.0)) for jobs in (first, later)]
    both, at_first, at_later = np.intersect1d(whole[0].person, whole[1].person, return_indices=True)
    pay = np.log(whole[0].wage[at_first]), np.log(whole[1].wage[at_later])

    assert len(both) > 20_000
    assert np.corrcoef(*pay)[0, 1] > 0.6
    assert first.wage.mean() > 1.25 * np.median(first.wage)


def test_seasonal_jobs_come_and_go(world: World) -> None:
    cells = world.state("44").roster.cells
    lodging = np.char.startswith(cells.naics, "721")[world.state("44").roster.cell]
    winter, summer = (world.state("44").jobs(quarter)[lodging].sum() for quarter in (20161, 20163))

    assert summer > 1.15 * winter


def test_records_read_back_with_their_layout(written: WorldSummary) -> None:
    csv, fixed = read(written, "10", 20161), read(written, "44", 20161)

    assert WAGE_FIELDS == CSV_FIELDS
    assert {file.layout for file in written.files if file.state_fips == "44"} == {"fixed", "csv"}
    for batches, state in ((csv, "10"), (fixed, "44")):
        file = next(f for f in written.files if (f.kind, f.state_fips, f.quarter) == ("wage_records", state, 20161))
        assert len(column(batches, "ssn")) == file.rows
        assert column(batches, "wages").sum(dtype=np.int64) == file.wages
        assert not refuse_reason(column(batches, "ssn"), SsnWorld.SPECIMEN).any()
    assert (column(csv, "hours") == -1).all()
    assert 0.8 < (column(fixed, "hours") > 0).mean() < 0.97
    assert 0.7 < (column(csv, "run") == b"00000").mean() < 0.99


def test_dirt_is_rare_and_of_the_named_kinds(tmp_path: Path, written: WorldSummary) -> None:
    dirty = make(tmp_path, dirt=0.02, quarters=[20161])
    batches = read(dirty, "10", 20161)
    ssn = column(batches, "ssn")
    impossible = refuse_reason(ssn, SsnWorld.SPECIMEN) != 0
    clean_rows = next(f.rows for f in written.files if (f.kind, f.quarter) == ("wage_records", 20161))

    assert 0.01 < impossible.mean() < 0.02
    assert (ssn == 0).any()
    assert (ssn == 999_999_999).any()
    twice = np.sum((np.diff(ssn.astype(np.int64)) == 0) & ~impossible[1:])
    assert 0.003 < (len(ssn) - clean_rows) / clean_rows < 0.007
    assert abs(twice - (len(ssn) - clean_rows)) <= 5


def test_a_quarter_without_published_files_grows_from_its_season(world: World) -> None:
    now, next_year = all_jobs(world, "44", 20161), all_jobs(world, "44", 20171)
    published = world.state("44").roster.cells.published[20161].values.sum(axis=0)
    grown = [world.state("44").establishments(quarter).values.sum(axis=0) for quarter in (20171, 20251)]

    assert world.state("44").roster.cells.calibrating_quarter(20171) == 20161
    for later in grown:
        assert np.abs(later[:3] / published[:3] - 1).min() > 0.0001
        assert np.abs(later[:3] / published[:3] - 1).max() < 0.08
    assert 1.01 < grown[0][3] / published[3] < 1.04 < grown[1][3] / published[3] < 1.35
    assert np.isin(now.slot[~now.leaver], next_year.slot).mean() > 0.95
    assert not np.array_equal(now.person, next_year.person)


def test_cohort_people_are_those_in_the_files(world: World) -> None:
    everyone = people(world, 20161, np.arange(world.persons + 50))
    jobs = all_jobs(world, "10", 20161)
    hospital = everyone.employed & (everyone.state == "10") & np.char.startswith(everyone.naics, "622")

    assert np.isin(everyone.person[everyone.state == "10"], jobs.person).all()
    assert hospital.sum() > 300
    assert not everyone.employed[-50:].any()
    assert not everyone.in_world[-50:].any()
    assert len(np.unique(everyone.ssn)) == len(everyone)
    later = people(world, 20164, everyone.person[everyone.state == "10"])
    assert 50 < (later.state == "44").sum() < 0.05 * len(later)
    part = cohort_people(states=STATES, persons=100_000, seed=11, qcew_dir=QCEW, quarter=20161, start=500, stop=600)
    assert np.array_equal(part.ssn, everyone.ssn[500:600])


def test_confidential_looking_values_do_not_show_in_reprs(world: World) -> None:
    few = people(world, 20161, np.arange(3))

    assert str(few.ssn[0]) not in repr(few)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"states": []}, WorldError, "at least one state"),
        ({"states": ["44", "44"]}, WorldError, "each once"),
        ({"states": ["06"]}, QcewError, "No published QCEW files for state 06"),
        ({"persons": 10}, WorldError, "1,000 to"),
        ({"persons": 10**9}, WorldError, "1,000 to"),
        ({"quarters": []}, WorldError, "YYYYQ"),
        ({"quarters": [20165]}, WorldError, "YYYYQ"),
    ],
)
def test_impossible_worlds_are_refused(
    tmp_path: Path, change: dict[str, object], error: type[Exception], message: str
) -> None:
    wanted: dict[str, object] = {"states": ["10"], "quarters": [20161], "persons": 5_000, **change}

    with pytest.raises(error, match=message):
        write_world(tmp_path / "none", seed=1, qcew_dir=QCEW, **wanted)  # type: ignore[arg-type]
    assert not (tmp_path / "none").exists()
