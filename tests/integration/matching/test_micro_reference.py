"""Random requests through the real services, and an independent reference: the same tables, to the byte."""

import io
import json
import os
import random
import runpy
import zipfile
from pathlib import Path

import numpy as np
import pytest

from matching.core.ssn import SsnWorld, is_possible
from requests_app.states import State
from tests import emptied, match_office
from tests.reference_match import Reference

STATES, QUARTERS = ["10", "44"], [20161, 20162]
ROUNDS = 10 if os.environ.get("WR_LONG") else 2


@pytest.fixture(scope="module")
def reference(tmp_path_factory, django_db_setup, django_db_blocker):
    """A world of two states and two quarters, loaded, and read by the reference."""
    with django_db_blocker.unblock():
        made = match_office.load_world(tmp_path_factory.mktemp("world"), STATES, QUARTERS, persons=4_000, seed=11)
        found = Reference()
        for file in made.files:
            (found.add_wage_records if file.kind == "wage_records" else found.add_establishments)(Path(file.path))
        yield found
        emptied.empty()


def possible(reference: Reference) -> list[str]:
    known = sorted(ssn for ssn in reference.records if len(ssn) == 9 and ssn.isdigit())
    return [ssn for ssn in known if is_possible(np.array([int(ssn)]), SsnWorld.SPECIMEN)[0]]


def draw_files(reference: Reference, rng: random.Random) -> dict:
    """Cohorts that share persons; some with many jobs, some whom nobody knows, some sent twice in a file."""
    known = possible(reference)
    busy = [ssn for ssn in known if len(reference.records[ssn]) > len(QUARTERS) + 1]
    strangers = [f"99949{n:04d}" for n in rng.sample(range(1, 9999), 40)]
    people = list(dict.fromkeys(rng.sample(known, 400) + rng.sample(busy, min(60, len(busy))) + strangers))
    rng.shuffle(people)
    ids = draw_ids(len(people), rng)
    pairs = list(zip(ids, people, strict=True))
    names = ["Adult education", "Welding"][: rng.choice([1, 2, 2])]
    quarters = sorted(rng.sample(QUARTERS, rng.choice([1, 2, 2])))
    return {(name, quarter): with_repeats(rng.sample(pairs, 260), rng) for name in names for quarter in quarters}


def draw_ids(count: int, rng: random.Random) -> list[str]:
    """Numbers with zeros, long and short ones, one that begins another, accents, commas and quotes."""
    shapes = ["{:05d}", "A{}", "{}", "person {:013d}", "é{}", 'x"{}', "{},b", "00{}z"]
    return list(dict.fromkeys(rng.choice(shapes).format(n) for n in rng.sample(range(10, 99_999), count)))


def with_repeats(rows: list[tuple[str, str]], rng: random.Random) -> list[tuple[str, str]]:
    return rows + rng.sample(rows, rng.choice([0, 3]))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_package_equals_the_reference(seed, reference, people, tmp_path, settings):
    settings.KEY_ROOT = tmp_path
    rng = random.Random(seed)
    files, states = draw_files(reference, rng), rng.choice([STATES, STATES, ["10"]])
    request = match_office.do_jobs(match_office.matching(people, files, states=states))
    assert request.status is State.READY_FOR_RELEASE
    with zipfile.ZipFile(io.BytesIO(match_office.package_of(request))) as package:
        tables = {name: package.read(name) for name in package.namelist()}
        package.extractall(tmp_path / "package")
    expected = reference.package(files, states)
    assert len(expected["wage_records.csv"].splitlines()) > 150
    for name, content in expected.items():
        assert tables[name] == content, name
    assert json.loads(tables["manifest.json"])["records"] == len(expected["wage_records.csv"].splitlines()) - 1
    reads_with_its_own_script(tmp_path / "package", expected["wage_records.csv"])


def reads_with_its_own_script(folder: Path, content: bytes) -> None:
    script = runpy.run_path(str(folder / "read_records.py"))
    rows = list(script["read_records"](folder / "wage_records.csv"))
    assert len(rows) == len(content.splitlines()) - 1
    assert all(len(row["Unemployment Insurance Number (UIN)"]) == 10 for row in rows)
    assert {type(row["Hours Reported"]) for row in rows} <= {int, type(None)}
