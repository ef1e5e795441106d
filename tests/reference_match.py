"""An independent reference of match and micro package: plain Python over the clear-text files of a synthetic world.

It shares no code with the product: own reading of the files, own dominant NAICS, own order, own CSV.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TITLES = (
    "Temporary ID", "State FIPS Code", "Unemployment Insurance Number (UIN)", "Reporting Unit Number (RUN)",
    "Employer Identification Number (EIN)", "Reference Year", "Reference Quarter", "Quarterly Wages", "Hours Reported",
    "Weeks worked", "Dominant NAICS code",
)  # fmt: skip
FIXED = {
    "ssn": (0, 9), "state": (45, 47), "uin": (47, 57), "run": (57, 62), "ein": (62, 71), "year": (71, 75),
    "quarter": (75, 76), "wage": (76, 86), "hours": (86, 90), "weeks": (90, 92),
}  # fmt: skip
Files = Mapping[tuple[str, int], Sequence[tuple[str, str]]]  # cohort, quarter -> (temporary ID, SSN) as sent


@dataclass
class Reference:
    """Wage records by SSN, and the dominant NAICS of every account and quarter, of files loaded in this order."""

    records: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    naics: dict[tuple[str, int, str], str] = field(default_factory=dict)

    def add_wage_records(self, path: Path) -> None:
        for row in _fixed(path) if path.suffix == ".txt" else _csv(path):
            self.records[row["ssn"]].append(row)

    def add_establishments(self, path: Path) -> None:
        accounts: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for row in _csv(path):
            if row["meei"] == "2":
                continue
            months = sum(int(row[f"month{n}"]) for n in (1, 2, 3))
            sums = accounts[row["uin"]].setdefault(row["naics"], [0, 0, 0])
            sums[0] |= int(row["total_wages"]) != 0 or months > 0
            sums[1] += months
            sums[2] += max(int(row["total_wages"]), 0)
            state, quarter = row["state_fips"], int(row["year"] + row["quarter"])
        for uin, industries in accounts.items():
            last = self.naics.get((state, _before(quarter), uin))
            self.naics[state, quarter, uin] = min(
                industries, key=lambda code: (*(-n for n in industries[code]), code != last, code)
            )

    def package(self, sent: Files, states: Sequence[str]) -> dict[str, bytes]:
        """The tables a micro package of these files must hold, by name."""
        accepted = {place: _without_repeats(rows) for place, rows in sent.items()}
        quarters = sorted({quarter for _, quarter in accepted})
        lines = {quarter: self._lines(accepted, quarter, states) for quarter in quarters}
        tables = {f"wage_records_{q // 10}Q{q % 10}.csv": _text(lines[q]) for q in quarters}
        everything = [line for quarter in quarters for line in lines[quarter]]
        tables["wage_records.csv"] = _text(everything)
        tables["match_summary.csv"] = self._summary(sent, accepted, states)
        return tables

    def _lines(self, accepted: Files, quarter: int, states: Sequence[str]) -> list[tuple[Any, ...]]:
        persons = {pair for (_, of), rows in accepted.items() if of == quarter for pair in rows}
        return [self._line(id_, row, quarter) for id_, ssn in persons for row in self._found(ssn, quarter, states)]

    def _found(self, ssn: str, quarter: int, states: Sequence[str]) -> list[dict[str, str]]:
        own = self.records.get(ssn, [])
        return [row for row in own if row["state"] in states and int(row["year"] + row["quarter"]) == quarter]

    def _line(self, temporary_id: str, row: dict[str, str], quarter: int) -> tuple[Any, ...]:
        naics = self.naics.get((row["state"], quarter, row["uin"]), "999999")
        numbers = [int(row[name]) if row[name] else None for name in ("hours", "weeks")]
        codes = [row[name] for name in ("state", "uin", "run", "ein", "year", "quarter")]
        return (temporary_id, *codes, int(row["wage"]), *numbers, naics)

    def _summary(self, sent: Files, accepted: Files, states: Sequence[str]) -> bytes:
        lines = ["cohort,quarter,state,persons_sent,persons_accepted,persons_found,records"]
        for cohort, quarter in sorted(accepted):
            counts = f"{len(sent[cohort, quarter])},{len(accepted[cohort, quarter])}"
            for name, among in [("all", sorted(states)), *((state, [state]) for state in sorted(states))]:
                found = [self._found(ssn, quarter, among) for _, ssn in accepted[cohort, quarter]]
                lines.append(f"{cohort},{quarter},{name},{counts},{sum(map(bool, found))},{sum(map(len, found))}")
        return ("\n".join(lines) + "\n").encode()


def _before(quarter: int) -> int:
    return quarter - 1 if quarter % 10 > 1 else quarter - 7


def _without_repeats(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(rows))


def _text(lines: list[tuple[Any, ...]]) -> bytes:
    """By temporary ID (bytes), quarter, state, account, unit, then every column; missing before any number."""

    def place(line: tuple[Any, ...]) -> tuple[Any, ...]:
        id_, state, uin, run, ein, year, quarter, *numbers, naics = line
        known = [(number is not None, number or 0) for number in numbers]
        return (id_.encode(), year, quarter, state, uin, run, ein, *known, naics)

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(TITLES)
    writer.writerows(sorted(lines, key=place))
    return out.getvalue().encode()


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _fixed(path: Path) -> list[dict[str, str]]:
    lines = path.read_bytes().decode("latin-1").splitlines()
    return [{name: line[a:b].strip() for name, (a, b) in FIXED.items()} for line in lines]
