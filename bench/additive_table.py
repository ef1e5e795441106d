"""Additive tables of any size for benchmarks of disclosure protection: made from skewed synthetic employers.

Industries in up to five levels below the total, some with one child only; counties, in regions if wanted; ownership.
Written as the files that `protect_table` reads, with the hierarchies beside them for other programmes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

Ints = npt.NDArray[np.int64]
TOTAL = "TOTAL"
INDUSTRY, AREA, OWNER = "naics", "geo", "own"
_SECTORS = ("11", "21", "22", "23", "31-33", "42", "44-45", "48-49", "51", "52",
            "53", "54", "55", "56", "61", "62", "71", "72", "81", "92")  # fmt: skip
_OWNERS, _OWNER_SHARES = ("O5", "O3", "O2", "O1"), (0.955, 0.029, 0.009, 0.007)
_P, _DOMINANT, _FLOOR = 10, 80, 2  # percent, as the files of additive tables have it


@dataclass(frozen=True)
class Shape:
    """What a table crosses: sets of (industry level, area level, owner level), each level 0 for the total.

    Area levels are 0, 1 (regions) and 2 (counties); where there are no regions, 0 and 2.
    """

    crossed: frozenset[tuple[int, int, int]]

    @classmethod
    def of(cls, industry: int, *, regions: bool, owners: bool) -> Shape:
        """Return one table with every level down to these."""
        areas = (0, 1, 2) if regions else (0, 2)
        return cls(frozenset(product(range(industry + 1), areas, range(1 + owners))))

    @classmethod
    def linked(cls) -> Shape:
        """Return three linked tables: industries by county; by owner and region; coarse ones by owner and county."""
        fine = set(product(range(4), (0, 1, 2), (0,)))
        return cls(frozenset(fine | set(product(range(4), (0, 1), (0, 1))) | set(product(range(3), (0, 1, 2), (0, 1)))))


@dataclass(frozen=True)
class World:
    """Establishments: the node of each (establishments) at every level of a dimension, its enterprise and its wages."""

    levels: dict[str, list[npt.NDArray[np.str_]]]
    enterprise: Ints
    wages: Ints
    employment: Ints


def make_world(establishments: int, counties: int, sectors: int, seed: int) -> World:
    """Draw employers: a few large counties and industries, most wages of a few, one in twenty in several places."""
    draw = np.random.default_rng(seed)
    industries = _industries(draw, sectors)
    popular = draw.lognormal(0.0, 1.9, len(industries[0]))
    enterprise = _enterprises(draw, establishments)
    industry = _of_enterprise(draw, enterprise, popular / popular.sum(), keep=0.75)
    size = draw.lognormal(0.0, 1.0, counties)
    county = _of_enterprise(draw, enterprise, size / size.sum(), keep=0.25)
    region = draw.integers(0, max(counties // 6, 2), counties)
    names = np.array([f"C{2 * one + 1:03}" for one in range(counties)])
    owner = draw.choice(np.array(_OWNERS), int(enterprise.max()) + 1, p=_OWNER_SHARES)[enterprise]
    employment = np.ceil(draw.lognormal(1.1, 1.35, establishments)).astype(np.int64)
    pay = np.exp(draw.normal(9.5, 0.5, establishments) + draw.normal(0.0, 0.3, len(popular))[industry])
    wages = np.maximum(employment * pay, 1000).astype(np.int64)
    regions = np.array([f"R{one:02}" for one in region])
    areas = [regions[county], names[county]]
    return World({INDUSTRY: [one[industry] for one in industries[::-1]], AREA: areas, OWNER: [owner]},
                 enterprise, wages, employment)  # fmt: skip


def _industries(draw: np.random.Generator, sectors: int) -> list[npt.NDArray[np.str_]]:
    """Return the codes of every finest industry at each level, finest first; some parents have one child."""
    chosen = sorted(draw.choice(len(_SECTORS), sectors, replace=False).tolist())
    levels = [[_SECTORS[one] for one in chosen]]
    parents: list[list[int]] = []
    for depth, mean in enumerate((4.7, 3.2, 2.2, 1.5)):
        codes, parent = [], []
        for number, code in enumerate(levels[-1]):
            children = min(1 + draw.poisson(mean - 1), 9)
            stem = code.partition("-")[0].partition("_")[0]
            codes += [f"{stem}{digit + 1}" + ("_5" if depth == 2 else "") for digit in range(children)]
            parent += [number] * children
        levels.append(codes)
        parents.append(parent)
    at = np.arange(len(levels[-1]))
    found = [np.array(levels[-1])]
    for codes, parent in zip(levels[-2::-1], parents[::-1], strict=True):
        at = np.array(parent)[at]
        found.append(np.array(codes)[at])
    return found


def _enterprises(draw: np.random.Generator, establishments: int) -> Ints:
    """Return the enterprise of each establishment: nineteen in twenty have one, the others up to sixty."""
    places = np.where(draw.random(establishments) < 0.95, 1, np.minimum(2 + draw.pareto(1.1, establishments), 61))
    return np.repeat(np.arange(establishments), places.astype(np.int64))[:establishments]


def _of_enterprise(draw: np.random.Generator, enterprise: Ints, shares: npt.NDArray[np.float64], keep: float) -> Ints:
    """Draw a node for each establishment; an enterprise keeps to its own with this chance."""
    own = draw.choice(len(shares), int(enterprise.max()) + 1, p=shares)[enterprise]
    other = draw.choice(len(shares), len(enterprise), p=shares)
    return np.where(draw.random(len(enterprise)) < keep, own, other)


def write_table(world: World, shape: Shape, folder: Path) -> None:
    """Write cells.csv, rel.csv, micro.csv and the hierarchies dim_naics.csv and dim_geo.csv."""
    table = _Table(world, shape)
    _write(folder / "cells.csv", table.cells())
    _write(folder / "rel.csv", table.relations())
    _write(folder / "micro.csv", _micro(world))
    for name in (INDUSTRY, AREA, OWNER):
        _write(folder / f"dim_{name}.csv", table.hierarchy(name))


def _micro(world: World) -> pa.Table:
    names = {INDUSTRY: ("n2", "n3", "n4", "n5", "n6"), AREA: ("region", "county"), OWNER: (OWNER,)}
    columns = {one: world.levels[name][depth] for name, parts in names.items() for depth, one in enumerate(parts)}
    return pa.table({**columns, "empr": world.enterprise, "emp": world.employment, "wages": world.wages})


def _write(path: Path, table: pa.Table) -> None:
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none"))


class _Table:
    """Cells of a shape over a world, by codes; every relation between a parent and all its children of a dimension."""

    def __init__(self, world: World, shape: Shape) -> None:
        self._world = world
        depths = {INDUSTRY: max(one[0] for one in shape.crossed), AREA: 2, OWNER: max(one[2] for one in shape.crossed)}
        self._codes: dict[str, list[str]] = {}
        self._depth: dict[str, Ints] = {}
        self._parent: dict[str, Ints] = {}
        self._node: dict[str, list[Ints]] = {}
        regions = any(one[1] == 1 for one in shape.crossed)
        for name, depth in depths.items():
            levels = [1, 2] if name == AREA and regions else [2] if name == AREA else list(range(1, depth + 1))
            self._add(name, levels)
        self._order = {INDUSTRY: list(range(depths[INDUSTRY] + 1)), AREA: [0, 1, 2] if regions else [0, 2],
                       OWNER: [0, 1]}  # fmt: skip
        self._shape = shape
        self._keys, self._cell, self._row = self._tabulated()

    def _add(self, name: str, levels: list[int]) -> None:
        rows = len(self._world.wages)
        codes, depth, parent = [TOTAL], [0], [-1]
        nodes = {0: np.zeros(rows, dtype=np.int64)}
        before = nodes[0]
        for number, level in enumerate(levels, start=1):
            found, first, place = np.unique(self._world.levels[name][level - 1], return_index=True, return_inverse=True)
            nodes[level] = len(codes) + place
            parent += before[first].tolist()
            codes += found.tolist()
            depth += [number] * len(found)
            before = nodes[level]
        self._codes[name], self._depth[name], self._parent[name] = codes, np.array(depth), np.array(parent)
        self._node[name] = [nodes.get(level, nodes[0]) for level in range(max(nodes) + 1)]

    def _key(self, nodes: Sequence[Ints]) -> Ints:
        sizes = [len(self._codes[name]) for name in (INDUSTRY, AREA, OWNER)]
        return np.asarray(np.ravel_multi_index(tuple(nodes), sizes), dtype=np.int64)

    def _tabulated(self) -> tuple[Ints, Ints, Ints]:
        """Return the keys of all cells, coarse ones first, and (cell, establishment) of all contributions."""
        keys = [self._key([self._node[name][level] for name, level in zip((INDUSTRY, AREA, OWNER), one, strict=True)])
                for one in sorted(self._shape.crossed)]  # fmt: skip
        unique, cell = np.unique(np.concatenate(keys), return_inverse=True)
        return unique, cell, np.tile(np.arange(len(self._world.wages)), len(keys))

    def _places(self) -> dict[str, Ints]:
        sizes = [len(self._codes[name]) for name in (INDUSTRY, AREA, OWNER)]
        return dict(zip((INDUSTRY, AREA, OWNER), np.unravel_index(self._keys, sizes), strict=True))

    def cells(self) -> pa.Table:
        """Return CELLS with values, the largest two enterprises, the rules' answer and the needed protection."""
        wages, size = self._world.wages[self._row], len(self._keys)
        pair = self._cell * (int(self._world.enterprise.max()) + 1) + self._world.enterprise[self._row]
        pairs, place = np.unique(pair, return_inverse=True)
        amount = np.zeros(len(pairs), dtype=np.int64)
        np.add.at(amount, place, wages)
        cell, enterprise = np.divmod(pairs, int(self._world.enterprise.max()) + 1)
        order = np.lexsort((enterprise, -amount, cell))
        start = np.searchsorted(cell[order], np.arange(size))
        count = np.bincount(cell, minlength=size)
        first, second = (
            amount[order][start],
            np.where(count > 1, amount[order][np.minimum(start + 1, len(order) - 1)], 0),
        )
        value = np.zeros(size, dtype=np.int64)
        np.add.at(value, self._cell, wages)
        primary, need = _rules(value, first, second, count)
        places = self._places()
        codes = {name: np.array(self._codes[name])[places[name]] for name in (INDUSTRY, AREA, OWNER)}
        return pa.table({"cell": np.arange(size), **codes, "wages": value,
                         "n_estab": np.bincount(self._cell, minlength=size), "n_empr": count,
                         "top1_id": enterprise[order][start], "top1": first, "top2": second,
                         "primary": primary.astype(np.int64), "upl": need, "lpl": need})  # fmt: skip

    def relations(self) -> pa.Table:
        """Return RELATIONS: parent -1, children 1."""
        parents, children = [], []
        for axis, parent in self._links():
            parents.append(np.int64(axis) * len(self._keys) + parent[0])
            children.append(parent[1])
        found, rel = np.unique(np.concatenate(parents), return_inverse=True)
        cells = np.concatenate([found % len(self._keys), np.concatenate(children)])
        rels = np.concatenate([np.arange(len(found)), rel])
        coef = np.concatenate([-np.ones(len(found), dtype=np.int64), np.ones(len(rel), dtype=np.int64)])
        order = np.lexsort((cells, coef, rels))
        return pa.table({"rel": rels[order], "cell": cells[order], "coef": coef[order]})

    def _links(self) -> Iterator[tuple[int, tuple[Ints, Ints]]]:
        """Yield per dimension (parent, child) of all cells whose parent's level is crossed with the same others."""
        places = self._places()
        level = np.stack([np.array(self._order[name])[self._depth[name][places[name]]]
                          for name in (INDUSTRY, AREA, OWNER)], axis=1)  # fmt: skip
        crossed = self._shape.crossed
        for axis, name in enumerate((INDUSTRY, AREA, OWNER)):
            child = np.flatnonzero(level[:, axis] > 0)
            above = dict(zip(self._order[name][1:], self._order[name], strict=False))
            wanted = [(*one[:axis], above[one[axis]], *one[axis + 1 :]) in crossed for one in level[child].tolist()]
            child = child[np.array(wanted, dtype=np.bool_)]
            nodes = {one: places[one][child] for one in places} | {name: self._parent[name][places[name][child]]}
            yield axis, (np.searchsorted(self._keys, self._key(list(nodes.values()))), child)

    def hierarchy(self, name: str) -> pa.Table:
        """Return a dimension's codes with parents, parents before children."""
        codes = np.array(self._codes[name])
        parent = np.where(self._parent[name] < 0, "", codes[self._parent[name]])
        return pa.table({"code": codes, "parent": parent, "depth": self._depth[name]})


def _rules(value: Ints, first: Ints, second: Ints, count: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return which cells are primary and the protection they need: fewer than 3, 80 %, p %."""
    rest = value - first - second
    primary = (count < 3) | (100 * first >= _DOMINANT * value) | (100 * rest <= _P * first)
    ambiguity = -(-(_P * first - 100 * rest) // 100)
    dominance = -(-(100 * first - _DOMINANT * value) // _DOMINANT)
    need = np.maximum(np.maximum(ambiguity, dominance), -(-_FLOOR * value // 100))
    return primary, np.where(primary, need, 0)
