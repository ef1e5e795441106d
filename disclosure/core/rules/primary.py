"""The rules by which a sum of contributions is sensitive, each with its margin, and the protection that it needs.

Rules look at enterprises, after all accounts of one enterprise were added up. Sources: SDC Handbook ch. 4, FCSM
Working Paper 22, the 80/3 rule of QCEW. Every comparison is exact integer arithmetic; equality is sensitive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.measures.outcomes import OUTCOMES
from disclosure.core.rules.parameters import Parameters
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.contributions import Ints, Largest, largest

Floats = npt.NDArray[np.float64]

# Columns that count the persons of a cell who have an attribute, and the columns that count the group.
ATTRIBUTES = {one.formula.bases[0]: one.formula.bases[-1] for one in OUTCOMES if one.is_share}


@dataclass(frozen=True)
class Finding:
    """One rule on one measure over all cells: where it makes a cell sensitive, and the margin to its bound.

    A margin is in the rule's own unit (enterprises, persons, percent); zero or less is sensitive.
    """

    rule: str
    measure: str
    sensitive: Bools
    margin: Floats


@dataclass(frozen=True)
class Sums:
    """Totals to test: cells of a table, or sums of cells that its published part reveals."""

    enterprises: Ints
    persons: Ints | None
    values: Mapping[str, Ints]
    contributions: Mapping[str, sparse.csr_matrix]
    groups: Mapping[str, Bools] = field(default_factory=dict)

    def group(self, attribute: str) -> Ints:
        """Return the persons (n) of whom an attribute is counted."""
        counted = self.values.get(ATTRIBUTES[attribute], self.persons)
        return np.zeros(len(self.enterprises), dtype=np.int64) if counted is None else counted

    @classmethod
    def of(cls, system: System, first: int = 0) -> Sums:
        """Return the cells of a system from the `first` on."""
        return cls(
            system.enterprises[first:],
            None if system.persons is None else system.persons[first:],
            {name: column[first:] for name, column in system.values.items()},
            {name: matrix[first:] for name, matrix in system.contributions.items()},
            {name: cells[first:] for name, cells in system.groups.items()},
        )


def revealed(system: System, members: sparse.csr_matrix) -> Sums:
    """Add up cells: one sum per row of `members` (0/1, sums x cells); an enterprise in several cells counts once."""
    contributions = {name: (members @ matrix).tocsr() for name, matrix in system.contributions.items()}
    return Sums(
        enterprises=_present(system, members),
        persons=None if system.persons is None else members @ system.persons,
        values={name: members @ column for name, column in system.values.items()},
        contributions=contributions,
        groups={name: members @ (~cells).astype(np.int64) == 0 for name, cells in system.groups.items()},
    )


def _present(system: System, members: sparse.csr_matrix) -> Ints:
    """Count the enterprises in each sum of cells."""
    if not system.contributions:
        return np.zeros(members.shape[0], dtype=np.int64)
    together = (members @ system.present).tocsr()
    together.eliminate_zeros()
    return np.asarray(np.diff(together.indptr), dtype=np.int64)


def sensitive(findings: Sequence[Finding]) -> Bools:
    """Return where any rule finds a cell sensitive."""
    return np.asarray(np.logical_or.reduce([found.sensitive for found in findings]), dtype=np.bool_)


def apply_rules(sums: Sums, parameters: Parameters) -> tuple[Finding, ...]:
    """Return every rule's finding on every measure."""
    return (*_rules_on_persons(sums, parameters), *_rules_on_enterprises(sums, parameters))


def _rules_on_persons(sums: Sums, parameters: Parameters) -> Iterator[Finding]:
    if sums.persons is not None:
        yield _few_persons(sums.persons, parameters)
    for name in sorted(sums.groups):
        yield _all_or_none(name, sums.values[name], np.where(sums.groups[name], sums.group(name), 0))


def _rules_on_enterprises(sums: Sums, parameters: Parameters) -> Iterator[Finding]:
    yield _few_enterprises(sums, parameters)
    known = max(parameters.coalition + 1, parameters.largest_count or 0)
    for name in sorted(sums.contributions):
        value, top = sums.values[name], largest(sums.contributions[name], known)
        if parameters.dominance_percent is not None:
            yield _dominance(name, value, top, parameters.dominance_percent)
        if parameters.p_percent is not None:
            yield _p_percent(name, value, top, parameters.coalition, parameters.p_percent)
        if parameters.largest_count and parameters.largest_percent:
            yield _largest_few(name, value, top, parameters.largest_count, parameters.largest_percent)


