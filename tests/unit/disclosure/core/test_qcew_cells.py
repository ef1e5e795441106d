"""Tables in the layout of QCEW: from synthetic establishments of a real state to every cell that BLS publishes."""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bench.qcew_state import compared, state_establishments
from disclosure.core.audit.evidence import Insiders
from disclosure.core.audit.exact_algebra import determined
from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import ContributionsMissing, QcewCells, tabulate_qcew
from disclosure.core.qcew.codes import (
    aggregation_level,
    counted_in,
    is_metropolitan,
    size_classes,
    whole_metropolitan_areas,
)
from disclosure.core.qcew.protection import exempt, protect_qcew
from disclosure.core.rules.parameters import Parameters
from matching.core.qcew.published import VARIABLES, StateQuarter, read_quarterly

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
OWNERS = ["5"] * 5 + ["3"]
NAMES = {"total_wages": "wages"}
MONTHS = ("month1", "month2", "month3")


@cache
def delaware() -> tuple[StateQuarter, pa.Table]:
    """Return the published first quarter of Delaware and establishments that reproduce it."""
    return state_establishments(QCEW, "10", 20161, seed=1)


def part(*sectors: str) -> pa.Table:
    """Return the establishments of some sectors."""
    table = delaware()[1]
    return table.filter(pc.is_in(pc.utf8_slice_codeunits(table["industry"], 0, 2), pa.array(sectors)))


def test_cells_of_a_whole_state_are_those_that_bls_publishes() -> None:
    published, contributions = delaware()
    cells = tabulate_qcew(contributions)
    there = {(area, own, industry) for area, own, industry, absent in
             zip(published.area, published.ownership, published.industry, published.absent, strict=True)
             if not absent}  # fmt: skip
    found = {key[1:4] for key in cells.keys}
    assert {code for code in found if not is_metropolitan(code[0])} == there
    assert len(there) == 7_914 - 63
    dover = {code[1:] for code in found if code[0] == "C2010"}  # Kent County; the others reach into other states
    assert dover == {code[1:] for code in there if code[0] == "10001"}
    assert len(found) == len(cells) == len(there) + len(dover)


def test_published_values_come_out_to_the_unit() -> None:
    published, contributions = delaware()
    cells = tabulate_qcew(contributions)
    keys = zip(published.area, published.ownership, published.industry, strict=True)
    place = {(str(area), str(own), str(industry)): row for row, (area, own, industry) in enumerate(keys)}
    county = {"C2010": "10001"}
    rows = np.array([place[county.get(key[1], key[1]), key[2], key[3]] for key in cells.keys])
    shown = ~published.withheld[rows]
    assert np.array_equal(cells.values["establishments"], published.establishments[rows])
    for column, name in enumerate(VARIABLES):
        assert np.array_equal(cells.values[NAMES.get(name, name)][shown], published.values[rows, column][shown])


def test_aggregation_levels_are_those_of_every_real_row() -> None:
    rows = read_quarterly([QCEW / "ri" / f"2016.q1-q4.{area}.csv.gz" for area in ("44000", "44001")])
    codes = [rows[name].to_pylist() for name in ("area_fips", "own_code", "industry_code", "size_code")]
    assert [aggregation_level(code) for code in zip(*codes, strict=True)] == rows["agglvl_code"].to_pylist()


@pytest.mark.parametrize(
    ("code", "level"),
    [
        (("US000", "0", "10", "0"), "10"), (("US000", "8", "10", "0"), "95"), (("US000", "5", "31-33", "0"), "14"),
        (("US000", "5", "722511", "3"), "28"), (("44000", "8", "10", "0"), "96"), (("44000", "5", "10", "1"), "61"),
        (("44000", "5", "101", "9"), "62"), (("44000", "5", "1021", "2"), "63"), (("44000", "5", "44-45", "2"), "64"),
        (("C3930", "0", "10", "0"), "40"), (("C3930", "5", "722", "0"), "45"), (("44003", "3", "722511", "0"), "78"),
    ],
)  # fmt: skip
def test_aggregation_levels_without_a_real_row(code: tuple[str, str, str, str], level: str) -> None:
    assert aggregation_level(code) == level


def test_size_classes_at_their_bounds() -> None:
    employment = np.array([0, 4, 5, 9, 10, 19, 20, 49, 50, 99, 100, 249, 250, 499, 500, 999, 1000])
    assert "".join(size_classes(employment)) == "11223344556677889"


def test_an_establishment_is_counted_in_every_cell_above_it() -> None:
    above = counted_in("44003", "3", "238111", "0")
    industries = ("238111", "23811", "2381", "238", "23", "1012", "101", "10")
    whole = {("44003", "0", "10", "0"), ("44000", "0", "10", "0"), ("44000", "8", "10", "0")}
    whole.add(("C3930", "0", "10", "0"))
    assert above == whole | {(area, "3", code, "0") for area in ("44003", "44000", "C3930") for code in industries}


