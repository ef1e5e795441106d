"""Primary rules, boundary by boundary."""

import numpy as np
import pytest
from scipy import sparse

from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.primary import Sums, apply_rules, required_protection
from disclosure.core.rules.sensitivity import assess, with_exemptions, with_objections
from disclosure.core.system import System, build
from disclosure.core.tabulation.cells import TableDesign, tabulate
from tests.unit.disclosure.core.wages import PERSON_DESIGN, employers, followed

WAGES_ONLY = TableDesign("wage_records", ("area",), ("wages",))
PARAMETERS = Parameters()


def one_cell(*amounts: int) -> System:
    """Return a table of one cell with these enterprise contributions."""
    rows = [("44003", "722511", f"E{number}", 1, amount) for number, amount in enumerate(amounts)]
    return build(tabulate(employers(rows), TableDesign("wage_records", ("area",), ("wages",), area_level="state")))


@pytest.mark.parametrize(
    ("amounts", "rules"),
    [
        ((100,), {"few enterprises", "dominance", "p percent"}),
        ((50, 50), {"few enterprises", "p percent"}),
        ((30, 30, 30), set()),
        ((800, 150, 50), {"dominance", "p percent"}),  # exactly 80 %
        ((799, 100, 101), set()),
        ((700, 200, 70), {"p percent"}),  # remainder exactly 10 % of the largest
        ((700, 200, 71), set()),
        ((0, 0), {"few enterprises"}),
        ((0, 0, 0), set()),
    ],
)
def test_rules_at_their_boundaries(amounts: tuple[int, ...], rules: set[str]) -> None:
    sensitivity = assess(one_cell(*amounts), PARAMETERS)
    assert {reason.rule for reason in sensitivity.reasons(0)} == rules
    assert bool(sensitivity.primary[0]) == bool(rules)


@pytest.mark.parametrize(
    ("amounts", "need"),
    [
        ((100,), 25),  # 100 / .8 - 100
        ((50, 50), 5),  # p percent of the largest
        ((800, 150, 50), 30),  # 80 - 50, against a floor of 20 and a dominance need of 0
        ((700, 200, 70), 20),  # the floor: 2 % of 970, rounded up
        ((7,), 2),  # 1.75 rounded up
        ((0,), 1),  # a zero of one enterprise is hidden by a unit
    ],
)
def test_required_protection_is_the_largest_of_three_rounded_up(amounts: tuple[int, ...], need: int) -> None:
    sensitivity = assess(one_cell(*amounts), PARAMETERS)
    assert sensitivity.need_up["wages"][0] == need
    assert sensitivity.need_down["wages"][0] == min(need, sum(amounts))


def test_margin_is_zero_or_less_where_a_rule_bites() -> None:
    for reason in assess(one_cell(800, 150, 50), PARAMETERS).reasons(0):
        assert reason.margin <= 0


def test_coalition_of_two_looks_past_the_three_largest() -> None:
    system = one_cell(500, 300, 300, 40)
    assert not assess(system, PARAMETERS).primary[0]
    assert assess(system, Parameters(coalition=2)).primary[0]


@pytest.mark.parametrize(
    ("amounts", "sensitive"),
    [
        ((60, 30, 6, 4), True),  # exactly 90 of 100
        ((60, 29, 7, 4), False),
        ((50, 45, 3, 2), True),
        ((0, 0, 0, 0), False),
    ],
)
def test_largest_n_with_k_percent_or_more_are_sensitive(amounts: tuple[int, ...], sensitive: bool) -> None:
    parameters = Parameters(dominance_percent=None, p_percent=None, largest_count=2, largest_percent=90)
    sensitivity = assess(one_cell(*amounts), parameters)
    assert [reason.rule for reason in sensitivity.reasons(0)] == ["largest few"] * sensitive


def test_largest_n_ask_for_the_protection_that_hides_their_share() -> None:
    parameters = Parameters(dominance_percent=None, p_percent=None, largest_count=2, largest_percent=90)
    assert assess(one_cell(60, 35, 3, 2), parameters).need_up["wages"][0] == 6  # 95 / .9 - 100, rounded up


