"""The person vault as mapped arrays: tokens in order, the person of each, and where each beginning of a token starts.

Tokens are even over their range (they are AES blocks), so a table of their first bits leads to within a few of the one
that is looked for. Each load adds a file with its new persons; files are merged when the newer one is not much smaller,
so that there are few and each person is written a few times only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

from matching.core.ahead import ahead
from matching.core.tokens import Tokens
from matching.models import Segment
from matching.segments import folder
from matching.segments.arrow_file import Column, Columns, ColumnWriter
from matching.segments.register import (
    SegmentUnusable,
    description_of_vault,
    open_columns,
    register_of_vault,
)
from matching.segments.spill import Spill
from matching.sql.copy_binary import read_numbers

TYPES = {"high": "u8", "low": "u8", "person": "i4"}
UNKNOWN = -1
_ROW = np.dtype(list(TYPES.items()))
_MERGE_FROM = 4  # a file is merged into the one before when it has at least a quarter of its rows
_PARTS = 64
_PERSONS_AT_ONCE = 1 << 20
_TOKENS_AT_ONCE = 1 << 17
PersonIds = npt.NDArray[np.int32]
Half = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class VaultPart:
    """One opened file of the vault."""

    columns: Columns
    starts: Column

    def find(self, high: Half, low: Half) -> PersonIds:
        """The person of each token by its halves, ``UNKNOWN`` where this part has none."""
        answer = np.full(len(high), UNKNOWN, np.int32)
        known, last = self.columns["high"], len(self.columns["high"]) - 1
        place = self.starts.take((high >> np.uint64(64 - _bits_of(len(self.starts) - 1))).astype(np.int64))
        asked = np.arange(len(high))
        while len(asked):
            here = known.take(place, mode="clip")
            hit = np.flatnonzero(here == high)
            hit = hit[self.columns["low"].take(place[hit], mode="clip") == low[hit]]
            answer[asked[hit]] = self.columns["person"].take(place[hit], mode="clip")
            further = (here <= high) & (place < last)
            further[hit] = False
            asked, high, low, place = asked[further], high[further], low[further], place[further] + 1
        return answer


def _bits_of(size: int) -> int:
    """How many first bits a table of ``size`` places (a power of two) is asked by."""
    return size.bit_length() - 1


@dataclass(frozen=True)
class Vault:
    """All persons of one version of the vault."""

    parts: list[VaultPart]
    persons: int

    def find(self, token: Tokens) -> PersonIds:
        """The person of each token, ``UNKNOWN`` (-1) where there is none."""
        parts = (token[start : start + _TOKENS_AT_ONCE] for start in range(0, len(token), _TOKENS_AT_ONCE))
        return np.concatenate([np.empty(0, np.int32), *ahead(self._find, parts)])

    def _find(self, token: Tokens) -> PersonIds:
        high, low = token[:, 0].astype(np.uint64), token[:, 1].astype(np.uint64)
        answer = np.full(len(token), UNKNOWN, np.int32)
        for part in self.parts:
            missing = np.flatnonzero(answer == UNKNOWN)
            answer[missing] = part.find(high[missing], low[missing])
        return answer


def open_vault(version: int) -> Vault:
    """The vault under a version of the key; nobody yet where nothing is registered. Raises SegmentUnusable."""
    rows = list(Segment.objects.filter(key_version=version).order_by("first_person"))
    all_starts = {row.first_person: row for row in rows if row.kind == Segment.Kind.VAULT_STARTS}
    parts, persons = [], 0
    for row in (row for row in rows if row.kind == Segment.Kind.VAULT):
        starts = all_starts.get(row.first_person)
        if starts is None or row.first_person != persons + 1:
            raise SegmentUnusable("The segments of the person vault are not complete.")
        parts.append(VaultPart(open_columns(row), open_columns(starts)["start"]))
        persons = row.last_person or 0
    return Vault(parts, persons)


def _tokens(version: int) -> list[Segment]:
    return list(Segment.objects.filter(key_version=version, kind=Segment.Kind.VAULT).order_by("first_person"))


class PartWriter:
    """Writes one file of the vault, and its table of beginnings; persons from `first_person` on, in order of tokens."""

    def __init__(self, place: Path, version: int, first_person: int) -> None:
        self._place, self._version, self._first = place, version, first_person
        self._writer = ColumnWriter(place, "vault", TYPES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.__exit__(kind, error, at)

    def add(self, columns: Columns) -> None:
        """The next tokens, in order."""
        self._writer.add(columns)

    def register(self) -> None:
        """Puts the files together and registers them, unless there is nobody."""
        if self._writer.rows == 0:
            return
        tokens, starts = Segment.Kind.VAULT, Segment.Kind.VAULT_STARTS
        persons, rows = range(self._first, self._first + self._writer.rows), self._writer.rows
        start = _starts(self._writer.column("high"))
        path = self._writer.finish(description_of_vault(tokens, self._version, persons))
        register_of_vault(tokens, self._version, persons, path, rows)
        with ColumnWriter(self._place, "vault_starts", {"start": "u4"}) as writer:
            writer.add({"start": start})
            path = writer.finish(description_of_vault(starts, self._version, persons))
        register_of_vault(starts, self._version, persons, path, len(start))


def write_part(place: Path, version: int, persons: range, parts: Iterator[Columns]) -> None:
    """Registers one file of the vault from its columns in order of tokens."""
    with PartWriter(place, version, persons.start) as writer:
        for columns in parts:
            writer.add(columns)
        writer.register()


def _starts(high: Column) -> npt.NDArray[np.uint32]:
    """The place of the first token from each beginning on; as many beginnings as tokens, or up to half as many."""
    bits = max(1, len(high).bit_length() - 1)
    counts = np.zeros((1 << bits) + 1, np.uint32)
    for begin in range(0, len(high), _PERSONS_AT_ONCE):
        first = (high[begin : begin + _PERSONS_AT_ONCE] >> np.uint64(64 - bits)).astype(np.int64)
        found = np.bincount(first - first[0])
        counts[first[0] + 1 : first[0] + 1 + len(found)] += found.astype(np.uint32)
    return np.cumsum(counts, dtype=np.uint32)


def merge_parts(place: Path, version: int) -> None:
    """Merges the newest files while the newer one has at least a quarter of the older one's rows."""
    rows = _tokens(version)
    count = 1
    while count < len(rows) and sum(row.rows for row in rows[-count:]) * _MERGE_FROM >= rows[-count - 1].rows:
        count += 1
    if count == 1:
        return
    merged = rows[-count:]
    columns = [open_columns(row) for row in merged]
    persons = range(merged[0].first_person or 0, (merged[-1].last_person or 0) + 1)
    Segment.objects.filter(key_version=version, first_person__gte=persons.start).delete()
    write_part(place, version, persons, _merged(columns))


