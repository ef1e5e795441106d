"""Which cells are sensitive, why, and how much uncertainty protects them. BLS eyes only.

Rules look at enterprises, after all accounts of one enterprise were added up. Sources: SDC Handbook ch. 4, FCSM
Working Paper 22, the 80/3 rule of QCEW. Every comparison is exact integer arithmetic; equality is sensitive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.contributions import Ints, Largest, largest
from disclosure.core.system import Bools, System
from disclosure.core.tabulation import Key

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """The one set of disclosure parameters. The repository's defaults are examples; production refuses them.

    `coalition` is the number of enterprises that may pool what they know about themselves.
    """

    min_enterprises: int = 3
    dominance_percent: int = 80
    p_percent: int = 10
    coalition: int = 1
    min_persons: int = 10
    floor_percent: int = 2

    def __post_init__(self) -> None:
        for name in ("dominance_percent", "p_percent", "floor_percent"):
            if not 0 < getattr(self, name) <= 100:
                raise ValueError(f"{name} is a percentage above 0 and up to 100")
        if min(self.min_enterprises, self.coalition, self.min_persons) < 1:
            raise ValueError("counts of enterprises, persons and coalition members are at least 1")

    def as_dict(self) -> dict[str, int]:
        """Return the parameters as the disclosure record keeps them."""
        return asdict(self)


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
class Reason:
    """Why one cell is primary."""

    rule: str
    measure: str
    margin: float


@dataclass(frozen=True)
class Sensitivity:
    """The rules' answer for a system: primary cells (n), required protection up and down per measure (n), findings."""

    parameters: Parameters
    primary: Bools
    need_up: Mapping[str, Ints]
    need_down: Mapping[str, Ints]
    findings: tuple[Finding, ...]

    def reasons(self, cell: int) -> tuple[Reason, ...]:
        """Return every rule that makes the cell primary."""
        return tuple(
            Reason(found.rule, found.measure, float(found.margin[cell]))
            for found in self.findings
            if found.sensitive[cell]
        )


def assess(system: System, parameters: Parameters) -> Sensitivity:
    """Apply the rules on every protected measure; one sensitive measure makes the cell primary on all.

    Needs are whole units, at least one where an enterprise or person stands behind the cell, and downward never more
    than the value.
    """
    sums = Sums(system.enterprises, system.persons, system.values, system.contributions)
    findings = apply_rules(sums, parameters)
    primary = sensitive(findings)
    up = {name: np.where(primary, required_protection(sums, name, parameters), 0) for name in system.values}
    down = {name: np.minimum(need, system.values[name]) for name, need in up.items()}
    return Sensitivity(parameters, primary, up, down, findings)


def with_objections(sensitivity: Sensitivity, system: System, keys: Sequence[Key]) -> Sensitivity:
    """Count cells withdrawn on a state's objection as primary, with the protection a sensitive cell would need."""
    objection = _objection(len(system), system.index(keys))
    new = objection.sensitive & ~sensitivity.primary
    sums = Sums(system.enterprises, system.persons, system.values, system.contributions)
    up, down = dict(sensitivity.need_up), dict(sensitivity.need_down)
    for name in system.values:
        need = np.maximum(required_protection(sums, name, sensitivity.parameters), 1)
        up[name] = np.where(new, need, up[name])
        down[name] = np.where(new, np.minimum(need, system.values[name]), down[name])
    findings = (*sensitivity.findings, objection)
    return Sensitivity(sensitivity.parameters, sensitivity.primary | new, up, down, findings)


def extend(sensitivity: Sensitivity, system: System) -> Sensitivity:
    """Add the sensitive sums appended to the system (System.with_sums) as primary virtual cells."""
    before = len(sensitivity.primary)
    added = Sums(
        system.enterprises[before:],
        None if system.persons is None else system.persons[before:],
        {name: column[before:] for name, column in system.values.items()},
        {name: matrix[before:] for name, matrix in system.contributions.items()},
    )
    up, down = dict(sensitivity.need_up), dict(sensitivity.need_down)
    for name in system.values:
        need = required_protection(added, name, sensitivity.parameters)
        up[name] = np.concatenate([up[name], need])
        down[name] = np.concatenate([down[name], np.minimum(need, added.values[name])])
    primary = np.concatenate([sensitivity.primary, np.ones(len(system) - before, dtype=np.bool_)])
    return Sensitivity(sensitivity.parameters, primary, up, down, sensitivity.findings)


