"""Load files written by hand: each row says what differs from a plain one."""

from pathlib import Path
from typing import Any

from matching.core.load_files.establishment_layout import CSV_FIELDS as ESTABLISHMENT_FIELDS
from matching.core.load_files.wage_layouts import CSV_FIELDS

Row = dict[str, Any]


def specimen(n: int) -> str:
    """A number that is never issued."""
    return f"{900 + n // 10_000}01{n % 10_000:04d}"


def records(path: Path, *rows: Row, quarter: int = 20161) -> Path:
    """A CSV file of wage records: account 1 of Rhode Island pays person 1 a hundred dollars."""
    plain = dict.fromkeys(CSV_FIELDS, "") | {
        "ssn": specimen(1), "state": "44", "uin": "1", "run": "0", "ein": "7", "year": str(quarter // 10),
        "quarter": str(quarter % 10), "wage": "100",
    }  # fmt: skip
    return _write(path, [plain | row for row in rows])


def establishments(path: Path, *rows: Row, quarter: int = 20161) -> Path:
    """A CSV file of establishments: a grocer with ten persons in each month; ``employed`` sets the three months."""
    written = []
    for row in rows:
        employed = row.get("employed", 10)
        plain = dict.fromkeys(ESTABLISHMENT_FIELDS, "") | {
            "state_fips": "44", "year": quarter // 10, "quarter": quarter % 10, "uin": "1", "run": "0", "ein": "7",
            "naics": "445110", "naics_vintage": "2012", "county_fips": "007", "ownership": "5", "meei": "1",
            "month1": employed, "month2": employed, "month3": employed, "total_wages": 1000, "taxable_wages": 900,
            "contributions": 10,
        }  # fmt: skip
        written.append(plain | {name: value for name, value in row.items() if name != "employed"})
    return _write(path, written)


def _write(path: Path, rows: list[Row]) -> Path:
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
