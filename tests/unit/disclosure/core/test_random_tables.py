"""Random tables of up to 200 cells, from files to pattern: attacked by brute force, shuffled, put together again."""

import os
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure.core.files.tables import TableFile, read_status, read_table, status_lines
from disclosure.core.rules.sensitivity import Parameters, assess
from disclosure.core.suppression.search import Infeasible, protect_and_audit
from tests.unit.disclosure.core.test_auditor import disclosed

LONG = bool(os.environ.get("WR_LONG"))
RUNS = {"deadline": None, "derandomize": True,
        "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}  # fmt: skip
NOTHING: tuple[set[int], set[int], set[int]] = (set(), set(), set())


@dataclass
class Tree:
    """The codes of one dimension with the codes of their leaves, and each parent with its children."""

    leaves: list[tuple[str, str]]
    under: dict[str, set[str]]
    sums: list[tuple[str, list[str]]]


def tree(draw: np.random.Generator, stem: str, size: int) -> Tree:
    """Return a total over groups (some with one child only) over leaves."""
    groups = sorted(f"{stem}{draw.integers(1, 4)}" for _ in range(size))
    leaves = [(group, f"{group}{number}") for number, group in enumerate(groups)]
    under = {"TOTAL": {leaf for _, leaf in leaves}} | {leaf: {leaf} for _, leaf in leaves}
    sums = [("TOTAL", sorted(set(groups)))]
    for name in sorted(set(groups)):
        under[name] = {leaf for group, leaf in leaves if group == name}
        sums.append((name, sorted(under[name])))
    return Tree(leaves, under, sums)


def write_table(seed: int, folder: Path) -> int:
    """Write CELLS, RELATIONS and MICRO of a random table of industries by areas; return its cells.

    Amounts are skewed; few enterprises, often alone or in several cells. The rules say what is sensitive.
    """
    draw = np.random.default_rng(seed)
    most = (10, 8) if LONG and seed % 4 == 0 else (4, 4)
    naics, geo = (tree(draw, stem, int(draw.integers(2, size + 1))) for stem, size in zip("1C", most, strict=True))
    firms, share = int(draw.integers(2, 25)), draw.choice([0.1, 0.3, 0.7])
    micro = [
        (group, leaf, region, county, f"E{firm:02}", 1 + int(draw.lognormal(3, 2)))
        for (group, leaf), (region, county) in product(naics.leaves, geo.leaves)
        for firm in np.flatnonzero(draw.random(firms) < share / 2)
    ] or [(*naics.leaves[0], *geo.leaves[0], "E00", 9)]
    write(folder / "micro.csv", "n2,n3,region,county,empr,wages", [",".join(map(str, one)) for one in micro])
    value = {(one, other): sum(row[-1] for row in micro if row[1] in naics.under[one] and row[3] in geo.under[other])
             for one, other in product(naics.under, geo.under)}  # fmt: skip
    sums = [[(parent, other), *((child, other) for child in children)]
            for parent, children in naics.sums for other in geo.under]  # fmt: skip
    sums += [[(one, parent), *((one, child) for child in children)]
             for parent, children in geo.sums for one in naics.under]  # fmt: skip
    relations = [f"{number},{'/'.join(cell)},{1 if place else -1}"
                 for number, members in enumerate(sums) for place, cell in enumerate(members)]  # fmt: skip
    write(folder / "relations.csv", "rel,cell,coef", relations)
    rows = [f"{'/'.join(cell)},{','.join(cell)},{amount}" for cell, amount in value.items()]
    write(folder / "cells.csv", "cell,naics,geo,wages,primary,upl,lpl", [f"{row},0,0,0" for row in rows])
    with_rules(folder, rows)
    return len(rows)


def write(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n")


def with_rules(folder: Path, rows: list[str]) -> None:
    """Say in CELLS which cells the rules find sensitive, and what protection they need."""
    system = read(folder).system
    found = assess(system, Parameters())
    at = {key[0]: place for place, key in enumerate(system.keys)}
    places = [at[row.partition(",")[0]] for row in rows]
    rules = [f"{int(found.primary[one])},{found.need_up['wages'][one]},{found.need_down['wages'][one]}"
             for one in places]  # fmt: skip
    write(folder / "cells.csv", "cell,naics,geo,wages,primary,upl,lpl",
          [f"{row},{rule}" for row, rule in zip(rows, rules, strict=True)])  # fmt: skip


def read(folder: Path) -> TableFile:
    return read_table(*(folder / f"{name}.csv" for name in ("cells", "relations", "micro")), Parameters())


def shuffle(folder: Path, seed: int) -> None:
    """Put the rows of all three files into another order."""
    for path in folder.glob("*.csv"):
        header, *rows = path.read_text().splitlines()
        write(path, header, np.random.default_rng(seed).permutation(np.array(rows, dtype=object)).tolist())


@settings(max_examples=3000 if LONG else 16, **RUNS)
@given(st.integers(0, 10**9))
def test_no_pattern_is_broken_by_one_programme_per_cell(tmp_path: Path, seed: int) -> None:
    assert write_table(seed, tmp_path) <= 200
    table = read(tmp_path)
    system, sensitivity = table.system, table.sensitivity
    try:
        pattern, found = protect_and_audit(system, sensitivity)
    except Infeasible:  # rightly: not even withholding all that is not empty protects
        assert disclosed(system, sensitivity, ~system.empty) != NOTHING
        return
    assert found.clean
    assert disclosed(system, sensitivity, pattern.withheld) == NOTHING
    assert not (pattern.withheld & system.empty).any()


@settings(max_examples=3000 if LONG else 16, **RUNS)
@given(st.integers(0, 10**9))
def test_shuffled_files_give_the_same_pattern_over_the_same_cells(tmp_path: Path, seed: int) -> None:
    write_table(seed, tmp_path)
    table = read(tmp_path)
    pattern, _ = protect_and_audit(table.system, table.sensitivity)
    lines = status_lines(table, pattern)
    assert [line.rpartition(",")[0] for line in lines[1:]] == list(table.names)
    assert (pattern.primary == table.sensitivity.primary).all()
    shuffle(tmp_path, seed)
    again = read(tmp_path)
    other, _ = protect_and_audit(again.system, again.sensitivity)
    assert sorted(status_lines(again, other)) == sorted(lines)
    write(tmp_path / "status.csv", lines[0], list(lines[1:]))
    assert read_status(tmp_path / "status.csv", again).digest == pattern.digest


def test_attack_breaks_the_sensitive_cells_alone(tmp_path: Path) -> None:
    """So that the attack above can fail."""
    broken = 0
    for seed in range(4):
        write_table(seed, tmp_path)
        table = read(tmp_path)
        broken += disclosed(table.system, table.sensitivity, table.sensitivity.primary) != NOTHING
    assert broken >= 3


@pytest.mark.parametrize("seed", range(3))
def test_published_and_withheld_add_up_to_the_input(seed: int, tmp_path: Path) -> None:
    write_table(seed, tmp_path)
    table = read(tmp_path)
    pattern, _ = protect_and_audit(table.system, table.sensitivity)
    published = np.where(pattern.withheld, 0, table.system.values["wages"])
    withheld = np.where(pattern.withheld, table.system.values["wages"], 0)
    rows = [line.split(",") for line in (tmp_path / "cells.csv").read_text().splitlines()[1:]]
    given = {row[0]: int(row[3]) for row in rows}
    assert {key[0]: int(one + other) for key, one, other in
            zip(table.system.keys, published, withheld, strict=True)} == given  # fmt: skip
