"""The micro package: individual wage records under the state's own temporary IDs, as a deterministic ZIP.

Columns, titles and order are fixed by the BLS request instructions (data.md "Micro package"). The same input gives
the same bytes: fixed times and order of members, one compression level, and a writer that never seeks. Memory does not
grow with the number of records.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import pyarrow as pa

from matching.core.micro.csv_lines import COLUMNS, csv_parts
from matching.core.micro.documents import codebook, reading_scripts
from matching.core.micro.records import Source, merged

_MOMENT = (1980, 1, 1, 0, 0, 0)
_COMPRESSION_LEVEL = 1


@dataclass(frozen=True)
class MatchSummary:
    """Counts of one cohort and quarter: persons sent and accepted, persons with a record in any state, and by state
    searched persons with a record there and records."""

    cohort: str
    quarter: int
    persons_sent: int
    persons_accepted: int
    persons_found: int
    found_by_state: dict[str, int] = field(default_factory=dict)
    records_by_state: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageManifest:
    """What went into the ZIP: SHA-256 and size of each member, records of each table, and of the combined one."""

    members: dict[str, dict[str, Any]]
    rows: int


def build_micro_package(
    out: IO[bytes], sources: Sequence[Source], *, request_number: str, summaries: Iterable[MatchSummary], form_text: str
) -> PackageManifest:
    """Write the package to a binary stream, which need not seek; gives the manifest that is also its last member.

    `sources` are the records of every cohort and quarter, in the order of cohorts; each is read twice. Raises
    ValueError, without a value of the data, for records out of order and for an ID or code that must not be written.
    """
    writer = _PackageWriter(out)
    writer.add_records("wage_records.csv", sources)
    for quarter in sorted({source.quarter for source in sources}):
        of_quarter = [source for source in sources if source.quarter == quarter]
        writer.add_records(f"wage_records_{quarter // 10}Q{quarter % 10}.csv", of_quarter)
    writer.add("match_summary.csv", [match_summary(summaries)])
    writer.add("codebook.txt", [codebook(list(COLUMNS)).encode()])
    for name, script in reading_scripts(list(COLUMNS)).items():
        writer.add(name, [script.encode()])
    writer.add("request_form.txt", [form_text.encode()])
    return writer.close(request_number)


def match_summary(summaries: Iterable[MatchSummary]) -> bytes:
    """CSV: for each cohort and quarter one line for all states together, and one per state searched."""
    lines = ["cohort,quarter,state,persons_sent,persons_accepted,persons_found,records"]
    for s in sorted(summaries, key=lambda summary: (summary.cohort, summary.quarter)):
        start = f"{_text(s.cohort)},{s.quarter}"
        total = sum(s.records_by_state.values())
        lines.append(f"{start},all,{s.persons_sent},{s.persons_accepted},{s.persons_found},{total}")
        for state in sorted(s.records_by_state):
            found, records = s.found_by_state.get(state, 0), s.records_by_state[state]
            lines.append(f"{start},{state},{s.persons_sent},{s.persons_accepted},{found},{records}")
    return ("\n".join(lines) + "\n").encode()


def _text(words: str) -> str:
    """A name as CSV that no spreadsheet runs: an apostrophe before what would begin a formula, quotes where needed."""
    safe = f"'{words}" if words[:1] in set("=+-@\t\r") else words
    return '"' + safe.replace('"', '""') + '"' if set(safe) & set('",\r\n') else safe


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

    def add_records(self, name: str, sources: Sequence[Source]) -> None:
        """A table of records, and how many it has."""
        rows = 0

        def counted() -> Iterator[pa.Table]:
            nonlocal rows
            for table in merged(sources):
                rows += table.num_rows
                yield table

        self.add(name, csv_parts(counted()))
        self._members[name]["records"] = rows

    def close(self, request_number: str) -> PackageManifest:
        manifest = PackageManifest(dict(self._members), self._members["wage_records.csv"]["records"])
        content = {"request": request_number, "records": manifest.rows, "files": manifest.members}
        self.add("manifest.json", [json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"])
        self._zip.close()
        return manifest
