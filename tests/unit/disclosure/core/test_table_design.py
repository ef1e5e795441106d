"""Table designs and the words that refuse them."""

import pytest

from disclosure.core.tabulation.design import DesignError, TableDesign

GOOD = {
    "source": "wage_records", "dimensions": ["area", "industry"], "area_level": "county", "industry_level": 4,
    "industries": ["44-45", "722"], "measures": ["jobs", "mean_wages"],
}  # fmt: skip


def test_design_is_read_from_the_form() -> None:
    design = TableDesign.from_dict(GOOD)
    assert (design.industry_level, design.industry_prefixes()) == (4, ("44", "45", "722"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": "tax"}, "Choose wage records or establishments"),
        ({"dimensions": []}, "at least one dimension"),
        ({"dimensions": ["area", "area"]}, "each dimension once"),
        ({"dimensions": ["sex"]}, "no dimension sex"),
        ({"dimensions": ["state", "area"]}, "not both"),
        ({"source": "establishments", "dimensions": ["cohort"], "measures": ["wages"]}, "describe persons"),
        ({"area_level": "block"}, "county, metro, region or state"),
        ({"industry_level": 7}, "2, 3, 4, 5 or 6"),
        ({"industry_level": "two"}, "2, 3, 4, 5 or 6"),
        ({"industry_level": 1}, "made of whole sectors"),
        ({"area_level": "region"}, "Name your regions"),
        ({"area_level": "region", "regions": ["North: 44001"]}, "Write each region"),
        ({"industries": ["4x"]}, "4x is not a NAICS code"),
        ({"measures": []}, "at least one measure"),
        ({"measures": ["jobs", "jobs"]}, "each measure once"),
        ({"measures": ["joy"]}, "no measure joy"),
        ({"measures": ["establishments"]}, "cannot be made from wage records"),
        ({"colour": "red"}, "Unknown entry colour"),
    ],
)
def test_design_that_cannot_be_tabulated_says_why(change: dict[str, object], words: str) -> None:
    with pytest.raises(DesignError, match=words):
        TableDesign.from_dict(GOOD | change)


def test_design_names_every_problem_at_once() -> None:
    with pytest.raises(DesignError) as refused:
        TableDesign.from_dict({"source": "tax"})
    assert len(refused.value.problems) == 3
