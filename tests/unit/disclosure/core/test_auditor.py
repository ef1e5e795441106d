"""The auditor against one linear programme per cell, side and enterprise, on random tables and patterns."""

import os
from itertools import combinations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from disclosure.core.audit.auditor import Audit, audit
from disclosure.core.pattern import Pattern
from disclosure.core.rules.sensitivity import Parameters, Sensitivity
from disclosure.core.system import System
from tests.unit.disclosure.core.brute_force import Deviations

TABLES = 4000 if os.environ.get("WR_LONG") else 100


def random_table(draw: np.random.Generator) -> tuple[System, Sensitivity, Pattern]:
    """Return a table of areas (in groups) x industries with totals, sensitive cells, needs and a pattern, all random.

    Values are small and often zero, enterprises few and often alone in several cells.
    """
    shape = (int(draw.integers(2, 5)), int(draw.integers(2, 4)))
    firms = int(draw.integers(2, 9))
    leaves = draw.integers(0, 12, (*shape, firms)) * (draw.random((*shape, firms)) < 0.3)
    groups = [np.eye(shape[0], dtype=np.int64), np.ones((1, shape[0]), dtype=np.int64)]
    if shape[0] > 2:
        groups.insert(1, np.eye(shape[0], dtype=np.int64)[:2].sum(axis=0, keepdims=True))
    rows = np.vstack(groups)
    columns = np.vstack([np.eye(shape[1], dtype=np.int64), np.ones((1, shape[1]), dtype=np.int64)])
    cells = np.einsum("ai,bj,ijf->abf", rows, columns, leaves).reshape(-1, firms)
    relations = [np.kron(one, np.eye(len(columns), dtype=np.int64)) for one in sums(shape[0], len(rows))]
    relations += [np.kron(np.eye(len(rows), dtype=np.int64), one) for one in sums(shape[1], len(columns))]
    order = draw.permutation(len(cells))
    return built(draw, cells[order], np.vstack(relations)[:, order], int(draw.integers(1, 3)))


def sums(leaves: int, nodes: int) -> list[np.ndarray]:
    """Return the relations of one dimension: leaves, perhaps a group of the first two, the total."""
    found = []
    total = np.zeros(nodes, dtype=np.int64)
    total[:leaves], total[-1] = 1, -1
    if nodes - leaves > 1:
        group = np.zeros(nodes, dtype=np.int64)
        group[:2], group[leaves] = 1, -1
        total[:2], total[leaves] = 0, 1
        found.append(group[None, :])
    return [*found, total[None, :]]


def built(
    draw: np.random.Generator, cells: np.ndarray, relations: np.ndarray, coalition: int
) -> tuple[System, Sensitivity, Pattern]:
    size, values = len(cells), cells.sum(axis=1)
    keys = tuple((f"{number:03}",) for number in range(size))
    system = System(
        keys, {"wages": values}, sparse.csr_matrix(relations), {"wages": sparse.csr_matrix(cells)},
        np.count_nonzero(cells, axis=1),
    )  # fmt: skip
    primary = (draw.random(size) < 0.35) & (values > 0)
    up, down = draw.integers(0, 4, size) * primary, draw.integers(0, 4, size) * primary
    need = {"wages": up}, {"wages": np.minimum(down, values)}
    withheld = primary | (draw.random(size) < draw.choice([0.1, 0.3, 0.6]))
    return (
        system,
        Sensitivity(Parameters(coalition=coalition), primary, *need, ()),
        Pattern(keys, primary, withheld & ~primary),
    )


def disclosed(system: System, sensitivity: Sensitivity, withheld: np.ndarray) -> tuple[set[int], set[int], set[int]]:
    """Return the sensitive cells that are exact, under-protected, and disclosed to insiders only."""
    exact, under, inside = set(), set(), set()
    up, down = sensitivity.need_up["wages"], sensitivity.need_down["wages"]
    outside = Deviations(system, "wages", withheld)
    for cell in np.flatnonzero(sensitivity.primary).tolist():
        above, below = (outside.furthest(cell, sign) for sign in (1, -1))
        if above + below < 1e-6:
            exact.add(cell)
        elif above < up[cell] - 1e-6 or below < down[cell] - 1e-6:
            under.add(cell)
    for coalition in coalitions(system, sensitivity.parameters.coalition):
        known = known_cells(system, withheld, coalition)
        if not known:
            continue
        still = withheld.copy()
        still[known] = False
        left_to_them = Deviations(system, "wages", still)
        for cell in set(np.flatnonzero(sensitivity.primary).tolist()) - set(known) - exact - under - inside:
            others = int(system.values["wages"][cell] - system.contributions["wages"].toarray()[cell, coalition].sum())
            above, below = (left_to_them.furthest(cell, sign) for sign in (1, -1))
            if above < up[cell] - 1e-6 or below < min(down[cell], others) - 1e-6:
                inside.add(cell)
    return exact, under, inside


def coalitions(system: System, size: int) -> list[list[int]]:
    firms = range(system.contributions["wages"].shape[1])
    return [list(one) for number in range(1, size + 1) for one in combinations(firms, number)]


def known_cells(system: System, withheld: np.ndarray, coalition: list[int]) -> list[int]:
    present = system.contributions["wages"].toarray() > 0
    outside = np.delete(present, coalition, axis=1).any(axis=1)
    alone = present.any(axis=1) & ~outside & (present.sum(axis=1) <= len(coalition))
    return np.flatnonzero(alone & withheld).tolist()


def found_cells(found: Audit, kind: str) -> set[int]:
    return {one.cells[0] for one in found.disclosures if one.kind == kind}


@settings(max_examples=TABLES, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
@example(5_000_090)  # an insider learns of a cell that moves together with one that anybody can estimate
def test_audit_finds_what_one_programme_per_cell_finds(seed: int) -> None:
    system, sensitivity, pattern = random_table(np.random.default_rng(seed))
    exact, under, inside = disclosed(system, sensitivity, pattern.withheld)
    found = audit(system, sensitivity, pattern, intervals=seed % 4 == 0)
    assert found_cells(found, "exact") == exact
    assert found_cells(found, "under") == under
    assert found_cells(found, "singleton") - exact - under == inside
    possible = Deviations(system, "wages", pattern.withheld)
    for cell, (low, high) in (found.intervals or {"wages": {}})["wages"].items():
        above = possible.furthest(cell, 1)
        value = int(system.values["wages"][cell])
        assert (high is None) == np.isinf(above)
        assert high is None or abs(high - value - above) < 1e-5
        assert abs(value - low - possible.furthest(cell, -1)) < 1e-5
