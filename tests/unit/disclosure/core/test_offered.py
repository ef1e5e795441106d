"""Deviations offered to the auditor: checked, never believed, and no verdict depends on them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from disclosure.core.audit.auditor import audit
from disclosure.core.audit.offered import confirmed
from disclosure.core.audit.reduction import reduce
from tests.unit.disclosure.core.test_auditor import random_table


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_random_deviations_change_no_verdict(seed: int) -> None:
    draw = np.random.default_rng(seed)
    system, sensitivity, pattern = random_table(draw)
    offered = sparse.csr_matrix(draw.integers(-3, 4, (20, len(system))) * (draw.random((20, len(system))) < 0.4))

    alone = audit(system, sensitivity, pattern)
    told = audit(system, sensitivity, pattern, offered={"wages": offered})

    assert (told.counts(), told.complement) == (alone.counts(), alone.complement)


# Four withheld cells and the totals of rows and columns of a two-by-two table, in this order.
_RELATIONS = sparse.csr_matrix(
    np.array(
        [[1, 1, 0, 0, -1, 0, 0, 0], [0, 0, 1, 1, 0, -1, 0, 0], [1, 0, 1, 0, 0, 0, -1, 0], [0, 1, 0, 1, 0, 0, 0, -1]]
    )
)
_WITHHELD = np.array([True] * 4 + [False] * 4)


@pytest.mark.parametrize(
    ("deviation", "kept"),
    [
        ([1, -1, -1, 1, 0, 0, 0, 0], 1),
        ([-7, 7, 7, -7, 0, 0, 0, 0], 1),
        ([0, 0, 0, 0, 1, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0, 0, 0, 0], 0),
    ],
)
def test_deviation_of_cells_that_move_together_is_confirmed(deviation: list[int], kept: int) -> None:
    reduced = reduce(_RELATIONS, np.full(8, 9), _WITHHELD)

    assert len(list(confirmed(reduced, sparse.csr_matrix([deviation])))) == kept


def test_deviation_that_keeps_some_relations_only_is_not_confirmed() -> None:
    relations = sparse.csr_matrix(np.array([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]]))
    reduced = reduce(relations, np.full(5, 9), np.ones(5, dtype=np.bool_))
    offered = sparse.csr_matrix([[1, 1, -2, 1, 1], [1, -1, 0, 0, 0], [1, -1, 0, 1, 0], [0, 0, 1, 0, -1]])

    assert [amounts.tolist() for _, amounts in confirmed(reduced, offered)] == [[1, 1, -2, 1, 1], [1, -1]]


def test_deviation_too_large_to_be_added_up_is_not_confirmed() -> None:
    reduced = reduce(sparse.csr_matrix(np.array([[4, 2, 1]])), np.full(3, 9), np.ones(3, dtype=np.bool_))
    wrapping = 1 << 62  # four times this is zero in 64 bits

    assert not list(confirmed(reduced, sparse.csr_matrix(np.array([[wrapping, 0, 0]]))))
