"""Whatever a file holds: the checker answers, and no answer holds four digits in a row of what it read."""

import json
import os
import re
from dataclasses import asdict

import pytest

from matching.core.cohort.file import check
from tests.cohort_corpus import QUARTERS, STATE, cases

PARTS, FILES = (20, 50_000) if os.environ.get("WR_LONG") else (1, 1_500)  # a million in twenty parts
SEED = int(os.environ.get("WR_SEED", "11"))
FOUR_DIGITS = re.compile(r"\d{4}", re.ASCII)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_file_stops_the_checker_or_is_repeated_by_it(part: int) -> None:
    """The files are short, so that no count or line number has four digits either."""
    seed = SEED + part
    for number, case in enumerate(cases(seed, FILES)):
        answer = check(
            case.data,
            state_fips=STATE,
            quarters=set(QUARTERS),
            world=case.world,
            policy=case.policy,
            max_rows=case.max_rows,
        )
        said = json.dumps([asdict(problem) for problem in answer.problems]) + repr(answer.cohort) + str(answer.rows)
        assert FOUR_DIGITS.search(said) is None, f"seed {seed}, file {number}"
        assert (answer.cohort is not None) == answer.ok, f"seed {seed}, file {number}"
