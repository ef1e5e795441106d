"""Suppression and audit, attacked by brute force that shares no code with either."""

import json
import os

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from disclosure.core.audit.auditor import audit
from disclosure.core.package.record import record
from disclosure.core.pattern import Pattern
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.rules.sensitivity import Parameters, Sensitivity, assess
from disclosure.core.suppression.search import Infeasible, protect
from disclosure.core.system import System, build
from disclosure.core.tabulation.cells import TableDesign, tabulate
from tests.unit.disclosure.core.brute_force import Deviations
from tests.unit.disclosure.core.wages import DESIGN, PERSON_DESIGN, employers, followed, random_employers, shuffled

LONG = bool(os.environ.get("WR_LONG"))
PARAMETERS = Parameters()
TABLES = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}


def left_open(table: ProtectedTable, measure: str, known: set[int]) -> Deviations:
    """Return what the pattern leaves open to somebody who knows some of the withheld cells."""
    movable = table.pattern.withheld.copy()
    movable[sorted(known)] = False
    return Deviations(table.system, measure, movable)


def insiders(system: System, withheld: np.ndarray, measure: str) -> dict[int, set[int]]:
    """Return the withheld cells that each enterprise has to itself."""
    matrix = system.contributions[measure].toarray()
    presence = sum(one.toarray() for one in system.contributions.values())
    known: dict[int, set[int]] = {}
    for cell in np.flatnonzero(withheld & (system.enterprises == 1)):
        who = np.flatnonzero(presence[cell])
        if len(who) and matrix[cell].sum() == system.values[measure][cell]:
            known.setdefault(int(who[0]), set()).add(int(cell))
    return known


def assert_unbreakable(table: ProtectedTable) -> None:
    """Attack every primary cell from outside and by every enterprise that has cells to itself."""
    for measure in table.system.measures:
        matrix = table.system.contributions[measure].toarray()
        up, down = table.sensitivity.need_up[measure], table.sensitivity.need_down[measure]
        for who, known in [(-1, set()), *insiders(table.system, table.pattern.withheld, measure).items()]:
            possible = left_open(table, measure, known)
            for cell in set(np.flatnonzero(table.sensitivity.primary).tolist()) - known:
                own = 0 if who < 0 else matrix[cell, who]
                below, above = (possible.furthest(cell, sign) for sign in (-1, 1))
                assert above >= up[cell] * (1 - 1e-5)
                assert below >= min(down[cell], table.system.values[measure][cell] - own) * (1 - 1e-5)


@settings(max_examples=80 if LONG else 8, **TABLES)
@given(st.integers(0, 10_000), st.integers(8, 35))
def test_protected_table_withstands_brute_force(seed: int, rows: int) -> None:
    assert_unbreakable(protect_table(tabulate(random_employers(seed, rows), DESIGN), PARAMETERS))


@settings(max_examples=60 if LONG else 12, **TABLES)
@given(st.integers(0, 10_000), st.integers(8, 80))
def test_pattern_does_not_depend_on_the_order_of_rows(seed: int, rows: int) -> None:
    table = random_employers(seed, rows)
    one = protect_table(tabulate(table, DESIGN), PARAMETERS)
    other = protect_table(tabulate(shuffled(table, seed), DESIGN), PARAMETERS)
    assert one.pattern.digest == other.pattern.digest
    assert one.audit.clean


def test_naive_patterns_are_flagged() -> None:
    flagged = 0
    for seed in range(10):
        system = build(tabulate(random_employers(seed, 40), DESIGN))
        sensitivity = assess(system, PARAMETERS)
        flagged += not audit(system, sensitivity, naive(system, sensitivity)).clean
    assert flagged == 10


def naive(system: System, sensitivity: Sensitivity) -> Pattern:
    """Return the pattern that withholds the sensitive cells alone."""
    return Pattern(system.keys, sensitivity.primary, np.zeros(len(system), dtype=np.bool_))


def grid(values: dict[str, list[list[int]]]) -> tuple[System, dict[str, int]]:
    """Return a system of rows x columns with totals, each cell filled by contributions (name: amounts)."""
    rows = [(county, industry, name, 1, amount)
            for name, cells in values.items()
            for county, line in zip(("44001", "44003", "44005"), cells, strict=False)
            for industry, amount in zip(("111110", "211110", "311811"), line, strict=False) if amount]  # fmt: skip
    design = TableDesign("wage_records", ("area", "industry"), ("wages",))
    system = build(tabulate(employers(rows), design))
    return system, {f"{key[1]} {key[2]}": index for index, key in enumerate(system.keys)}


BACKGROUND = {f"big{number}": [[90, 90, 90], [90, 90, 90], [90, 90, 90]] for number in range(4)}


def test_cell_alone_in_its_row_is_exact() -> None:
    system, at = grid({"A": [[1000, 0, 0]], **BACKGROUND})
    sensitivity = assess(system, Parameters(dominance_percent=60))
    assert sensitivity.primary[at["44001 11"]]
    found = audit(system, sensitivity, naive(system, sensitivity))
    assert (found.exact, found.clean) == (1, False)


