"""Dimensions as trees."""

import pytest

from disclosure.core.tabulation import hierarchy


def edges(tree: hierarchy.Hierarchy) -> dict[str, str]:
    """Return the parent of each code."""
    return {code: tree.codes[up] if up >= 0 else "" for code, up in zip(tree.codes, tree.parent, strict=True)}


def test_area_counties_add_to_states_and_states_to_the_total() -> None:
    tree = hierarchy.area(["44003", "10001", "44007"], "county")
    assert edges(tree) == {
        "TOTAL": "", "10000": "TOTAL", "10001": "10000", "44000": "TOTAL", "44003": "44000", "44007": "44000",
    }  # fmt: skip


def test_area_of_one_state_has_no_total_beside_the_state() -> None:
    assert edges(hierarchy.area(["44003", "44007"], "county")) == {"44000": "", "44003": "44000", "44007": "44000"}


def test_industry_sectors_span_prefixes() -> None:
    tree = edges(hierarchy.industry(["311811", "331110", "441110", "493110", "722511"], 3))
    assert tree["311"] == tree["331"] == "31-33"
    assert (tree["441"], tree["493"], tree["722"]) == ("44-45", "48-49", "72")


def test_industry_levels_skip_five_digits() -> None:
    tree = edges(hierarchy.industry(["722511", "722513", "311811"], 6))
    assert [tree["722511"], tree["7225"], tree["722"], tree["72"]] == ["7225", "722", "72", "TOTAL"]


def test_supersectors_stand_below_domains_and_take_no_part_in_finer_tables() -> None:
    tree = edges(hierarchy.industry(["311811", "238210", "722511", ""], 1))
    assert tree == {"TOTAL": "", "101": "TOTAL", "1012": "101", "1013": "101", "102": "TOTAL", "1026": "102",
                    "NONE": "TOTAL"}  # fmt: skip
    assert hierarchy.industry_levels(2) == (2,)


def test_person_without_record_stands_under_the_total() -> None:
    tree = edges(hierarchy.area(["44003", "", "10001"], "county"))
    assert tree["NONE"] == "TOTAL"
    assert edges(hierarchy.industry(["", "722511", "311811"], 4))["NONE"] == "TOTAL"


def test_code_named_like_the_total_is_refused() -> None:
    with pytest.raises(ValueError, match="two places"):
        hierarchy.flat("cohort", ["TOTAL", "nurses"])
