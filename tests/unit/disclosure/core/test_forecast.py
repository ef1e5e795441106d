"""The forecast from published QCEW: which levels a design has, when it warns, and which designs help."""

from dataclasses import dataclass

from disclosure.core.advice.forecast import Shares, better, forecast
from disclosure.core.advice.suggest import Coarser
from disclosure.core.tabulation.design import TableDesign


@dataclass(frozen=True)
class Level:
    """One level of published cells."""

    cells: int
    withheld: int
    jobs: int


SHARES: Shares = {
    ("all", 0, "together"): Level(1, 0, 1000),
    ("all", 2, "together"): Level(20, 0, 1000),
    ("all", 3, "together"): Level(90, 9, 960),
    ("state", 0, "together"): Level(2, 0, 1000),
    ("state", 2, "together"): Level(40, 2, 990),
    ("state", 3, "together"): Level(180, 60, 900),
    ("county", 0, "together"): Level(10, 1, 980),
    ("county", 2, "together"): Level(190, 90, 800),
    ("county", 3, "together"): Level(800, 640, 500),
}
DESIGN = TableDesign("wage_records", ("area", "industry"), ("jobs",), industry_level=3)


def test_forecast_adds_up_every_level_of_the_table() -> None:
    found = forecast(Coarser(DESIGN), SHARES, 2)
    assert found is not None
    assert (found.cells, found.withheld) == (1333, 802)
    assert found.share_of_value == 0.5
    assert found.withholds_too_much


def test_one_state_is_its_own_total() -> None:
    found = forecast(Coarser(DESIGN), SHARES, 1)
    assert found is not None
    assert (found.cells, found.withheld) == (1222, 793)


def test_three_better_designs_the_smallest_changes_first() -> None:
    found = better(DESIGN, SHARES, 2)
    assert len(found) == 3
    assert all(not one.withholds_too_much for one in found)
    assert [len(one.design.changes) for one in found] == [1, 1, 2]
    assert found[0].share_withheld < found[1].share_withheld


def test_a_table_qcew_does_not_have_has_no_forecast() -> None:
    by_owner = TableDesign("wage_records", ("ownership",), ("jobs",))
    assert forecast(Coarser(by_owner), {}, 2) is None
    assert better(by_owner, {}, 2) == ()