def test_narrow_interval_is_under_protected() -> None:
    """Three sensitive neighbours of 1 leave the large one an interval of width 4 where 2 % of it are asked."""
    tiny = {"T": [[0, 1, 0], [1, 1, 0]], "A": [[5000, 0, 0]]}
    rest = {name: [[0, 0, 90], [0, 0, 90], [90, 90, 90]] for name in ("B", "C", "D")}
    system, at = grid({**tiny, **rest})
    sensitivity = assess(system, PARAMETERS)
    found = audit(system, sensitivity, naive(system, sensitivity), intervals=True)
    assert (at["44001 11"],) in {one.cells for one in found.disclosures if one.kind == "under"}
    assert protect(system, sensitivity).complementary.any()


def test_singleton_knows_itself_and_so_the_other() -> None:
    """A and B are alone in the two withheld cells of a row and of a column pair: each could subtract itself."""
    lone = {"A": [[100, 0, 0], [0, 100, 0]], "B": [[0, 100, 0], [100, 0, 0]]}
    rest = {name: [[0, 0, 90], [0, 0, 90], [90, 90, 90]] for name in ("C", "D", "E")}
    system, _ = grid({**lone, **rest})
    sensitivity = assess(system, PARAMETERS)
    withheld = Pattern(system.keys, sensitivity.primary, np.zeros(len(system), dtype=np.bool_))
    found = audit(system, sensitivity, withheld)
    assert found.singleton > 0
    assert {one.kind for one in found.disclosures} >= {"singleton"}
    assert audit(system, sensitivity, protect(system, sensitivity)).clean


def test_residual_of_two_withheld_cells_of_one_enterprise_is_sensitive() -> None:
    """Two cells are withheld, their sum is published by subtraction, and one enterprise is nearly all of it."""
    rows = {"A": [[500, 500, 0]], **{f"e{n}": [[60, 60, 200], [200, 200, 200]] for n in range(3)}}
    system, at = grid(rows)
    sensitivity = assess(system, Parameters(dominance_percent=60))
    pair = np.zeros(len(system), dtype=np.bool_)
    pair[[at["44001 11"], at["44001 21"]]] = True
    found = audit(system, sensitivity, Pattern(system.keys, sensitivity.primary, pair & ~sensitivity.primary))
    assert found.residual == 1
    assert audit(system, sensitivity, protect(system, sensitivity)).residual == 0


@pytest.mark.parametrize("seed", range(6))
def test_published_and_withheld_together_are_the_input(seed: int) -> None:
    cells = tabulate(random_employers(seed, 50), DESIGN)
    before = {name: column.copy() for name, column in cells.values.items()}
    table = protect_table(cells, PARAMETERS)
    assert not (table.pattern.primary & table.pattern.complementary).any()
    assert (table.pattern.primary == table.sensitivity.primary).all()
    for name, column in before.items():
        assert (table.cells.values[name] == column).all()


def test_zero_cells_are_never_complements() -> None:
    for seed in range(6):
        table = protect_table(tabulate(random_employers(seed, 15), DESIGN), PARAMETERS)
        assert not (table.pattern.withheld & table.system.empty).any()


def test_one_child_chain_shares_a_status() -> None:
    rows = [("44003", "722511", "A", 9, 900), *[("44003", "441110", name, 9, 900) for name in "BCDE"],
            *[("44007", code, name, 9, 900) for name in "FGHI" for code in ("722511", "441110")]]  # fmt: skip
    table = protect_table(tabulate(employers(rows), DESIGN), PARAMETERS)
    status = table.pattern.by_key
    for county in ("44003", "44007", "44000"):
        assert (status["20161", county, "72"] == "F") == (status["20161", county, "722"] == "F")
    assert status["20161", "44003", "722"] == "P"


def test_objection_is_withheld_and_protected() -> None:
    rows = [(county, code, name, 9, 900) for county in ("44003", "44007") for name in "FGHI"
            for code in ("722511", "441110")]  # fmt: skip
    cells = tabulate(employers(rows), DESIGN)
    key = ("20161", "44003", "722")
    assert not protect_table(cells, PARAMETERS).pattern.withheld.any()
    table = protect_table(cells, PARAMETERS, withdraw=[key])
    assert table.pattern.by_key[key] == "P"
    assert table.audit.clean
    assert table.pattern.complementary.sum() >= 3


def test_frozen_cells_stay_published_or_the_table_is_refused() -> None:
    cells = tabulate(random_employers(3, 40), DESIGN)
    free = protect_table(cells, PARAMETERS)
    published = [key for key, status in free.pattern.by_key.items() if status == "F"]
    again = protect_table(cells, PARAMETERS, frozen=published)
    assert {str(again.pattern.by_key[key]) for key in published} == {"F"}
    assert again.audit.clean
    others = [key for key, status in free.pattern.by_key.items() if status != "P"]
    with pytest.raises(Infeasible, match="cannot be protected"):
        protect_table(cells, PARAMETERS, frozen=others)


