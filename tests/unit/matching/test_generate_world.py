"""The command that writes a world: its files, what it says, and what it refuses."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from matching.management.commands.generate_world import read_quarters

QCEW = settings.BASE_DIR / "data" / "qcew_2016"


def generate(folder: Path, *options: str) -> tuple[str, str]:
    """Standard and error output of the command for a small world in Delaware."""
    said, told = StringIO(), StringIO()
    usual = ["--states=10", "--persons=2000", "--seed=4", f"--qcew={QCEW}"]
    call_command("generate_world", str(folder), *usual, *options, stdout=said, stderr=told)
    return said.getvalue(), told.getvalue()


def test_it_writes_load_files_and_nothing_else(tmp_path: Path) -> None:
    said, _ = generate(tmp_path / "world", "--quarters=20161:20162", "--layout=fixed")

    assert sorted(path.name for path in (tmp_path / "world").iterdir()) == [
        "establishments_10_20161.csv", "establishments_10_20162.csv",
        "wage_records_10_20161.txt", "wage_records_10_20162.txt",
    ]  # fmt: skip
    assert "2,000 persons" in said.splitlines()[-1]
    assert len(said.splitlines()) == 5


def test_facts_are_written_where_asked(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    shock = "--shock=naics=72,from=20162,jobs=-0.5"

    generate(tmp_path / "world", "--quarters=20161,20162", shock, f"--facts={facts}")

    (told,) = json.loads(facts.read_text())["shocks"]
    before, after = told["quarters"]
    assert (told["naics"], before["on"], after["on"]) == ("72", False, True)
    assert before["with_shocks"] == before["without_shocks"]
    assert 0.48 < after["with_shocks"]["month1"] / after["without_shocks"]["month1"] < 0.52
    assert len(list((tmp_path / "world").iterdir())) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--quarters=20165"], "Quarters are YYYYQ"),
        (["--quarters=20164:20161"], "ends"),
        (["--quarters=20161", "--states=RI"], "two-digit FIPS"),
        (["--quarters=20161", "--states=06"], "No published QCEW files for state 06"),
        (["--quarters=20161", "--persons=12"], "1,000 to"),
        (["--quarters=20161", "--dirt=2"], "between 0 and 0.5"),
        (["--quarters=20161", "--qcew=/nowhere/at/all"], "not a folder of published QCEW"),
        (["--quarters=20161", "--facts=/tmp/facts.json"], "name one with --shock"),
        (["--quarters=20161", "--shock=naics=722"], "naics and from are needed"),
        (["--quarters=20161", "--shock=naics=999999,from=20161,jobs=-1,county=10007"], "strikes nothing"),
        (["--quarters=19901:20994", "--persons=50000000"], "GB free"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    tmp_path: Path, options: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        generate(tmp_path / "world", *options)
    assert not (tmp_path / "world").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="file"):
        generate(tmp_path / "file" / "world", "--quarters=20161")


def test_read_quarters_takes_lists_and_ranges() -> None:
    assert read_quarters("20164:20172") == [20164, 20171, 20172]
    assert read_quarters("20161,20184") == [20161, 20184]
    assert len(read_quarters("20161:20254")) == 40
