"""The lines of a refused file, as its report says them."""

import pytest

from matching.cohorts.selectors import lines_in_words


@pytest.mark.parametrize(
    ("lines", "count", "words"),
    [
        ([], 1, ""),
        ([4], 1, "4"),
        ([2, 4, 5, 6], 4, "2, 4 to 6"),
        ([7, 7, 6], 2, "6 to 7"),
        (list(range(1, 41, 2)), 1200, "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 1,188 more"),
        (list(range(20, 120)), 150, "20 to 119 and 50 more"),
    ],
)
def test_neighbours_are_joined_and_the_rest_is_counted(lines: list[int], count: int, words: str) -> None:
    assert lines_in_words(lines, count) == words