def test_sensitive_cell_that_is_public_already_is_refused() -> None:
    cells = tabulate(random_employers(3, 40), DESIGN)
    primary = [key for key, status in protect_table(cells, PARAMETERS).pattern.by_key.items() if status == "P"]
    with pytest.raises(Infeasible, match="public already"):
        protect_table(cells, PARAMETERS, frozen=primary[:1])


def test_person_table_is_protected_on_persons_and_wages() -> None:
    groups = [("nurses", "44", name, 20) for name in "ABC"] + [("nurses", "10", "D", 4), ("nurses", "", "", 30)]
    groups += [("welders", "44", name, 15) for name in "ABC"] + [("welders", "10", name, 12) for name in "EFG"]
    table = protect_table(tabulate(followed([*groups, ("welders", "", "", 25)]), PERSON_DESIGN), PARAMETERS)
    assert table.pattern.by_key["20161", "nurses", "10"] == "P"
    assert table.audit.clean
    assert_unbreakable(table)


def test_coalition_of_two_is_held_off() -> None:
    table = protect_table(tabulate(random_employers(11, 30), DESIGN), Parameters(coalition=2))
    assert table.audit.clean


def test_intervals_hold_the_truth() -> None:
    table = protect_table(tabulate(random_employers(5, 40), DESIGN), PARAMETERS)
    assert table.audit.intervals is not None
    for name, bounds in table.audit.intervals.items():
        for cell, (low, high) in bounds.items():
            assert low <= table.system.values[name][cell]
            assert high is None or high >= table.system.values[name][cell]


def test_auditor_counts_a_published_primary_as_exact() -> None:
    system = build(tabulate(random_employers(1, 30), DESIGN))
    sensitivity = assess(system, PARAMETERS)
    nothing = np.zeros(len(system), dtype=np.bool_)
    found = audit(system, sensitivity, Pattern(system.keys, nothing, nothing))
    assert found.exact == sensitivity.primary.sum()


def test_relations_given_from_outside_are_enough() -> None:
    """A system need not come from the tabulator: cells, relations and contributions of any additive table do."""
    keys = tuple((name,) for name in ("a", "b", "c", "t"))
    amounts = sparse.csr_matrix([[50, 0, 0, 0], [20, 20, 20, 0], [30, 30, 30, 30], [100, 50, 50, 30]])
    system = System(
        keys, {"wages": np.array([50, 60, 120, 230])}, sparse.csr_matrix([[1, 1, 1, -1]]), {"wages": amounts},
        np.array([1, 3, 4, 4]),
    )  # fmt: skip
    assert [str(one) for one in protect(system, assess(system, PARAMETERS)).statuses] == ["P", "S", "F", "F"]


def outcomes_dominated_in_delaware() -> pa.Table:
    """One cohort: three people with the highest pay in Delaware, forty with common pay in Rhode Island."""
    delaware = [("Nurses", "10", "BIG", 1), ("Nurses", "10", "E1", 1), ("Nurses", "10", "E2", 1)]
    rhode_island = [("Nurses", "44", f"R{number}", 2) for number in range(20)]
    table = followed([*delaware, *rhode_island])
    wages = [900_000 if name == "BIG" else 1000 for name in table["enterprise"].to_pylist()]
    return table.set_column(table.column_names.index("wages"), "wages", pa.array(wages, pa.int64()))


def test_requester_does_not_get_a_small_state_by_what_it_knows_of_its_cohort() -> None:
    """The cohort's total is withheld for its wages, but who sent 43 people knows that 43 - 40 are in Delaware."""
    table = protect_table(tabulate(outcomes_dominated_in_delaware(), PERSON_DESIGN), PARAMETERS)
    status = table.pattern.by_key
    total = next(key for key in status if key[-1] == "TOTAL")
    delaware, rhode_island = (next(key for key in status if key[-1] == state) for state in ("10", "44"))
    assert (status[total], status[delaware]) == ("P", "P")
    assert status[rhode_island] != "F"
    known = {int(cell) for cell in table.system.index([total])}
    cell = int(table.system.index([delaware])[0])
    possible = left_open(table, "persons", known)
    assert min(possible.furthest(cell, sign) for sign in (1, -1)) >= 1
    kept = json.loads(record("WR-2026-000001", {"table_1": table}, "seal"))["tables"]["table_1"]["cells"]
    assert [set(one["intervals"]) for one in kept if one["cell"] == list(total)] == [{"wages"}]


def test_cohort_size_is_not_known_in_a_table_over_some_industries() -> None:
    design = TableDesign(
        "wage_records", ("cohort", "industry"), ("persons", "wages"), industry_level=2, industries=("62",)
    )
    people = outcomes_dominated_in_delaware().append_column("industry", pa.array(["621111"] * 43))
    assert "persons" not in protect_table(tabulate(people, design), PARAMETERS).system.known