def test_rules_switched_off_leave_the_count() -> None:
    sensitivity = assess(one_cell(998, 1, 1), Parameters(dominance_percent=None, p_percent=None))
    assert not sensitivity.primary[0]
    assert assess(one_cell(998, 2), Parameters(dominance_percent=None, p_percent=None)).primary[0]


@pytest.mark.parametrize(
    ("persons", "employed", "sensitive"),
    [(20, 0, True), (20, 20, True), (20, 1, False), (20, 19, False), (0, 0, False)],
)
def test_group_in_which_all_or_none_have_an_attribute(persons: int, employed: int, sensitive: bool) -> None:
    none = sparse.csr_matrix((1, 0), dtype=np.int64)
    values = {"employed": np.array([employed]), "persons": np.array([persons])}
    groups = {"employed": np.array([True])}
    sums = Sums(np.array([0]), np.array([persons]), values, dict.fromkeys(values, none), groups)
    found = [one.rule for one in apply_rules(sums, PARAMETERS) if one.sensitive[0]]
    assert found == ["all or none"] * sensitive
    assert required_protection(sums, "employed", PARAMETERS)[0] == (persons > 0)


def test_exempt_cell_is_not_primary_and_has_no_reason() -> None:
    system = one_cell(100)
    sensitivity = with_exemptions(assess(system, PARAMETERS), np.array([True]))
    assert not sensitivity.primary[0]
    assert not sensitivity.reasons(0)
    assert sensitivity.need_up["wages"][0] == sensitivity.need_down["wages"][0] == 0


def test_one_sensitive_measure_makes_the_cell_primary_on_all() -> None:
    rows = [("44003", "722511", name, jobs, 100) for name, jobs in (("A", 90), ("B", 1), ("C", 1))]
    design = TableDesign("wage_records", ("area",), ("jobs", "wages"))
    sensitivity = assess(build(tabulate(employers(rows), design)), PARAMETERS)
    assert {reason.measure for reason in sensitivity.reasons(0)} == {"jobs"}
    assert sensitivity.need_up["wages"][0] > 0


@pytest.mark.parametrize(("persons", "primary"), [(9, True), (10, False)])
def test_persons_below_the_minimum_are_sensitive(persons: int, primary: bool) -> None:
    table = followed([("nurses", "44", name, persons) for name in "ABC"] + [("nurses", "", "", persons)])
    system = build(tabulate(table, PERSON_DESIGN))
    sensitivity = assess(system, PARAMETERS)
    assert bool(sensitivity.primary[system.keys.index(("20161", "nurses", "NONE"))]) == primary


def test_empty_cell_of_a_person_table_is_not_primary() -> None:
    groups = [("nurses", "44", name, 20) for name in "ABC"] + [("nurses", "10", name, 20) for name in "ABC"]
    table = followed(groups)
    later = followed(groups[:3])
    later = later.set_column(0, "quarter", [[20162] * later.num_rows])
    system = build(tabulate(type(table).from_batches([*table.to_batches(), *later.cast(table.schema).to_batches()]),
                            PERSON_DESIGN))  # fmt: skip
    empty = system.keys.index(("20162", "nurses", "10"))
    assert system.empty[empty]
    assert not assess(system, PARAMETERS).primary[empty]


def test_objection_counts_as_primary() -> None:
    system = one_cell(30, 30, 30)
    sensitivity = with_objections(assess(system, PARAMETERS), system, [system.keys[0]])
    assert [reason.rule for reason in sensitivity.reasons(0)] == ["objection"]
    assert sensitivity.need_up["wages"][0] == 2


@pytest.mark.parametrize(
    "wrong", [{"p_percent": 0}, {"dominance_percent": 101}, {"coalition": 0}, {"largest_count": 2}]
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"percentage|counts|needs both"):
        Parameters(**wrong)