def required_protection(sums: Sums, name: str, parameters: Parameters) -> Ints:
    """Return max(p/100 x1 - remainder, x1/dominance - X, floor % of X), rounded up, and at least one unit.

    Remainder is X less the largest 1 + coalition contributions; (x1 + .. + xn)/k - X is asked too where (n, k) is a
    rule. A zero behind which no enterprise stands (the wages of persons without a record) is no secret and needs
    nothing, unless it says that none of a cell's persons has an attribute.
    """
    value = sums.values[name]
    need = -(-parameters.floor_percent * value // 100)
    if name in sums.contributions:
        top = largest(sums.contributions[name], max(parameters.coalition + 1, parameters.largest_count or 0))
        for asked in _asked(value, top, parameters):
            need = np.maximum(need, asked)
    told = (sums.enterprises > 0) | (value > 0)
    if name in ATTRIBUTES:
        told = told | (sums.group(name) > 0)
    return np.maximum(need, told.astype(np.int64))


def _asked(value: Ints, top: Largest, parameters: Parameters) -> Iterator[Ints]:
    """Yield the protection that each rule on amounts asks for."""
    if parameters.p_percent is not None:
        first, remainder = top.amounts[:, 0], _remainder(value, top, parameters.coalition)
        yield -(-(parameters.p_percent * first - 100 * remainder) // 100)
    if parameters.dominance_percent is not None:
        yield _to_share(top.amounts[:, 0], value, parameters.dominance_percent)
    if parameters.largest_count and parameters.largest_percent:
        yield _to_share(_together(top, parameters.largest_count), value, parameters.largest_percent)


def _to_share(part: Ints, value: Ints, percent: int) -> Ints:
    """Return by how much a value has to be uncertain so that the part may be as little as this share of it."""
    return np.asarray(-(-(100 * part - percent * value) // percent), dtype=np.int64)


def _together(top: Largest, count: int) -> Ints:
    return np.asarray(top.amounts[:, :count].sum(axis=1), dtype=np.int64)


def _remainder(value: Ints, top: Largest, coalition: int) -> Ints:
    """Return what is left of a cell when a coalition subtracts itself and wants to know the largest."""
    return value - _together(top, coalition + 1)


def _few_enterprises(sums: Sums, parameters: Parameters) -> Finding:
    margin = sums.enterprises - parameters.min_enterprises
    few = (margin < 0) & (sums.enterprises > 0)
    return Finding("few enterprises", "", few, (margin + 1).astype(np.float64))


def _few_persons(persons: Ints, parameters: Parameters) -> Finding:
    margin = persons - parameters.min_persons
    return Finding("few persons", "", (margin < 0) & (persons > 0), (margin + 1).astype(np.float64))


def _all_or_none(name: str, holders: Ints, group: Ints) -> Finding:
    """A group of persons in which all or none have an attribute tells it of each of them; an empty group of nobody."""
    nearest = np.minimum(holders, group - holders)
    return Finding("all or none", name, (nearest <= 0) & (group > 0), nearest.astype(np.float64))


def _dominance(name: str, value: Ints, top: Largest, percent: int) -> Finding:
    first = top.amounts[:, 0]
    dominated = (first > 0) & (100 * first >= percent * value)
    return Finding("dominance", name, dominated, percent - _percent(first, value))


def _p_percent(name: str, value: Ints, top: Largest, coalition: int, percent: int) -> Finding:
    first, remainder = top.amounts[:, 0], _remainder(value, top, coalition)
    close = (first > 0) & (100 * remainder <= percent * first)
    return Finding("p percent", name, close, _percent(remainder, first) - percent)


def _largest_few(name: str, value: Ints, top: Largest, count: int, percent: int) -> Finding:
    """The (n, k) rule: the largest n hold k percent or more."""
    together = _together(top, count)
    dominated = (together > 0) & (100 * together >= percent * value)
    return Finding("largest few", name, dominated, percent - _percent(together, value))


def _percent(part: Ints, whole: Ints) -> Floats:
    return np.asarray(100.0 * part / np.maximum(whole, 1), dtype=np.float64)
