"""Groups in which all or none have a wage record: the table does not say so."""

import pyarrow as pa
import pytest

from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.rules.groups import _SAID_BY, with_nobody
from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.primary import ATTRIBUTES
from disclosure.core.suppression.search import Infeasible
from disclosure.core.tabulation.cells import tabulate
from disclosure.core.tabulation.design import TableDesign
from tests.unit.disclosure.core.wages import PERSON_DESIGN, followed

EMPLOYED = [(state, f"{state}{name}", 20) for state in ("44", "10") for name in "ABCDE"]


def protected(cohorts: dict[str, list[tuple[str, str, int]]]) -> ProtectedTable:
    """Protect a table of cohorts by state of employment."""
    table = followed([(cohort, *group) for cohort, groups in cohorts.items() for group in groups])
    return protect_table(tabulate(with_nobody(table), PERSON_DESIGN), Parameters())


def statuses(table: ProtectedTable, cohort: str) -> dict[str, str]:
    """Return the status of each state's cell of a cohort."""
    return {key[2]: str(status) for key, status in table.pattern.by_key.items() if key[1] == cohort}


def test_cohort_with_and_without_work_is_published() -> None:
    table = protected({"nurses": [*EMPLOYED, ("", "", 30)], "cooks": [*EMPLOYED, ("", "", 40)]})
    assert not table.pattern.withheld.any()


def test_cohort_that_all_have_work_does_not_say_so() -> None:
    table = protected({"nurses": EMPLOYED, "cooks": [*EMPLOYED, ("", "", 40)]})
    nurses = statuses(table, "nurses")
    assert nurses["NONE"] == "P"
    assert "S" in (nurses["44"], nurses["10"])
    none = table.system.index([("20161", "nurses", "NONE")])[0]
    bounds = (table.audit.intervals or {})["persons"][int(none)]
    assert bounds[0] == 0
    assert bounds[1] is None or bounds[1] > 0


def test_cohort_of_which_nobody_has_work_does_not_say_so() -> None:
    table = protected({"nurses": [("", "", 30)], "cooks": [*EMPLOYED, ("", "", 40)]})
    nurses = statuses(table, "nurses")
    assert {nurses["NONE"], nurses["44"], nurses["10"]} == {"P"}
    assert table.audit.clean


def test_cohorts_without_any_record_are_refused() -> None:
    with pytest.raises(Infeasible, match="no place to hide"):
        protected({"nurses": [("", "", 30)], "cooks": [("", "", 40)]})


def test_reason_names_the_rule() -> None:
    table = protected({"nurses": EMPLOYED, "cooks": [*EMPLOYED, ("", "", 40)]})
    none = int(table.system.index([("20161", "nurses", "NONE")])[0])
    assert [reason.rule for reason in table.sensitivity.reasons(none)] == ["all or none"]


@pytest.mark.parametrize("quarter", [20161, 20162])
def test_each_cohort_and_quarter_gets_a_row_of_nobody(quarter: int) -> None:
    table = followed([("nurses", *EMPLOYED[0]), ("cooks", *EMPLOYED[1])])
    both = pa.concat_tables([table, table.set_column(0, "quarter", pa.array([20162] * table.num_rows, pa.int32()))])
    added = with_nobody(both).slice(both.num_rows).to_pylist()
    here = [row for row in added if row["quarter"] == quarter]
    assert sorted(row["cohort"] for row in here) == ["cooks", "nurses"]
    assert {(row["state"], row["enterprise"], row["persons"], row["wages"]) for row in here} == {("", "", 0, 0)}


def test_attributes_are_the_shares_of_the_catalogue() -> None:
    assert set(ATTRIBUTES) == set(_SAID_BY)


@pytest.mark.parametrize(("employed", "primary"), [(0, True), (1, False), (29, False), (30, True)])
def test_cohort_is_primary_when_all_or_none_of_it_are_employed(employed: int, primary: bool) -> None:
    table = followed([("nurses", "44", name, 20) for name in "ABC"] + [("cooks", "44", name, 10) for name in "ABC"])
    has_work = [1] * 59 + [0] + [1] * employed + [0] * (30 - employed)
    design = TableDesign("wage_records", ("cohort",), ("employed_share",))
    cells = tabulate(table.append_column("employed", pa.array(has_work)), design)
    found = protect_table(cells, Parameters(dominance_percent=None, p_percent=None)).pattern.by_key
    assert (found["20161", "cooks"] == "P") is primary
    assert found["20161", "nurses"] != "P"


def test_cell_of_a_state_says_itself_that_its_persons_are_employed() -> None:
    table = followed([("nurses", *group) for group in [*EMPLOYED, ("", "", 30)]])
    has_work = pa.array([int(bool(state)) for state in table["state"].to_pylist()])
    design = TableDesign("wage_records", ("cohort", "state"), ("employed_share",))
    cells = tabulate(table.append_column("employed", has_work), design)
    assert not protect_table(cells, Parameters()).pattern.withheld.any()
