"""Tables laid out for people: words beside codes, groups, totals, and cells named by their number."""

import pytest

from disclosure.forms import PartnerAnswerForm
from disclosure.selectors.cell_states import _states, intervals_in_words
from disclosure.selectors.shown_tables import ShownTable, lay_out
from requests_app.models import PartnerReview

TABLE = {
    "title": "Retail jobs",
    "dimensions": ["quarter", "area", "industry"],
    "measures": ["jobs"],
    "rows": [
        [["20161", "TOTAL", "44-45"], [900], ""],
        [["20161", "TOTAL", "441"], [300], ""],
        [["20161", "10001", "44-45"], [None], "N"],
        [["20161", "10001", "441"], [0], ""],
        [["20161", "10001", "NONE"], [None], ""],
    ],
}


@pytest.fixture
def shown() -> ShownTable:
    return lay_out(TABLE, {}, first=10)


def test_rows_stand_in_groups_with_words_beside_codes(shown: ShownTable) -> None:
    assert [group.words for group in shown.groups] == ["2016 Q1 · All areas", "2016 Q1 · Kent County, Delaware"]
    named = [(row.words, row.code, row.depth, row.is_total) for row in shown.groups[1].rows]
    assert named == [
        ("Retail trade", "44-45", 0, True),
        ("Motor vehicle and parts dealers", "441", 1, False),
        ("No wage record", "", 1, False),
    ]
    assert shown.row_heading == "Industry"


def test_withheld_zero_and_not_available_stay_apart(shown: ShownTable) -> None:
    assert [row.values for row in shown.groups[1].rows] == [["N"], [0], [None]]


def test_rows_are_numbered_on_from_the_table_before(shown: ShownTable) -> None:
    assert [row.number for row in shown.rows] == [10, 11, 12, 13, 14]


def test_a_table_of_quarters_has_no_groups() -> None:
    table = TABLE | {"dimensions": ["quarter"], "rows": [[["20161"], [1], ""], [["20162"], [2], ""]]}
    [group] = lay_out(table, {}).groups
    assert (group.words, [row.words for row in group.rows]) == ("", ["2016 Q1", "2016 Q2"])
    assert not any(row.is_total for row in group.rows)


PARAMETERS = {"min_enterprises": 3, "min_persons": 10, "dominance_percent": 80, "p_percent": 10}


def test_states_say_each_rule_once_and_why_a_cell_protects_others() -> None:
    reasons = [{"rule": "dominance", "measure": name, "margin": -3.25} for name in ("jobs", "wages")]
    few = [{"rule": "few enterprises", "measure": "", "margin": 0.0}]
    cells = [
        {"cell": ["20161"], "status": "P", "reasons": [*reasons, *few]},
        {"cell": ["20162"], "status": "S", "protects": [["20161"]], "sums_away": 1},
        {"cell": ["20163"], "status": "S", "protects": [["20161"]], "sums_away": 3},
        {"cell": ["20164"], "status": "S"},
        {"cell": ["20171"], "status": "F"},
    ]
    states = dict(_states({"cells": cells, "parameters": PARAMETERS}))
    found = "the largest has 83.2 %, 3.2 points above the bound"
    assert states["20161",].reasons == [
        f"One enterprise dominates (jobs: {found}; total wages: {found})",
        "Too few enterprises (2 enterprises, 1 short of the minimum)",
    ]
    assert states["20161",].rules == {"dominance", "few enterprises"}
    assert [states[key,].reasons for key in ("20162", "20163", "20164")] == [
        ["In a sum with 1 sensitive cell: without it the rest of that sum would be known"],
        ["Protects 1 sensitive cell through 2 other withheld cells"],
        ["Without it a sum of withheld cells could be calculated that is sensitive"],
    ]
    assert ("20171",) not in states


def test_an_interval_without_an_upper_end_says_so() -> None:
    kept = {"intervals": [{"cell": ["20161"], "intervals": {"jobs": [0, None], "wages": [1000, 2500]}}]}
    assert intervals_in_words(kept) == {("20161",): ["Jobs: 0 or more", "Total wages: 1,000 to 2,500"]}


def answered(**given: object) -> PartnerAnswerForm:
    return PartnerAnswerForm({"package_sha256": "x", **given}, keys={"11": ("20161", "TOTAL", "441")})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"verdict": "no_objection"}, set()),
        ({"verdict": "no_objection", "cells": ["11"]}, {"verdict"}),
        ({"verdict": "cells", "cells": ["11"], "reason": "Known."}, set()),
        ({"verdict": "cells", "cells": [], "reason": "Known."}, {"verdict"}),
        ({"verdict": "cells", "cells": ["12"], "reason": "Known."}, {"cells"}),
        ({"verdict": "whole", "reason": " "}, {"reason"}),
        ({"verdict": "whole", "cells": ["11"], "reason": "Known."}, {"verdict"}),
        ({}, {"verdict"}),
    ],
)
def test_an_answer_and_the_marks_agree(given: dict[str, object], wrong: set[str]) -> None:
    assert set(answered(**given).errors) == wrong


def test_an_objection_names_its_cells_by_key() -> None:
    form = answered(verdict="cells", cells=["11"], reason="Known.")
    assert form.is_valid()
    assert (form.answer(), form.cell_keys()) == (PartnerReview.Verdict.OBJECTION, [["20161", "TOTAL", "441"]])
    assert form.marked() == {"11"}