def test_metropolitan_areas_that_lie_in_the_table_add_up_their_counties() -> None:
    assert whole_metropolitan_areas({"50"}) == {"C1554"}  # Burlington: three counties of Vermont
    assert "C3930" in whole_metropolitan_areas({"25", "44"}) - whole_metropolitan_areas({"44"})
    counties = ["50007", "50011", "50013", "50005"]
    amounts = {name: [2, 3, 5, 7] for name in (*MONTHS, "wages", "taxable_wages", "contributions")}
    cells = tabulate_qcew(pa.table({
        "quarter": [20161] * 4, "area": counties, "industry": ["722511"] * 4, "ownership": ["5"] * 4,
        "enterprise": list("ABCD"), "establishments": [1] * 4, **amounts,
    }))  # fmt: skip
    wages = dict(zip(cells.keys, cells.values["wages"].tolist(), strict=True))
    assert {key[1] for key in cells.keys} == {*counties, "50000", "C1554"}
    assert wages["20161", "C1554", "5", "722511", "0"] == wages["20161", "C1554", "0", "10", "0"] == 10
    assert wages["20161", "50000", "0", "10", "0"] == 17
    assert not (cells.relations @ cells.values["wages"]).any()
    metro = [aggregation_level(key[1:]) for key in cells.keys if key[1] == "C1554"]  # type: ignore[arg-type]
    assert sorted(metro) == ["40", "41", "42", "43", "44", "45", "46", "47", "48"]


def six_units(quarter: int, ownership: list[str], industry: str = "722511") -> QcewCells:
    """Return six establishments of one county and industry, by size class."""
    sizes = np.array([2, 3, 4, 7, 30, 60])
    same = {"quarter": quarter, "area": "44003", "industry": industry, "establishments": 1}
    columns = {name: [value] * len(sizes) for name, value in same.items()}
    columns |= {"ownership": ownership, "enterprise": list("ABCDEF")}
    months = dict.fromkeys(("month1", "month2", "month3"), sizes)
    dollars = dict.fromkeys(("wages", "taxable_wages", "contributions"), 100 * sizes)
    return tabulate_qcew(pa.table({**columns, **months, **dollars}), by_size=True)


def test_size_classes_stand_in_first_quarters_and_add_up() -> None:
    cells = six_units(20161, OWNERS)
    wages = dict(zip(cells.keys, cells.values["wages"].tolist(), strict=True))
    classes = {key[4]: wages[key] for key in cells.keys if key[1:4] == ("44000", "5", "72") and key[4] != "0"}
    assert classes == {"1": 900, "2": 700, "4": 3000}
    assert sum(classes.values()) == wages["20161", "44000", "5", "72", "0"]
    assert not (cells.relations @ cells.values["wages"]).any()
    assert {key[4] for key in six_units(20162, OWNERS).keys} == {"0"}


@pytest.mark.parametrize("name", ["enterprise", "taxable_wages"])
def test_missing_column_is_named(name: str) -> None:
    with pytest.raises(ContributionsMissing, match=name):
        tabulate_qcew(part("22").drop_columns([name]))


def test_quarter_without_establishments_is_refused_in_words() -> None:
    with pytest.raises(ContributionsMissing, match="No establishment"):
        tabulate_qcew(part("22").slice(0, 0))


def test_negative_amounts_are_refused() -> None:
    table = part("22")
    wages = pa.array([-1] * table.num_rows)
    with pytest.raises(ContributionsMissing, match="negative values of wages"):
        tabulate_qcew(table.set_column(table.column_names.index("wages"), "wages", wages))


@cache
def government() -> ProtectedTable:
    """Protect public administration of Delaware."""
    return protect_qcew(tabulate_qcew(part("92")), Parameters(), amounts=("wages",))


def test_part_of_a_real_state_is_protected_and_nothing_can_be_recovered() -> None:
    table = government()
    withheld = table.pattern.withheld
    assert table.audit.clean
    assert 0.1 < withheld.mean() < 0.8
    assert not determined(table.system.relations, withheld).any()


def test_federal_cells_are_exempt_and_never_complements() -> None:
    federal = government().cells.where(lambda code: code[1] == "1")
    assert (government().cells.enterprises[federal] < 3).any()
    assert not government().pattern.withheld[federal].any()


@pytest.mark.parametrize(
    ("setting", "ownership", "industry"),
    [("exempt_federal", "1", "491110"), ("exempt_unclassified", "5", "999999")],
)
def test_exemptions_are_settings(setting: str, ownership: str, industry: str) -> None:
    cells = six_units(20161, [ownership] * 6, industry)
    these = cells.where(lambda code: code[1] == ownership and code[2] == industry)
    assert these.any()
    assert exempt(cells, Parameters())[these].all()
    assert not exempt(cells, Parameters(**{setting: False}))[these].any()
    assert not exempt(cells, Parameters())[cells.where(lambda code: code[1] == "0")].any()


@pytest.mark.skipif(not os.environ.get("WR_LONG"), reason="minutes: ./run test --long")
def test_whole_state_publishes_at_least_the_value_that_bls_does_and_nothing_can_be_recovered() -> None:
    found = compared(QCEW, "44", 20161, seed=1)
    bls, visible, full = found["bls"], found["visible_rule"], found["full_rules"]
    assert bls["recoverable"] == 47
    assert visible["recoverable"] == full["recoverable"] == 0
    assert visible["cells"] == full["cells"] == bls["cells"] == 10_707
    for share in ("published", "month3", "wages"):
        assert visible[share] >= bls[share]


def test_who_is_alone_with_a_zero_knows_it() -> None:
    system = six_units(20161, OWNERS).system(("wages",))
    nothing = six_units(20161, ["1", "2", "3", "5", "5", "5"])
    idle = {name: 0 * column for name, column in nothing.values.items() if name != "establishments"}
    zeros = replace(nothing, values=idle | {"establishments": nothing.values["establishments"]},
                    contributions={name: 0 * matrix for name, matrix in nothing.contributions.items()})  # fmt: skip
    assert Insiders(system, "wages", 1).owners
    known = Insiders(zeros.system(("wages",)), "wages", 1).owners
    alone = np.flatnonzero(zeros.enterprises == 1)
    assert sorted(known) == alone.tolist()
