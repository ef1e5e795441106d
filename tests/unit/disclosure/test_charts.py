"""Charts of a released table: what is drawn is what is published, and what is missing has its mark."""

from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string

from disclosure.selectors.charts import Chart, charts, choices, chosen
from requests_app.charts.figure import Figure
from requests_app.charts.line import LABEL_HEIGHT, line_chart
from requests_app.charts.scale import Scale, round_step, shade, shades
from requests_app.charts.tiles import PLACES
from requests_app.fips import STATES


def table(dimensions: str, measures: str, *rows: tuple[str, Any, str]) -> dict[str, Any]:
    """A table as a package keeps it; rows are (codes, values, disclosure code)."""
    return {
        "name": "table_1",
        "title": "A table",
        "dimensions": ["quarter", *dimensions.split()],
        "measures": measures.split(),
        "rows": [
            [codes.split(), values if isinstance(values, list) else [values], code] for codes, values, code in rows
        ],
    }


RETAIL = table(
    "area industry", "wages",
    ("20191 TOTAL 44-45", 900, ""), ("20191 TOTAL 445", 600, ""), ("20191 TOTAL 448", 300, ""),
    ("20191 10000 44-45", 500, ""), ("20191 44000 44-45", 400, ""), ("20191 44000 448", None, "N"),
    ("20192 TOTAL 44-45", 450, ""), ("20192 TOTAL 445", None, "N"), ("20192 TOTAL 448", None, ""),
    ("20192 10000 44-45", None, "N"), ("20192 44000 44-45", 0, ""), ("20192 44000 448", None, "N"),
)  # fmt: skip
MOVES = table(
    "origin_state state", "moves",
    ("20191 TOTAL TOTAL", 90, ""), ("20191 10 10", 60, ""), ("20191 10 44", 9, ""), ("20191 44 10", 7, ""),
    ("20191 44 44", None, "N"), ("20191 TOTAL 10", 67, ""), ("20191 TOTAL 44", 23, ""), ("20191 10 TOTAL", 69, ""),
    ("20191 44 TOTAL", 21, ""),
)  # fmt: skip


def drawn(given: dict[str, Any], **asked: str) -> dict[str, Chart]:
    return {one.kind: one for one in charts(given, chosen(given, asked))}


def svg(chart: Chart) -> str:
    return render_to_string("components/chart.html", {"chart": chart, "id": "one", "data_url": "/x"})


def test_line_tells_the_change_and_breaks_where_a_value_is_missing() -> None:
    line = drawn(RETAIL)["line"]
    assert line.finding == "Total wages, Retail trade, 2019 Q1 to 2019 Q2: fell from 900 to 450 (-50.0%)"
    assert line.rows == [["Retail trade", 900, 450], ["Food and beverage stores", 600, "N"],
                         ["Clothing and clothing accessories stores", 300, None]]  # fmt: skip
    whole, food, _ = line.drawing.series
    assert (len(whole.paths), len(food.paths)) == (1, 0)
    assert svg(line).count('class="wr-chart__mark"') == 2


def test_bars_of_a_quarter_stand_in_order_with_marks_last() -> None:
    chosen_quarter = drawn(RETAIL, quarter="20191", by="industry")["bars"]
    assert [bar.name for bar in chosen_quarter.drawing.bars] == ["Food and beverage stores",
                                                                "Clothing and clothing accessories stores"]  # fmt: skip
    assert chosen_quarter.finding.endswith("2019 Q1: highest in Food and beverage stores, 600")
    newest = drawn(RETAIL)["bars"]
    assert newest.rows == [["Food and beverage stores", "N"], ["Clothing and clothing accessories stores", None]]
    assert newest.finding.endswith("nothing can be shown")


def test_map_of_states_draws_all_of_them_and_marks_what_is_withheld() -> None:
    newest = drawn(RETAIL, by="area")["map"]
    by_code = {tile.code: tile for tile in newest.drawing.tiles}
    assert set(by_code) >= {fips for fips, _, _ in STATES}
    assert by_code["44"].figure == Figure(0)
    assert by_code["10"].figure == Figure(None, "N")
    assert by_code["06"].figure is None
    assert len(set(PLACES.values())) == len(PLACES)


def test_counties_stand_under_their_state() -> None:
    given = table("area", "jobs", ("20191 44000", 90, ""), ("20191 44003", 60, ""), ("20191 44007", 30, ""))
    counties = drawn(given)["map"]
    assert [tile.name for tile in counties.drawing.tiles] == ["Kent", "Providence"]
    assert [words for _, words in counties.drawing.headings] == ["Rhode Island"]


def test_flows_show_every_pair_and_name_the_largest_between_two_places() -> None:
    flows = drawn(MOVES)["flows"]
    assert flows.finding == "Job-to-job moves, 2019 Q1: highest from Delaware to Rhode Island, 9"
    assert flows.rows == [["Delaware", 60, 9], ["Rhode Island", 7, "N"]]
    assert svg(flows).count("<rect") == 4


@pytest.mark.parametrize("given", [RETAIL, MOVES])
def test_no_chart_shows_a_number_that_is_not_published(given: dict[str, Any]) -> None:
    published = {value for _, values, _ in given["rows"] for value in values if value is not None}
    for one in drawn(given).values():
        numbers = {cell for row in one.rows for cell in row[1:] if isinstance(cell, int | float)}
        assert numbers <= published


def test_unknown_choices_fall_back_to_what_the_table_has() -> None:
    assert chosen(RETAIL, {"measure": "joy", "quarter": "1", "by": "sex"}) == chosen(RETAIL, {})
    assert [value for value, _ in choices(RETAIL)["quarter"]] == ["20192", "20191"]
    assert charts({**RETAIL, "rows": []}, chosen(RETAIL, {})) == []


def test_svg_has_no_style_script_or_handler() -> None:
    text = "".join(svg(one) for given in (RETAIL, MOVES) for one in drawn(given).values())
    assert not [word for word in ("style=", "<script", "<style", "onload", "onclick") if word in text]
    assert 'href="/x"' in text


@pytest.mark.parametrize(("step", "rounded"), [(0.7, 1.0), (1.1, 2.0), (2.2, 2.5), (300, 500.0), (10, 10.0)])
def test_steps_are_round(step: float, rounded: float) -> None:
    assert round_step(step) == rounded


def test_axis_holds_zero_and_values_below_it() -> None:
    axis = Scale.of([-40.0, 130.0], 0, 100)
    assert axis.ticks[0] <= -40 < 130 <= axis.ticks[-1]
    assert 0.0 in axis.ticks


def test_axis_of_counts_has_whole_ticks() -> None:
    assert Scale.of([1.0], 0, 100).ticks == (0.0, 1.0)
    assert Scale.of([12.0], 0, 100).ticks == (0.0, 3.0, 6.0, 9.0, 12.0)
    assert Scale.of([1.5], 0, 100).ticks[1] == 0.5


def test_shades_cover_the_values() -> None:
    ends = shades([1.0, 7.0, 11.0])
    assert [shade(value, ends) for value in (1.0, 7.0, 11.0)] == [1, 3, 5]
    assert shades([4.0, 4.0]) == (4.0,)


def test_names_of_lines_never_cover_each_other() -> None:
    lines = [(f"Line {number}", [Figure(5.0), Figure(5.0 + number / 100)]) for number in range(6)]
    places = sorted(series.label_y for series in line_chart(["a", "b"], lines).series)
    assert min(after - before for before, after in pairwise(places)) > LABEL_HEIGHT - 0.1
