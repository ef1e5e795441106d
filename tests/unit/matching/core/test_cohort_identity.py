"""Who is who in a cohort, and in which order, against what plain Python says of the same rows."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.core.cohort.id_order import equal_to_next, id_order
from matching.core.cohort.identity import find_duplicates, id_numbers

CHARACTERS = st.sampled_from([b"0", b"1", b"9", b"-", b" ", b"a", b"\xc3\xa9", b"Z"])
IDS = st.lists(CHARACTERS, max_size=11).map(lambda parts: b"".join(parts)[:20])
FEW_IDS = st.sampled_from([b"", b"a", b"ab", b"a0123456789012345678", b"a0123456", b"a01234567"])
ROWS = st.lists(st.tuples(FEW_IDS | IDS, st.integers(0, 4)), max_size=12)
KNOWN_FROM = 2  # numbers below are no SSNs


def as_ids(values: list[bytes]) -> np.ndarray:
    return np.array(values, "S20")


@settings(max_examples=100, deadline=None)
@given(st.lists(IDS, min_size=1, max_size=30))
@example([b"\xff" * 20, b"\xff" * 19, b"\x01" * 20])
def test_order_is_that_of_bytes_and_keeps_equal_ones_as_they_stand(values):
    ids = as_ids(values)
    assert id_order(ids).tolist() == sorted(range(len(values)), key=values.__getitem__)
    assert equal_to_next(ids).tolist() == [a == b for a, b in pairwise(values)]


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_duplicates_are_those_that_comparing_all_rows_finds(given_rows):
    rows = sorted(given_rows, key=lambda row: row[0])
    ids, ssn = as_ids([id_ for id_, _ in rows]), np.array([number for _, number in rows], np.uint32)
    found = find_duplicates(ids, ssn, ssn >= KNOWN_FROM)
    ids_of, ssns_of, seen = defaultdict(set), defaultdict(set), set()
    for place, (id_, number) in enumerate(rows):
        ssns_of[id_].add(number if number >= KNOWN_FROM else -place - 1)
        if id_:
            ids_of[number].add(id_)
    for place, (id_, number) in enumerate(rows):
        counts = bool(id_) and number >= KNOWN_FROM
        assert found.exact[place] == (counts and (id_, number) in seen)
        assert found.ssn_other_id[place] == (counts and len(ids_of[number]) > 1)
        assert found.id_other_ssn[place] == (bool(id_) and len(ssns_of[id_]) > 1)
        seen |= {(id_, number)} if counts else set()


@settings(max_examples=100, deadline=None)
@given(st.lists(IDS, max_size=20))
@example([b"9" * 9, b"999-11-1119", b" 987654321 ", b"98765432", b"9876543210", b"9876a54321", b""])
def test_ids_of_nine_digits_are_read_both_ways(values):
    rows, forwards, backwards = id_numbers(as_ids(values))
    digits = {row: value.translate(None, b" -") for row, value in enumerate(values)}
    nine = {row: text.decode() for row, text in digits.items() if len(text) == 9 and text.isdigit()}
    assert rows.tolist() == list(nine)
    assert forwards.tolist() == [int(text) for text in nine.values()]
    assert backwards.tolist() == [int(text[::-1]) for text in nine.values()]
