"""The micro package: individual wage records under the state's own temporary IDs, as a deterministic ZIP.

Columns, titles and order are fixed by the BLS request instructions (data.md "Micro package"). The same input gives
the same bytes: fixed times and order of members, one compression level, and a writer that never seeks.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.core.micro_documents import codebook, reading_scripts

# title in the file -> column of the table given
COLUMNS: dict[str, str] = {
    "Temporary ID": "temporary_id",
    "State FIPS Code": "state",
    "Unemployment Insurance Number (UIN)": "uin",
    "Reporting Unit Number (RUN)": "run",
    "Employer Identification Number (EIN)": "ein",
    "Reference Year": "year",
    "Reference Quarter": "quarter",
    "Quarterly Wages": "wages",
    "Hours Reported": "hours",
    "Weeks worked": "weeks",
    "Dominant NAICS code": "dominant_naics",
}
_WIDTHS = {"state": 2, "uin": 10, "run": 5, "ein": 9, "year": 4, "quarter": 1, "dominant_naics": 6}
_ORDER = ("temporary_id", "year", "quarter", "state", "uin", "run", "ein", "wages", "hours", "weeks", "dominant_naics")
_MOMENT = (1980, 1, 1, 0, 0, 0)
_SLICE = 100_000
_COMPRESSION_LEVEL = 1
_UNSAFE_START = b"=+-@\t\r"


@dataclass(frozen=True)
class MatchSummary:
    """Counts of one quarter: persons sent and accepted, persons with a record and records, by state searched."""

    quarter: int
    persons_sent: int
    persons_accepted: int
    persons_found: int
    found_by_state: dict[str, int] = field(default_factory=dict)
    records_by_state: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageManifest:
    """What went into the ZIP: SHA-256 and size of each member, and the number of records."""

    members: dict[str, dict[str, Any]]
    rows: int


def build_micro_package(
    out: IO[bytes],
    tables: Mapping[int, pa.Table],
    *,
    request_number: str,
    summaries: Iterable[MatchSummary],
    form_text: str,
) -> PackageManifest:
    """Write the package to a binary stream, which need not seek; gives the manifest that is also its last member.

    ``tables``: one per quarter (YYYYQ), columns as ``COLUMNS`` names them: ``temporary_id`` binary, codes as text,
    ``year``, ``quarter`` (1 to 4), ``wages``, ``hours``, ``weeks`` integers, the last two null where missing. Rows in
    any order. Raises ValueError, without a value of the data, for an ID or code that must not be written.
    """
    ordered = {quarter: sort_records(tables[quarter]) for quarter in sorted(tables)}
    combined = sort_records(pa.concat_tables(ordered.values())) if ordered else None
    writer = _PackageWriter(out)
    if combined is not None:
        writer.add("wage_records.csv", csv_parts(combined))
    for quarter, table in ordered.items():
        writer.add(f"wage_records_{quarter // 10}Q{quarter % 10}.csv", csv_parts(table))
    writer.add("match_summary.csv", [match_summary(summaries)])
    writer.add("codebook.txt", [codebook(list(COLUMNS)).encode()])
    for name, script in reading_scripts(list(COLUMNS)).items():
        writer.add(name, [script.encode()])
    writer.add("request_form.txt", [form_text.encode()])
    return writer.close(request_number, 0 if combined is None else combined.num_rows)


def sort_records(table: pa.Table) -> pa.Table:
    """By temporary ID (bytes), quarter, state, account, unit, then every other column; missing before any number."""
    keys = [(name, "ascending", "at_start") for name in _ORDER]
    return table.take(pc.sort_indices(table, sort_keys=keys))


def csv_parts(table: pa.Table) -> Iterator[bytes]:
    """The CSV of sorted records in parts: titles, then some thousand lines at a time; LF line ends."""
    yield (",".join(COLUMNS) + "\n").encode()
    for start in range(0, table.num_rows, _SLICE):
        part = table.slice(start, _SLICE)
        texts = [_text(part.column(name), name) for name in COLUMNS.values()]
        lines = pc.binary_join_element_wise(*texts, pa.scalar(b",", pa.large_binary()))
        yield b"\n".join(lines.to_pylist()) + b"\n"


def _text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    if name == "temporary_id":
        return _quoted_ids(column)
    text = pc.fill_null(column.cast(pa.large_string()), "")
    if name in _WIDTHS:
        text = pc.utf8_lpad(text, _WIDTHS[name], "0")
        if not pc.all(pc.match_substring_regex(text, rf"^[0-9A-Z]{{{_WIDTHS[name]}}}$")).as_py():
            raise ValueError(f"A code in column {name} is not {_WIDTHS[name]} digits or capitals.")
    return text.cast(pa.large_binary())


def _quoted_ids(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """IDs as they came, quoted where CSV needs it; refused where a spreadsheet would run them."""
    ids = column.cast(pa.large_binary())
    first = pc.binary_slice(ids.cast(pa.binary()), 0, 1)
    if pc.any(pc.is_in(first, pa.array([bytes([c]) for c in _UNSAFE_START], pa.binary()))).as_py():
        raise ValueError("A temporary ID begins like a spreadsheet formula; such IDs are refused on upload.")
    needs_quotes = pc.match_substring_regex(ids, '[",\r\n]')
    doubled = pc.replace_substring(ids, b'"', b'""')
    mark = pa.scalar(b'"', pa.large_binary())
    quoted = pc.binary_join_element_wise(mark, doubled, mark, pa.scalar(b"", pa.large_binary()))
    return pc.if_else(needs_quotes, quoted, ids)


def match_summary(summaries: Iterable[MatchSummary]) -> bytes:
    """CSV: one line per quarter and state searched, and one per quarter for all states together."""
    lines = ["quarter,state,persons_sent,persons_accepted,persons_found,records"]
    for s in sorted(summaries, key=lambda summary: summary.quarter):
        total = sum(s.records_by_state.values())
        lines.append(f"{s.quarter},all,{s.persons_sent},{s.persons_accepted},{s.persons_found},{total}")
        for state in sorted(s.records_by_state):
            found, records = s.found_by_state.get(state, 0), s.records_by_state[state]
            lines.append(f"{s.quarter},{state},{s.persons_sent},{s.persons_accepted},{found},{records}")
    return ("\n".join(lines) + "\n").encode()


class _ForwardOnly:
    """A stream that cannot seek, so that the ZIP's bytes do not depend on what the real one can."""

    def __init__(self, out: IO[bytes]) -> None:
        self.write, self.flush = out.write, out.flush


class _PackageWriter:
    """Members in the order added, each with its SHA-256 taken while it streams through."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(_ForwardOnly(out), "w")  # type: ignore[call-overload]  # write and flush suffice
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(name, _MOMENT)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        info._compresslevel = _COMPRESSION_LEVEL  # type: ignore[attr-defined]  # public as compress_level from 3.13
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for part in parts:
                member.write(part)
                digest.update(part)
                size += len(part)
        self._members[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def close(self, request_number: str, rows: int) -> PackageManifest:
        manifest = PackageManifest(dict(self._members), rows)
        content = {"request": request_number, "records": rows, "files": manifest.members}
        self.add("manifest.json", [json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"])
        self._zip.close()
        return manifest


def attach_ids(table: pa.Table, temporary_ids: np.ndarray[Any, np.dtype[np.bytes_]]) -> pa.Table:
    """Records of a match with ``cohort_row`` turned into ``temporary_id``, ready for ``build_micro_package``."""
    rows = table.column("cohort_row").to_numpy()
    ids = pa.array(temporary_ids[rows], pa.binary())
    return table.select([name for name in table.column_names if name in _ORDER]).append_column("temporary_id", ids)
