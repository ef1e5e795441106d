"""Completing withheld cells: whole numbers, nothing published changed, every relation exact, near what is plausible."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from matching.core.qcew.completion import Completion, CompletionError, complete
from matching.core.qcew.published import StateQuarter, read_quarterly, relations, state_quarter
from matching.core.world.cells import completed_quarters, state_files

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
STATES = ("44", "10")


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return {state: read_quarterly(state_files(QCEW, state)) for state in STATES}


@pytest.fixture(scope="module")
def completed() -> dict[str, tuple[Completion, ...]]:
    return {state: completed_quarters(QCEW.resolve(), state) for state in STATES}


@pytest.mark.parametrize("state", STATES)
def test_complete_holds_every_relation_and_changes_nothing_published(
    completed: dict[str, tuple[Completion, ...]], state: str
) -> None:
    assert len(completed[state]) == 4
    for done in completed[state]:
        cells = done.cells
        assert not (relations(cells).matrix @ done.values).any()
        assert np.array_equal(done.values[~cells.withheld], cells.values[~cells.withheld])
        assert done.values.dtype == np.int64
        assert done.values.min() >= 0
        assert done.values[cells.withheld & (cells.establishments >= 3)].any(axis=1).mean() > 0.99


@pytest.mark.parametrize("state", STATES)
def test_complete_is_plausible_against_establishment_counts(
    completed: dict[str, tuple[Completion, ...]], state: str
) -> None:
    for done in completed[state]:
        hidden = done.cells.withheld & done.cells.finest
        employment = done.values[hidden][:, :3].mean(axis=1)
        per_establishment = employment / done.cells.establishments[hidden]
        pay = done.values[hidden][:, 3] / np.maximum(employment, 1)
        assert (employment == 0).mean() < 0.06
        assert 2 < np.median(per_establishment) < 12
        assert np.quantile(per_establishment, 0.95) < 150
        assert 6_000 < np.median(pay) < 20_000


@pytest.mark.parametrize("state", STATES)
def test_complete_keeps_taxable_wages_within_wages_nearly_everywhere(
    completed: dict[str, tuple[Completion, ...]], state: str
) -> None:
    for done in completed[state]:
        wages, taxable, contributions = done.values[done.cells.finest][:, 3:].T
        assert (taxable > wages).mean() < 0.015
        assert (contributions > taxable).mean() < 0.005


@pytest.mark.parametrize("state", STATES)
def test_complete_carries_on_from_the_quarter_before(completed: dict[str, tuple[Completion, ...]], state: str) -> None:
    for before, after in zip(completed[state][:-1], completed[state][1:], strict=True):
        rows = after.cells.withheld & after.cells.finest & before.cells.withheld
        old, new = before.values[rows, 2], after.values[rows, 0]
        change = np.abs(new - old) / np.maximum((old + new) / 2, 1)
        assert rows.sum() > 1_000
        assert np.median(change) < 0.15


def test_complete_gives_the_same_values_again(tables: dict[str, pa.Table]) -> None:
    cells = state_quarter(tables["10"], "10", 2016, 1)

    assert np.array_equal(complete(cells).values, complete(cells).values)


def test_complete_without_withheld_cells_returns_the_published(completed: dict[str, tuple[Completion, ...]]) -> None:
    done = completed["10"][0]
    open_cells = replace(done.cells, withheld=np.zeros(len(done.values), dtype=bool), values=done.values)

    assert np.array_equal(complete(open_cells).values, done.values)


def test_complete_refuses_contradicting_cells(tables: dict[str, pa.Table]) -> None:
    cells = state_quarter(tables["10"], "10", 2016, 1)

    with pytest.raises(CompletionError, match="month1: the published cells contradict each other"):
        complete(_with_impossible_total(cells))


def _with_impossible_total(cells: StateQuarter) -> StateQuarter:
    """A statewide private total too small for its published parts."""
    values = cells.values.copy()
    total = (cells.area == "10000") & (cells.ownership == "5") & (cells.industry == "10")
    values[total] = 1
    return replace(cells, values=values)
