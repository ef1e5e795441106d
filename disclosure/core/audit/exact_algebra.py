"""Which unknowns linear relations determine, in exact arithmetic: no tolerance, no floating point.

Relations are eliminated modulo the prime 2^61 - 1, shortest first, and one random vector of the null space is worked
out. An unknown whose entry is zero has the same value in every solution (but for a chance of about n / 2^61).
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import sparse

PRIME = (1 << 61) - 1
_SEED = 20_160_101

Row = dict[int, int]


def determined(relations: sparse.csr_matrix, unknown: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which unknown cells (n) the integer relations (r, n) determine when all other cells are known."""
    columns = np.flatnonzero(unknown)
    rows = _rows(relations[:, columns].tocsr())
    null = _null_vector(_eliminated(rows), len(columns))
    found = np.zeros(len(unknown), dtype=np.bool_)
    found[columns] = [value == 0 for value in null]
    return found


def _rows(relations: sparse.csr_matrix) -> list[Row]:
    """Return the relations as sparse rows modulo the prime, without empty ones and repetitions."""
    relations.eliminate_zeros()
    relations.sort_indices()
    starts, columns, amounts = relations.indptr.tolist(), relations.indices.tolist(), relations.data.tolist()
    rows: dict[tuple[tuple[int, int], ...], None] = {}
    for start, end in pairwise(starts):
        if end > start:
            row = zip(columns[start:end], (int(one) % PRIME for one in amounts[start:end]), strict=True)
            rows.setdefault(tuple(row))
    return [dict(row) for row in rows]


def _eliminated(rows: list[Row]) -> list[tuple[int, Row]]:
    """Return (pivot, row) in the order of elimination; a row holds its pivot with 1 and only later pivots beside."""
    holders: dict[int, set[int]] = {}
    for number, row in enumerate(rows):
        for column in row:
            holders.setdefault(column, set()).add(number)
    heap = sorted((len(row), number) for number, row in enumerate(rows))
    used: set[int] = set()
    done: list[tuple[int, Row]] = []
    while heap:
        size, number = heappop(heap)
        row = rows[number]
        if number in used or size != len(row) or not row:
            continue
        used.add(number)
        done.append((_eliminate(rows, number, holders, heap), row))
    return done


def _eliminate(rows: list[Row], number: int, holders: dict[int, set[int]], heap: list[tuple[int, int]]) -> int:
    """Choose the rarest column of a row as its pivot and take it out of every other row; return the pivot."""
    row = rows[number]
    pivot = min(row, key=lambda column: (len(holders[column]), column))
    for column in row:
        holders[column].discard(number)
    _scale(row, pivot)
    for other in sorted(holders[pivot]):
        _subtract(rows[other], other, row, pivot, holders)
        heappush(heap, (len(rows[other]), other))
    return pivot


def _scale(row: Row, pivot: int) -> None:
    factor = row[pivot]
    if factor == 1:
        return
    inverse = PRIME - 1 if factor == PRIME - 1 else pow(factor, PRIME - 2, PRIME)
    for column, amount in row.items():
        row[column] = amount * inverse % PRIME


def _subtract(target: Row, number: int, row: Row, pivot: int, holders: dict[int, set[int]]) -> None:
    """Take the pivot out of another row."""
    factor = target[pivot]
    for column, amount in row.items():
        before = target.get(column, 0)
        after = (before - factor * amount) % PRIME
        if after:
            target[column] = after
            if not before:
                holders[column].add(number)
        elif before:
            del target[column]
            holders[column].discard(number)


def _null_vector(eliminated: list[tuple[int, Row]], size: int) -> list[int]:
    """Return a random solution of the relations without right-hand side."""
    draw = Random(_SEED)  # noqa: S311  a test of identity, no secret
    vector = [draw.randrange(1, PRIME) for _ in range(size)]
    for pivot, row in reversed(eliminated):
        vector[pivot] = -sum(amount * vector[column] for column, amount in row.items() if column != pivot) % PRIME
    return vector
