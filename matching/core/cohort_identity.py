"""Who is who in a cohort: duplicates, IDs that tell an SSN, and the agreement of several files of one request.

Everything is sorting of columns; a person's row is never compared with another one by one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.core.cohort_lines import ID_BYTES
from matching.core.cohort_problems import Kind, Problem, ProblemLog

Ids = npt.NDArray[np.bytes_]
Ssns = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
_POWERS = 10 ** np.arange(8, -1, -1, dtype=np.uint32)
_SLICE = 500_000


@dataclass(frozen=True)
class Cohort:
    """An accepted cohort, in memory only: IDs (bytes, at most 20) and SSNs, row by row, with their line numbers."""

    temporary_ids: Ids
    ssn: Ssns
    lines: npt.NDArray[np.uint32]

    def __repr__(self) -> str:
        """The size only, so that no log or traceback prints a person."""
        return f"Cohort({len(self.ssn)} persons)"


@dataclass(frozen=True)
class Duplicates:
    """Row masks: repeats of an earlier equal row; SSNs with several IDs; IDs with several SSNs."""

    exact: Mask
    ssn_other_id: Mask
    id_other_ssn: Mask


def find_duplicates(ids: Ids, ssn: Ssns, known_ssn: Mask) -> Duplicates:
    """Duplicates among n rows; b"" is no ID, and a row outside ``known_ssn`` counts for its ID alone."""
    id_group = group_numbers(ids)
    exact = _repeats(id_group, ssn) & (ids != b"") & known_ssn
    return Duplicates(
        exact=exact,
        ssn_other_id=_means_several(ssn.astype(np.int64), id_group, known_ssn & (ids != b"")),
        id_other_ssn=_means_several(id_group, np.where(known_ssn, ssn, -1 - np.arange(len(ssn))), ids != b""),
    )


def group_numbers(ids: Ids) -> npt.NDArray[np.int64]:
    """A number per row, equal exactly where the IDs are equal."""
    if len(ids) == 0:
        return np.empty(0, np.int64)
    order = np.argsort(_hash(ids), kind="stable")
    hashes = _hash(ids)[order]
    if np.all(hashes[1:] != hashes[:-1]):
        return np.arange(len(ids), dtype=np.int64)
    return np.unique(ids, return_inverse=True)[1].astype(np.int64)


def _hash(ids: Ids) -> npt.NDArray[np.uint64]:
    """A 64-bit mix of each ID: different hashes mean different IDs, which is all that is used."""
    padded = np.zeros((len(ids), 24), np.uint8)
    padded[:, :ID_BYTES] = ids.astype(f"S{ID_BYTES}").view(np.uint8).reshape(-1, ID_BYTES)
    words = padded.view(np.uint64)
    mixed = words[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    for column in (1, 2):
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ words[:, column]) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


def _repeats(first: npt.NDArray[np.int64], second: npt.NDArray[np.integer]) -> Mask:
    """True for every row after the first with the same pair."""
    order = np.lexsort((second, first))
    same = np.zeros(len(first), bool)
    same[1:] = (first[order][1:] == first[order][:-1]) & (second[order][1:] == second[order][:-1])
    result = np.zeros(len(first), bool)
    result[order] = same
    return result


def _means_several(key: npt.NDArray[np.int64], value: npt.NDArray[np.integer], considered: Mask) -> Mask:
    """True for considered rows whose key stands with more than one value."""
    rows = np.flatnonzero(considered)
    rows = rows[np.lexsort((value[rows], key[rows]))]
    if len(rows) == 0:
        return np.zeros(len(key), bool)
    new_key = np.concatenate(([True], key[rows][1:] != key[rows][:-1]))
    starts = np.flatnonzero(new_key)
    changes = np.concatenate(([False], value[rows][1:] != value[rows][:-1])) & ~new_key
    several = np.add.reduceat(changes, starts) > 0
    result = np.zeros(len(key), bool)
    result[rows] = np.repeat(several, np.diff(np.append(starts, len(rows))))
    return result


def id_numbers(ids: Ids) -> tuple[npt.NDArray[np.intp], Ssns, Ssns]:
    """Rows whose ID is nine digits (hyphens and spaces aside), with that number read forwards and backwards."""
    parts = [_id_numbers(ids[start : start + _SLICE], start) for start in range(0, len(ids), _SLICE)]
    if not parts:
        return np.empty(0, np.intp), np.empty(0, np.uint32), np.empty(0, np.uint32)
    rows, forwards, backwards = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, forwards, backwards


def _id_numbers(ids: Ids, offset: int) -> tuple[npt.NDArray[np.intp], Ssns, Ssns]:
    table = np.ascontiguousarray(ids).view(np.uint8).reshape(len(ids), -1)
    is_digit = (table >= 48) & (table <= 57)
    is_filler = np.isin(table, np.array([0, 32, 45], np.uint8))
    rows = np.flatnonzero((is_digit.sum(axis=1) == 9) & np.all(is_digit | is_filler, axis=1))
    digits = (table[rows][is_digit[rows]] - np.uint8(48)).reshape(-1, 9)
    forwards = (digits * _POWERS).sum(axis=1, dtype=np.uint32)
    return rows + offset, forwards, (digits[:, ::-1] * _POWERS).sum(axis=1, dtype=np.uint32)


def check_across(cohort: Cohort, other: Cohort, label: str) -> list[Problem]:
    """The lines of ``cohort`` that another file of the same request, ``label``, contradicts: one ID for two persons,
    or one person with two IDs. Repeats within one file are that file's own problem and are not looked for again.
    """
    ids = np.concatenate([c.temporary_ids.astype(f"S{ID_BYTES}") for c in (cohort, other)])
    ssn = np.concatenate([cohort.ssn, other.ssn])
    duplicates = find_duplicates(ids, ssn, np.ones(len(ssn), bool))
    mine, log = slice(0, len(cohort.ssn)), ProblemLog()
    log.add_lines(Kind.ACROSS_SSN_OTHER_ID, cohort.lines[duplicates.ssn_other_id[mine]])
    log.add_lines(Kind.ACROSS_ID_OTHER_SSN, cohort.lines[duplicates.id_other_ssn[mine]])
    return log.problems(label)
