"""From contributions to cells."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.audit.evidence import Insiders
from disclosure.core.system import InconsistentSystem, build
from disclosure.core.tabulation.cell_summary import summarize
from disclosure.core.tabulation.cells import Cells, ContributionsError, TableDesign, tabulate
from tests.unit.disclosure.core.wages import DESIGN, PERSON_DESIGN, employers, followed, random_employers

ROWS = [
    ("44003", "722511", "A", 5, 500), ("44003", "722513", "A", 2, 300), ("44003", "722511", "B", 1, 90),
    ("44007", "441110", "C", 3, 450), ("10001", "722511", "A", 4, 410),
]  # fmt: skip


def cell(cells: Cells, *key: str) -> int:
    """Return the position of a cell."""
    return cells.keys.index(("20161", *key))


def test_tabulate_sums_every_combination_with_its_totals() -> None:
    cells = tabulate(employers(ROWS), DESIGN)
    wages = dict(zip(cells.keys, cells.values["wages"].tolist(), strict=True))
    assert wages["20161", "TOTAL", "TOTAL"] == 1750
    assert wages["20161", "44000", "72"] == 890
    assert wages["20161", "44003", "722"] == 890
    assert wages["20161", "TOTAL", "44-45"] == 450


def test_tabulate_groups_by_enterprise_before_counting() -> None:
    cells = tabulate(employers(ROWS), DESIGN)
    here = cell(cells, "44003", "722")
    top = cells.largest("wages")
    assert cells.enterprises[here] == 2
    assert top.amounts[here].tolist() == [800, 90]
    assert cells.enterprise_names[top.enterprises[here, 0]] == "A"


def test_employer_that_reports_zeros_only_is_in_its_cell_and_knows_it() -> None:
    idle = ("44007", "722511", "Z", 0, 0)
    system = build(tabulate(employers([*ROWS, idle]), DESIGN))
    here = system.keys.index(("20161", "44007", "722"))
    who = system.enterprise_names.index("Z")
    assert system.enterprises[here] == 1
    assert system.present[here].indices.tolist() == [who]
    assert Insiders(system, "wages", 1).owners[here] == frozenset({who})
    assert here not in Insiders(replace(system, presence=None), "wages", 1).owners


def test_tabulate_filters_industries() -> None:
    cells = tabulate(employers(ROWS), replace(DESIGN, industries=("72",)))
    assert cells.values["wages"].max() == 1300


def test_tabulate_never_adds_quarters_and_shows_zero_where_a_quarter_has_none() -> None:
    both = pa.concat_tables([employers(ROWS), employers(ROWS[:1], 20162)])
    cells = tabulate(both, DESIGN)
    wages = dict(zip(cells.keys, cells.values["wages"].tolist(), strict=True))
    assert wages["20162", "TOTAL", "TOTAL"] == 500
    assert wages["20162", "10001", "722"] == 0
    assert len(cells) % 2 == 0


@pytest.mark.parametrize("seed", range(5))
def test_every_relation_of_a_tabulated_table_holds(seed: int) -> None:
    system = build(tabulate(random_employers(seed, 60), DESIGN))
    assert system.relations.shape[0] > 10
    for column in system.values.values():
        assert not (system.relations @ column).any()


def test_relations_that_do_not_add_up_are_refused() -> None:
    system = build(tabulate(employers(ROWS), DESIGN))
    wrong = system.values["wages"] + np.eye(1, len(system), 0, dtype=np.int64)[0]
    with pytest.raises(InconsistentSystem, match="do not add up in wages"):
        replace(system, values={"wages": wrong})


def test_negative_contributions_are_refused_without_their_value() -> None:
    with pytest.raises(ContributionsError, match="1 contributions have negative wages"):
        tabulate(employers([("44003", "722511", "A", 1, -77)]), DESIGN)


def test_missing_column_is_named() -> None:
    with pytest.raises(ContributionsError, match="no column jobs"):
        tabulate(employers(ROWS).drop_columns(["jobs"]), DESIGN)


def test_person_table_counts_persons_without_a_record() -> None:
    cells = tabulate(followed([("nurses", "44", "A", 12), ("nurses", "", "", 15), ("welders", "10", "B", 11)]),
                     PERSON_DESIGN)  # fmt: skip
    assert cells.persons is not None
    here = cell(cells, "nurses", "NONE")
    assert (cells.persons[here], cells.enterprises[here], cells.values["wages"][here]) == (15, 0, 0)


def test_means_are_rounded_half_up_and_undefined_over_nothing() -> None:
    design = TableDesign("wage_records", ("area",), ("mean_wages",))
    rows = [("44003", "722511", "A", 2, 5), ("44007", "722511", "B", 0, 7), ("44009", "722511", "C", 3, 4)]
    cells = tabulate(employers(rows), design)
    values, defined = cells.measure("mean_wages")
    found = {key[1]: (int(value), bool(known)) for key, value, known in zip(cells.keys, values, defined, strict=True)}
    assert (found["44003"], found["44009"], found["44007"][1]) == ((3, True), (1, True), False)


def test_average_weekly_wage_is_exact() -> None:
    table = employers([("44003", "722511", "A", 1, 1300 * 13 // 2)]).drop_columns(["jobs", "persons"])
    for name, amount in (("establishments", 1), ("month1", 9), ("month2", 10), ("month3", 11)):
        table = table.append_column(name, pa.array([amount], pa.int64()))
    cells = tabulate(table, TableDesign("establishments", ("area",), ("avg_wkly_wage", "establishments")))
    assert cells.measure("avg_wkly_wage")[0].tolist() == [65, 65]


def test_empty_contributions_make_an_empty_table() -> None:
    assert len(tabulate(employers([]), DESIGN)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_summary_of_cells_is_that_of_the_whole_tabulation(seed: int) -> None:
    table = pa.concat_tables([random_employers(seed, 80), random_employers(seed + 100, 50).set_column(
        0, "quarter", pa.array([20162] * 50, pa.int32()))])  # fmt: skip
    design = replace(DESIGN, dimensions=("industry", "area", "ownership"), industry_level=6)
    cells, summary = tabulate(table, design), summarize(table, design)
    assert summary.places.tolist() == cells.places.tolist()
    assert summary.enterprises.tolist() == cells.enterprises.tolist()
    for name in ("jobs", "wages"):
        assert summary.values[name].tolist() == cells.values[name].tolist()
        assert summary.largest[name].tolist() == cells.largest(name).amounts.tolist()
