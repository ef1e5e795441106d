"""Exact recovery, against ranks of small random systems."""

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from disclosure.core.audit.exact_algebra import determined

SYSTEMS = 3000 if os.environ.get("WR_LONG") else 150


@settings(max_examples=SYSTEMS, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.integers(1, 12), st.integers(1, 12))
def test_determined_are_the_columns_that_the_rank_does_not_gain_from(seed: int, rows: int, columns: int) -> None:
    draw = np.random.default_rng(seed)
    relations = draw.choice([-1, 0, 0, 0, 1, 2], (rows, columns))
    unknown = draw.random(columns) < 0.8
    found = determined(sparse.csr_matrix(relations), unknown)
    matrix = relations[:, unknown]
    rank = np.linalg.matrix_rank(matrix) if matrix.size else 0
    expected = [np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank for unit in np.eye(matrix.shape[1])]
    assert found[unknown].tolist() == expected
    assert not found[~unknown].any()


def test_nothing_withheld_nothing_determined() -> None:
    assert not determined(sparse.csr_matrix([[1, 1, -1]]), np.zeros(3, dtype=np.bool_)).any()