def sensitive(findings: Sequence[Finding]) -> Bools:
    """Return where any rule finds a cell sensitive."""
    return np.asarray(np.logical_or.reduce([found.sensitive for found in findings]), dtype=np.bool_)


@dataclass(frozen=True)
class Sums:
    """Totals to test: cells of a table, or sums of cells that its published part reveals."""

    enterprises: Ints
    persons: Ints | None
    values: Mapping[str, Ints]
    contributions: Mapping[str, sparse.csr_matrix]


def revealed(system: System, members: sparse.csr_matrix) -> Sums:
    """Add up cells: one sum per row of `members` (0/1, sums x cells); an enterprise in several cells counts once."""
    contributions = {name: (members @ matrix).tocsr() for name, matrix in system.contributions.items()}
    return Sums(
        enterprises=_present(contributions, members.shape[0]),
        persons=None if system.persons is None else members @ system.persons,
        values={name: members @ column for name, column in system.values.items()},
        contributions=contributions,
    )


def _present(contributions: Mapping[str, sparse.csr_matrix], size: int) -> Ints:
    """Count the enterprises that contribute to any measure."""
    if not contributions:
        return np.zeros(size, dtype=np.int64)
    together = sum(contributions.values()).tocsr()
    together.eliminate_zeros()
    return np.asarray(np.diff(together.indptr), dtype=np.int64)


def apply_rules(sums: Sums, parameters: Parameters) -> tuple[Finding, ...]:
    """Return every rule's finding on every measure."""
    findings = [_few_enterprises(sums, parameters)]
    if sums.persons is not None:
        findings.append(_few_persons(sums.persons, parameters))
    for name in sorted(sums.contributions):
        top = largest(sums.contributions[name], parameters.coalition + 1)
        findings += [_dominance(name, sums.values[name], top, parameters), _p_percent(name, sums, top, parameters)]
    return tuple(findings)


def required_protection(sums: Sums, name: str, parameters: Parameters) -> Ints:
    """Return max(p/100 x1 - remainder, x1/dominance - X, floor % of X), rounded up, and at least one unit.

    Remainder is X less the largest 1 + coalition contributions. A zero behind which no enterprise stands (the wages
    of persons without a record) is no secret and needs nothing.
    """
    value = sums.values[name]
    need = -(-parameters.floor_percent * value // 100)
    if name in sums.contributions:
        top = largest(sums.contributions[name], parameters.coalition + 1)
        first, remainder = top.amounts[:, 0], value - top.amounts.sum(axis=1)
        ambiguity = -(-(parameters.p_percent * first - 100 * remainder) // 100)
        dominance = -(-(100 * first - parameters.dominance_percent * value) // parameters.dominance_percent)
        need = np.maximum(need, np.maximum(ambiguity, dominance))
    return np.maximum(need, ((sums.enterprises > 0) | (value > 0)).astype(np.int64))


def _few_enterprises(sums: Sums, parameters: Parameters) -> Finding:
    margin = sums.enterprises - parameters.min_enterprises
    few = (margin < 0) & (sums.enterprises > 0)
    return Finding("few enterprises", "", few, (margin + 1).astype(np.float64))


def _few_persons(persons: Ints, parameters: Parameters) -> Finding:
    margin = persons - parameters.min_persons
    return Finding("few persons", "", (margin < 0) & (persons > 0), (margin + 1).astype(np.float64))


def _dominance(name: str, value: Ints, top: Largest, parameters: Parameters) -> Finding:
    first = top.amounts[:, 0]
    dominated = (first > 0) & (100 * first >= parameters.dominance_percent * value)
    return Finding("dominance", name, dominated, parameters.dominance_percent - _percent(first, value))


def _p_percent(name: str, sums: Sums, top: Largest, parameters: Parameters) -> Finding:
    first, remainder = top.amounts[:, 0], sums.values[name] - top.amounts.sum(axis=1)
    close = (first > 0) & (100 * remainder <= parameters.p_percent * first)
    return Finding("p percent", name, close, _percent(remainder, first) - parameters.p_percent)


def _percent(part: Ints, whole: Ints) -> Floats:
    return np.asarray(100.0 * part / np.maximum(whole, 1), dtype=np.float64)


def _objection(size: int, withdrawn: Ints) -> Finding:
    objected = np.zeros(size, dtype=np.bool_)
    objected[withdrawn] = True
    return Finding("objection", "", objected, np.zeros(size))
