"""Work in two threads: in order, no further ahead than said, and what goes wrong is heard."""

from collections.abc import Iterator

import pytest

from matching.core.ahead import ahead


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_answers_come_in_the_order_of_items(count):
    assert list(ahead(lambda number: number * number, range(count))) == [number * number for number in range(count)]


def test_items_are_taken_as_they_are_needed():
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    answers = ahead(str, items())
    assert taken == []
    assert [next(answers) for _ in range(3)] == ["0", "1", "2"]
    assert len(taken) <= 5
    answers.close()
    assert len(taken) <= 5


def test_error_of_a_thread_is_raised_where_the_answer_is_asked_for():
    answers = ahead(lambda number: 6 // number, [3, 2, 0, 1])
    assert [next(answers), next(answers)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(answers)
