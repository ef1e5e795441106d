"""The arrays of the segments, without a database: rows of a person, tokens of the vault."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.segments.arrow_file import ColumnWriter, mapped
from matching.segments.records import Records, _first_rows
from matching.segments.spill import Spill
from matching.segments.vault import UNKNOWN, VaultPart, _starts, in_token_order

HALVES = st.integers(0, 3) | st.integers(0, 2**64 - 1)


@given(st.lists(st.integers(0, 60), min_size=1), st.lists(st.integers(1, 70), min_size=1))
def test_rows_of_a_person_with_and_without_the_array_of_first_rows(held, wanted):
    person, asked = np.array(sorted(held), np.int32), np.array(sorted(set(wanted)), np.int32)
    dense = Records({"person": person}, _first_rows(person))
    sparse = Records({"person": person}, np.empty(0, np.uint32))
    for records in (dense, sparse):
        first, count = records.rows_of(asked)
        assert count.tolist() == [held.count(one) for one in asked.tolist()]
        rows = [person[start : start + many].tolist() for start, many in zip(first, count, strict=True)]
        assert rows == [[one] * held.count(one) for one in asked.tolist()]


def test_ids_too_sparse_for_an_array_of_first_rows_have_none():
    assert len(_first_rows(np.array([5, 2_000_000], np.int32))) == 0


@given(st.sets(st.tuples(HALVES, HALVES), min_size=1, max_size=50), st.sets(st.tuples(HALVES, HALVES), max_size=20))
def test_tokens_are_found_and_no_others(known, strangers):
    """Also where first halves are equal, which real tokens are not."""
    pairs = sorted(known)
    high, low = (np.array([pair[half] for pair in pairs], np.uint64) for half in (0, 1))
    person = np.arange(1, len(pairs) + 1, dtype=np.int32)
    part = VaultPart({"high": high, "low": low, "person": person}, _starts(high))
    asked = [*pairs, *(strangers - known)]
    answer = part.find(*(np.array([pair[half] for pair in asked], np.uint64) for half in (0, 1)))
    assert answer.tolist() == [*range(1, len(pairs) + 1), *[UNKNOWN] * (len(asked) - len(pairs))]


@given(st.lists(st.tuples(HALVES, HALVES), min_size=1, max_size=50))
def test_order_of_tokens_is_that_of_both_halves(pairs):
    columns = {"high": [a for a, _ in pairs], "low": [b for _, b in pairs]}
    arrays = {name: np.array(values, np.uint64) for name, values in columns.items()}
    arrays["person"] = np.arange(len(pairs), dtype=np.int32)
    ordered = in_token_order(arrays)
    assert list(zip(ordered["high"].tolist(), ordered["low"].tolist(), strict=True)) == sorted(pairs)


@pytest.mark.parametrize("parts", [1, 3])
def test_spilled_rows_come_back_by_bucket_in_their_order(tmp_path, parts):
    rows = np.array([(n % 5, n) for n in range(1000)], np.dtype([("key", "<i4"), ("value", "<i4")]))
    with Spill(tmp_path, "rows", rows.dtype) as spill:
        for part in np.array_split(rows, parts):
            spill.add(part["key"], part)
        assert spill.buckets == [0, 1, 2, 3, 4]
        for bucket in spill.buckets:
            assert spill.take(bucket)["value"].tolist() == [n for n in range(1000) if n % 5 == bucket]
    assert list(tmp_path.iterdir()) == []


def test_pages_given_back_are_the_processes_no_more_and_come_again(tmp_path):
    megabytes = 64
    numbers = np.arange(megabytes << 17, dtype=np.uint64)
    with ColumnWriter(tmp_path, "numbers", {"number": "u8"}) as writer:
        writer.add({"number": numbers})
        file = mapped(writer.finish({}))
    before = file_memory_kb()
    total = int(file.columns["number"].sum())
    read = file_memory_kb()
    file.give_back()
    assert read - before > megabytes << 9
    assert read - file_memory_kb() > megabytes << 9
    assert int(file.columns["number"].sum()) == total == int(numbers.sum())


def file_memory_kb() -> int:
    """What of this process's memory is mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile"))
