"""Who is who in a cohort: duplicates, IDs that tell an SSN, and the agreement of several files of one request.

Everything is sorting of columns; a person's row is never compared with another one by one.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from matching.core.cohort.id_order import ID_BYTES, Ids, equal_to_next, id_order
from matching.core.cohort.problems import Kind, Problem, ProblemLog

Ssns = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
IdNumbers = tuple[npt.NDArray[np.intp], Ssns, Ssns]  # rows, and the number of each forwards and backwards
_NINE = 9
_POWERS = 10 ** np.arange(8, -1, -1, dtype=np.uint32)
_IS_DIGIT = np.isin(np.arange(256), list(b"0123456789"))
_IS_DIGIT_OR_FILLER = np.isin(np.arange(256), list(b"0123456789\0 -"))
_SLICE = 1 << 16
_CACHED = 1 << 14
_NINE_DIGITS = np.uint64((1 << 36) - 1)


@dataclass(frozen=True)
class Cohort:
    """An accepted cohort, in memory only: temporary IDs (S20, in the order of their bytes), the SSN of each, and the
    line of the file that says so."""

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
    """Duplicates among n rows in the order of their IDs; b"" is no ID, and a row outside ``known_ssn`` counts for its
    ID alone.

    Only rows whose ID or SSN stands more than once can be any, and most cohorts have none.
    """
    duplicates = Duplicates(*(np.zeros(len(ids), bool) for _ in fields(Duplicates)))
    among = np.flatnonzero(_repeated_ids(ids) | _repeated_ssns(ssn))
    if len(among):
        found = _judged(ids[among], ssn[among], known_ssn[among])
        for name, mask in vars(found).items():
            getattr(duplicates, name)[among] = mask
    return duplicates


def _judged(ids: Ids, ssn: Ssns, known_ssn: Mask) -> Duplicates:
    id_group = np.cumsum(np.append(True, ~equal_to_next(ids)))
    has_id = ids != b""
    return Duplicates(
        exact=_repeats(id_group, ssn) & has_id & known_ssn,
        ssn_other_id=_means_several(ssn.astype(np.int64), id_group, known_ssn & has_id),
        id_other_ssn=_means_several(id_group, np.where(known_ssn, ssn, -1 - np.arange(len(ssn))), has_id),
    )


def _repeated_ids(ids: Ids) -> Mask:
    """True for rows whose ID is also a neighbour's."""
    equal = equal_to_next(ids)
    return np.append(False, equal) | np.append(equal, False) if len(ids) else np.zeros(0, bool)


def _repeated_ssns(ssn: Ssns) -> Mask:
    """True for rows whose SSN is also another row's."""
    ordered = np.sort(ssn)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(ssn, repeated) if len(repeated) else np.zeros(len(ssn), bool)


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


def id_numbers(ids: Ids) -> IdNumbers:
    """Rows whose ID is nine digits (hyphens and spaces aside), with that number read forwards and backwards."""
    characters = ids.view(np.uint8).reshape(len(ids), ID_BYTES)
    long_enough = np.flatnonzero(characters[:, _NINE - 1])
    parts = [
        _id_numbers(characters, long_enough[start : start + _SLICE])
        for start in range(0, max(len(long_enough), 1), _SLICE)
    ]
    rows, forwards, backwards = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, forwards, backwards


def _id_numbers(characters: npt.NDArray[np.uint8], rows: npt.NDArray[np.intp]) -> IdNumbers:
    table = characters[rows]
    is_digit = _IS_DIGIT[table]
    nine = (np.count_nonzero(is_digit, axis=1) == _NINE) & np.all(_IS_DIGIT_OR_FILLER[table], axis=1)
    digits = (table[nine][is_digit[nine]] - np.uint8(48)).reshape(-1, _NINE)
    forwards = (digits * _POWERS).sum(axis=1, dtype=np.uint32)
    return rows[nine], forwards, (digits[:, ::-1] * _POWERS).sum(axis=1, dtype=np.uint32)


def tells_own_number(ids: Ids, ssn: Ssns) -> Mask:
    """True where an ID holds the nine digits of its own row's number, forwards or backwards, whatever stands between.

    Of other rows' numbers this is not asked: among a million persons, long running numbers hold some by chance.
    """
    result = np.zeros(len(ids), bool)
    table = np.ascontiguousarray(ids, f"S{ID_BYTES}").view(np.uint8).reshape(-1, ID_BYTES)
    long_enough = np.flatnonzero(table[:, 8])
    for start in range(0, len(long_enough), _CACHED):
        rows = long_enough[start : start + _CACHED]
        result[rows] = _tells(np.ascontiguousarray(table[rows].T), ssn[rows])
    return result


def _tells(columns: npt.NDArray[np.uint8], ssn: Ssns) -> Mask:
    """The same for IDs given as columns of bytes. Nine digits are four bits each of one number, the last one lowest."""
    forwards, backwards = np.zeros(len(ssn), np.uint64), np.zeros(len(ssn), np.uint64)
    for place in range(9):
        ssn, digit = ssn // 10, (ssn % 10).astype(np.uint64)
        forwards |= digit << np.uint64(4 * place)
        backwards |= digit << np.uint64(4 * (8 - place))
    window, digits, told = np.zeros(len(ssn), np.uint64), np.zeros(len(ssn), np.uint8), np.zeros(len(ssn), bool)
    for column in columns:
        digit = column - np.uint8(48)
        is_digit = digit <= 9
        window = np.where(is_digit, (window << np.uint64(4)) & _NINE_DIGITS | digit, window)
        digits += is_digit
        told |= (digits >= 9) & ((window == forwards) | (window == backwards))
    return told


def check_across(cohort: Cohort, other: Cohort, label: str) -> list[Problem]:
    """The lines of ``cohort`` that another file of the same request, ``label``, contradicts: one ID for two persons,
    or one person with two IDs. Repeats within one file are that file's own problem and are not looked for again.
    """
    ids = np.concatenate([cohort.temporary_ids, other.temporary_ids])
    order = id_order(ids)
    ssn = np.concatenate([cohort.ssn, other.ssn])[order]
    duplicates = find_duplicates(ids[order], ssn, np.ones(len(ssn), bool))
    log = ProblemLog()
    for kind, found in (
        (Kind.ACROSS_SSN_OTHER_ID, duplicates.ssn_other_id),
        (Kind.ACROSS_ID_OTHER_SSN, duplicates.id_other_ssn),
    ):
        rows = order[found]
        log.add_lines(kind, cohort.lines[rows[rows < len(cohort.lines)]])
    return log.problems(label)
