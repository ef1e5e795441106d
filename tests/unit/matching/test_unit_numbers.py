"""Numbers of employers' units: one each, whatever the order and the batches, and sorted in the end."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.core.load_files.wage_layouts import WageBatch
from matching.loads.unit_numbers import UnitNumbers

WIDTHS = (10, 5, 9)
code = st.integers(0, 30)
units = st.lists(st.lists(st.tuples(code, code, code), min_size=1, max_size=30), max_size=4)


def batch(keys: list[tuple[str, ...]]) -> WageBatch:
    texts = [np.array([key[place].encode() for key in keys], f"S{width}") for place, width in enumerate(WIDTHS)]
    numbers = np.zeros(len(keys), np.int64)
    return WageBatch(numbers, numbers.astype(np.uint32), *texts, *(numbers.astype(t) for t in ("i4", "i2", "i2")))


def text_of(key: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(str(part).zfill(width) for part, width in zip(key, WIDTHS, strict=True))


@given(units)
def test_every_unit_has_one_number(batches):
    numbers, known = UnitNumbers(), {}
    for keys in [[text_of(key) for key in batch_keys] for batch_keys in batches]:
        for key, number in zip(keys, numbers.number(batch(keys)).tolist(), strict=True):
            assert known.setdefault(key, number) == number
    texts, order = numbers.in_order()
    sorted_keys = list(zip(*([value.decode() for value in text] for text in texts), strict=True))
    assert sorted_keys == sorted(known)
    assert [known[key] for key in sorted_keys] == order.tolist()


def test_many_units_outgrow_the_first_table():
    numbers = UnitNumbers()
    keys = [text_of((n * 7919, n % 90, n)) for n in range(20_000)]
    first = [numbers.number(batch(keys[start : start + 3_000])) for start in range(0, len(keys), 3_000)]
    assert np.concatenate(first).tolist() == numbers.number(batch(keys)).tolist()
    assert len(numbers) == len(set(np.concatenate(first).tolist())) == 20_000
