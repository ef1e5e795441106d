"""A world of any size: as much memory as a small one, far quarters as fast as near ones, one content in two layouts."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from matching.core.load_files.wage_layouts import WageRecordReader
from matching.core.world import World, build_world, write_files
from matching.core.world.lines import Layout
from matching.core.world.population import WorldError

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
LONG = bool(os.environ.get("WR_LONG"))
# Records of the larger world; issue: up to 40 million in a quarter.
LARGE = 40_000_000 if LONG else 1_500_000
PEAKS = """
import json, resource, sys
from pathlib import Path
from matching.core.world import build_world
from matching.core.world.jobs import job_chunks
from matching.core.world.lines import WageLines
from matching.core.world.records import reported
for persons in sys.argv[2:]:
    world = build_world(states=["10"], persons=int(persons), seed=1, qcew_dir=Path(sys.argv[1]))
    lines, rows, size = WageLines(world.states[0].roster, 20183, "csv"), 0, 0
    for jobs in job_chunks(world, world.states[0], 20183, 16_384):
        records = reported(world, world.states[0], 20183, jobs, 0.0005)
        rows, size = rows + len(records), size + len(lines.of(records))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "bytes": size, "peak_mb": peak}))
"""


def test_memory_does_not_grow_with_the_world() -> None:
    command = [sys.executable, "-c", PEAKS, str(QCEW), "30000", str(round(LARGE * 1.16))]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)
    small, large = (json.loads(line) for line in answer.stdout.splitlines())

    assert large["rows"] > 0.95 * LARGE > 40 * small["rows"]
    assert large["bytes"] > 60 * LARGE
    assert large["peak_mb"] < small["peak_mb"] + 24


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(states=["44"], persons=20_000, seed=9, qcew_dir=QCEW)


def content(world: World, folder: Path, layout: Layout) -> Iterator[np.ndarray]:
    """Every column of every record of a state with hours and weeks, as the loader's reader reads them."""
    write_files(folder, world, [20171], layout=layout, dirt=0.01)
    batches = list(WageRecordReader(next(folder.glob("wage_records*"))))
    for name in ("ssn", "uin", "run", "ein", "wages", "hours", "weeks"):
        yield np.concatenate([getattr(batch, name) for batch in batches])


def test_both_layouts_hold_the_same(world: World, tmp_path: Path) -> None:
    csv, fixed = (list(content(world, tmp_path / layout, layout)) for layout in ("csv", "fixed"))

    assert len(csv[0]) > 15_000
    for one, other in zip(csv, fixed, strict=True):
        assert np.array_equal(one, other)
    *_, hours, weeks = csv
    assert 0 < (weeks > 0).mean() < (hours > 0).mean() < 1


def test_small_numbers_are_written_as_they_are_read(world: World, tmp_path: Path) -> None:
    write_files(tmp_path, world, [20171])
    lines = (tmp_path / "wage_records_44_20171.csv").read_text().splitlines()[1:]
    wages = [line.split(",")[10] for line in lines]

    assert all(wage == str(int(wage)) for wage in wages)
    assert {len(wage) for wage in wages} >= {3, 4, 5, 6}
    assert {line.count(",") for line in lines} == {12}


@pytest.mark.parametrize("quarter", [20161, 20162, 20234])
def test_every_person_of_a_world_has_one_position(world: World, quarter: int) -> None:
    everyone = np.arange(world.persons)
    positions = world.careers.positions_of(everyone, quarter)

    assert np.array_equal(np.sort(positions), everyone)
    assert np.array_equal(world.careers.persons_at(positions, quarter), everyone)


def test_ten_years_cost_no_more_than_one(world: World) -> None:
    def seconds(quarter: int) -> float:
        started = time.process_time()
        world.careers.positions_of(np.arange(world.persons), quarter)
        return time.process_time() - started

    near, far = (min(seconds(quarter) for _ in range(5)) for quarter in (20161, 20994))

    assert far < 3 * near


def test_a_world_too_large_for_the_disk_is_not_begun(world: World, tmp_path: Path) -> None:
    large = build_world(states=["44"], persons=50_000_000, seed=9, qcew_dir=QCEW)

    with pytest.raises(WorldError, match="GB free"):
        write_files(tmp_path / "none", large, [year * 10 + 1 for year in range(1990, 2100)])
    assert not (tmp_path / "none").exists()


def test_a_file_that_fails_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    def stop(_name: str, _done: int, _expected: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, world, [20171], progress=stop)

    assert [path.name for path in tmp_path.iterdir()] == ["establishments_44_20171.csv"]
