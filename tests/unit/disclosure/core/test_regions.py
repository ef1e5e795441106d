"""Counties put together as metropolitan areas and as a state's own regions."""

import csv
import unicodedata
from pathlib import Path

import pytest

from disclosure.core.tabulation.cells import tabulate
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.regions import metropolitan_area, metropolitan_areas, regions_of
from tests.unit.disclosure.core.wages import employers

DATA = Path(__file__).parents[4] / "data"
NORTH, SOUTH = "North=44001,44007", "South=44005,44009"
ROWS = [
    ("44001", "445110", "A", 1, 10), ("44007", "236115", "B", 2, 20), ("44005", "722511", "C", 3, 30),
    ("44003", "311811", "D", 4, 40), ("10001", "541110", "E", 5, 50), ("50005", "611110", "F", 6, 60),
]  # fmt: skip


def wages(area_level: str, **more: object) -> dict[str, int]:
    design = TableDesign("wage_records", ("area",), ("wages",), area_level=area_level, **more)  # type: ignore[arg-type]
    cells = tabulate(employers(ROWS, 20161), design)
    return dict(zip((key[1] for key in cells.keys), cells.values["wages"].tolist(), strict=True))


def test_every_area_of_the_delineation_has_the_code_and_name_bls_gives_it() -> None:
    with (DATA / "titles" / "area_titles.csv").open(encoding="utf-8", newline="") as file:
        titles = {row[0]: row[1] for row in csv.reader(file)}
    with (DATA / "fips" / "cbsa_delineation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {"Metropolitan Statistical Area": "MSA", "Micropolitan Statistical Area": "MicroSA"}
    found = {f"C{row['cbsacode'][:4]}": f"{row['cbsatitle']} {kinds[row['metropolitanmicropolitanstatis']]}"
             for row in rows}  # fmt: skip
    plain = {code: unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().replace("/", "-")
             for code, words in found.items()}  # fmt: skip
    assert len(found) == 929
    assert {code for code, words in plain.items() if titles.get(code) != words} == set()


def test_counties_of_the_smallest_states_are_where_they_belong() -> None:
    assert {metropolitan_area(f"4400{place}") for place in (1, 3, 5, 7, 9)} == {"C3930"}
    assert [metropolitan_area(county) for county in ("10001", "10003", "10005")] == ["C2010", "C3798", "C4154"]
    assert (metropolitan_area("11001"), metropolitan_area("50005"), metropolitan_area("44999")) == (
        "C4790", "50-NONMETRO", "44-NONMETRO")  # fmt: skip
    assert len(metropolitan_areas()) == 1236


def test_metropolitan_areas_add_up_their_counties() -> None:
    assert wages("metro") == {"TOTAL": 210, "C3930": 100, "C2010": 50, "50-NONMETRO": 60}


def test_regions_add_up_their_counties_and_the_rest_stands_together() -> None:
    assert wages("region", regions=(NORTH, SOUTH)) == {"TOTAL": 210, "North": 30, "South": 30, "REST": 150}


@pytest.mark.parametrize(
    "entries",
    [["North"], ["North=4400"], ["North=44001", "South=44001"], ["North=44001", "North=44003"], ["TOTAL=44001"],
     ["REST=44001"], ["44=44001"], ["=44001"], ["North=44001,"], ["=cmd=44001"]],
)  # fmt: skip
def test_regions_that_cannot_be_are_refused_in_words(entries: list[str]) -> None:
    with pytest.raises(ValueError, match="Write each region"):
        regions_of(entries)


def test_supersectors_are_those_of_qcew() -> None:
    design = TableDesign("wage_records", ("industry",), ("wages",), industry_level=1)
    cells = tabulate(employers(ROWS, 20161), design)
    found = dict(zip((key[1] for key in cells.keys), cells.values["wages"].tolist(), strict=True))
    assert found == {
        "TOTAL": 210, "101": 60, "1012": 20, "1013": 40, "102": 150, "1021": 10, "1024": 50, "1025": 60, "1026": 30,
    }  # fmt: skip
