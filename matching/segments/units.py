"""The units of one load as text, in the order of their numbers: what stands beside each record of a match.

Made anew whenever establishments change a quarter's places and industries.
"""

import numpy as np
from django.db.backends.utils import CursorWrapper

from matching.core.micro.employer_text import EMPLOYER_BYTES, INDUSTRY_BYTES, checked_codes, employer_text
from matching.models import Load, Segment
from matching.segments import folder
from matching.segments.arrow_file import Columns, ColumnWriter
from matching.segments.register import SegmentUnusable, description_of_load, open_columns, register_of_load
from matching.sql.copy_binary import read_text
from matching.sql.statements import statement

# enterprise is an EIN, or state and account where there is none
_CODES = {
    "uin": "S10", "run": "S5", "ein": "S9", "dominant_naics": "S6", "area": "S5", "ownership": "S1",
    "enterprise": "S12",
}  # fmt: skip
TYPES = {
    "employer": f"S{EMPLOYER_BYTES}", "dominant_naics": f"S{INDUSTRY_BYTES}", "area": "S5", "ownership": "S1",
    "enterprise": "S12",
}  # fmt: skip
_UNITS_AT_ONCE = 1 << 18


def write_units(cursor: CursorWrapper, load: Load) -> None:
    """Writes and registers the text of a load's units from PostgreSQL."""
    first, last = load.first_unit or 0, load.last_unit or -1
    with folder.scratch() as place, ColumnWriter(place, "units", TYPES) as writer:
        for start in range(first, last + 1, _UNITS_AT_ONCE):
            writer.add(_texts(load, _read(cursor, start, min(start + _UNITS_AT_ONCE - 1, last))))
        path = writer.finish(description_of_load(Segment.Kind.UNITS, load.pk))
        register_of_load(Segment.Kind.UNITS, load, path, writer.rows)


def _texts(load: Load, codes: Columns) -> Columns:
    """Units with the text of their employer; raises ValueError for a code that must not be written into a package."""
    employer = employer_text(load.state, load.quarter, codes["uin"], codes["run"], codes["ein"])
    industry = checked_codes(codes["dominant_naics"], INDUSTRY_BYTES, "dominant_naics")
    return codes | {"employer": employer, "dominant_naics": industry}


def _read(cursor: CursorWrapper, first: int, last: int) -> Columns:
    """One fixed-width line per unit, so that the whole answer is one table of bytes."""
    padded = [f"rpad({name}, {width[1:]})" for name, width in _CODES.items()]
    data = read_text(cursor, statement("units_text"), {"first": first, "last": last}, padded)
    row = np.dtype([(part, kind) for name, kind in _CODES.items() for part, kind in ((name, kind), (f"{name}_", "S1"))])
    lines = np.frombuffer(data + b"\n", row)
    return {name: np.strings.rstrip(lines[name]) for name in _CODES}


def open_units(segments: dict[tuple[int, str], Segment], load_id: int) -> Columns:
    """The mapped text columns of a load's units. Raises SegmentUnusable."""
    segment = segments.get((load_id, Segment.Kind.UNITS))
    if segment is None:
        raise SegmentUnusable(f"Load {load_id} has no segments.")
    return open_columns(segment)