def _merged(parts: list[Columns]) -> Iterator[Columns]:
    """The rows of all parts in the order of tokens, one range of tokens after the other."""
    edges = [np.uint64(number << 58) for number in range(_PARTS)]
    cuts = [[*np.searchsorted(part["high"], edges).tolist(), len(part["high"])] for part in parts]
    for number in range(_PARTS):
        pieces = [
            {name: column[cut[number] : cut[number + 1]] for name, column in part.items()}
            for part, cut in zip(parts, cuts, strict=True)
        ]
        columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in TYPES}
        yield in_token_order(columns)


def in_token_order(columns: Columns) -> Columns:
    """Sorted by both halves of the token."""
    order = np.argsort(columns["high"], kind="stable")
    high = columns["high"][order]
    if len(high) > 1 and (high[1:] == high[:-1]).any():
        order = np.lexsort((columns["low"], columns["high"]))
    return {name: column[order] for name, column in columns.items()}


def remake_vault(cursor: CursorWrapper, version: int, table: str = "vault.person") -> None:
    """Registers the vault under `version` anew from `table`, in the ranges registered under the version before.

    For a rotation, in the transaction that switches, and for `rebuild_segments`. Files of other versions are given up.
    """
    ranges = [range(row.first_person or 0, (row.last_person or 0) + 1) for row in _newest()]
    Segment.objects.filter(kind__in=[Segment.Kind.VAULT, Segment.Kind.VAULT_STARTS]).delete()
    for persons in ranges or _whole(cursor, table):
        with folder.scratch() as place, Spill(place, "tokens", _ROW) as spill:
            for first in range(persons.start, persons.stop, _PERSONS_AT_ONCE):
                rows = _read(cursor, table, first, min(first + _PERSONS_AT_ONCE, persons.stop))
                spill.add(rows["high"] >> np.uint64(58), rows)
            parts = (in_token_order({name: rows[name] for name in TYPES}) for rows in map(spill.take, spill.buckets))
            write_part(place, version, persons, parts)


def _newest() -> list[Segment]:
    last = Segment.objects.filter(kind=Segment.Kind.VAULT).order_by("-key_version").first()
    return _tokens(last.key_version or 0) if last else []


def _whole(cursor: CursorWrapper, table: str) -> list[range]:
    cursor.execute(f"SELECT coalesce(max(person_id), 0) FROM {table}")  # noqa: S608
    last = int(cursor.fetchone()[0])
    return [range(1, last + 1)] if last else []


def _read(cursor: CursorWrapper, table: str, first: int, stop: int) -> npt.NDArray[np.void]:
    """Tokens of the persons from `first` to before `stop`."""
    query = f"SELECT token, person_id FROM {table} WHERE person_id >= {first} AND person_id < {stop}"  # noqa: S608
    person, token = read_numbers(cursor, query, {}, {"person_id": "i4", "token": "uuid"})
    rows = np.empty(len(person), _ROW)
    rows["person"], rows["high"], rows["low"] = person, token[:, 0], token[:, 1]
    return rows
