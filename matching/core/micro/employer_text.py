"""The employer's fields of a micro package's line as one text, "state,UIN,RUN,EIN,year,quarter": the same in all
records of a reporting unit, so it is made and checked once a load and not once a record.
"""

import numpy as np
import numpy.typing as npt

# name -> width, in the order of the line
FIELDS = {"state": 2, "uin": 10, "run": 5, "ein": 9, "year": 4, "quarter": 1}
EMPLOYER_BYTES = sum(FIELDS.values()) + len(FIELDS) - 1
INDUSTRY_BYTES = 6
_LAYOUT = np.dtype(
    {
        "names": list(FIELDS), "formats": [f"S{width}" for width in FIELDS.values()],
        "offsets": [sum(width + 1 for width in list(FIELDS.values())[:place]) for place in range(len(FIELDS))],
        "itemsize": EMPLOYER_BYTES,
    }
)  # fmt: skip
Codes = npt.NDArray[np.bytes_]
_CODE_BYTES = np.isin(np.arange(256), list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def employer_text(state: str, quarter: int, uin: Codes, run: Codes, ein: Codes) -> Codes:
    """The text (S36) of each of n units of a state in a quarter (YYYYQ). Raises ValueError, without a value, for what
    is no code."""
    same = {"state": state, "year": str(quarter // 10), "quarter": str(quarter % 10)}
    codes = {"uin": uin, "run": run, "ein": ein} | {name: np.array([text], "S") for name, text in same.items()}
    lines = np.full(len(uin) * EMPLOYER_BYTES, b",", "S1").view(_LAYOUT)
    for name, width in FIELDS.items():
        lines[name] = checked_codes(codes[name], width, name)
    return lines.view(f"S{EMPLOYER_BYTES}")


def employer_fields(text: Codes) -> dict[str, Codes]:
    """The fields of such texts by their names."""
    lines = np.ascontiguousarray(text, f"S{EMPLOYER_BYTES}").view(_LAYOUT)
    return {name: lines[name] for name in FIELDS}


def checked_codes(codes: Codes, width: int, name: str) -> Codes:
    """Codes filled with zeros to their width; digits and capitals only, so that no spreadsheet runs one. Raises
    ValueError, without a value."""
    if codes.dtype.itemsize > width and np.any(np.strings.str_len(codes) > width):
        raise ValueError(f"A code in column {name} is longer than {width}.")
    filled = np.strings.rjust(codes, width, b"0").astype(f"S{width}")
    if not _CODE_BYTES[filled.view(np.uint8)].all():
        raise ValueError(f"A code in column {name} is not {width} digits or capitals.")
    return np.asarray(filled)
