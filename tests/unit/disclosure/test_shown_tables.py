"""Tables laid out for people: words beside codes, groups, totals, and cells named by their number."""

import pytest

from disclosure.forms import PartnerAnswerForm
from disclosure.selectors.cell_states import PROTECTS, _states
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


def test_states_say_each_rule_once_and_why_a_cell_protects_others() -> None:
    reasons = [{"rule": "dominance", "measure": name, "margin": 0} for name in ("jobs", "wages")]
    cells = [
        {"cell": ["20161"], "status": "P", "reasons": reasons, "intervals": {"jobs": [0, None]}},
        {"cell": ["20162"], "status": "S"},
    ]
    states = dict(_states(cells))
    assert states["20161",].reasons == ["One enterprise dominates (jobs, total wages)"]
    assert states["20161",].intervals == ["Jobs: 0 or more"]
    assert states["20162",].reasons == [PROTECTS]


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
