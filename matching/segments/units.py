"""The units of one load as text, in the order of their numbers: what a match writes beside each record.

Made anew whenever establishments change a quarter's places and industries.
"""

import numpy as np
from django.db.backends.utils import CursorWrapper

from matching.models import Load, Segment
from matching.segments import folder
from matching.segments.arrow_file import Columns, ColumnWriter
from matching.segments.register import SegmentUnusable, description_of_load, open_columns, register_of_load
from matching.sql.copy_binary import read_text
from matching.sql.statements import statement

# enterprise is an EIN, or state and account where there is none
TYPES = {
    "uin": "S10", "run": "S5", "ein": "S9", "dominant_naics": "S6", "area": "S5", "ownership": "S1",
    "enterprise": "S12",
}  # fmt: skip
_UNITS_AT_ONCE = 1 << 18


def write_units(cursor: CursorWrapper, load: Load) -> None:
    """Writes and registers the text of a load's units from PostgreSQL."""
    first, last = load.first_unit or 0, load.last_unit or -1
    with folder.scratch() as place, ColumnWriter(place, "units", TYPES) as writer:
        for start in range(first, last + 1, _UNITS_AT_ONCE):
            writer.add(_read(cursor, start, min(start + _UNITS_AT_ONCE - 1, last)))
        path = writer.finish(description_of_load(Segment.Kind.UNITS, load.pk))
        register_of_load(Segment.Kind.UNITS, load, path, writer.rows)


def _read(cursor: CursorWrapper, first: int, last: int) -> Columns:
    """One fixed-width line per unit, so that the whole answer is one table of bytes."""
    padded = [f"rpad({name}, {width[1:]})" for name, width in TYPES.items()]
    data = read_text(cursor, statement("units_text"), {"first": first, "last": last}, padded)
    row = np.dtype([(part, kind) for name, kind in TYPES.items() for part, kind in ((name, kind), (f"{name}_", "S1"))])
    lines = np.frombuffer(data + b"\n", row)
    return {name: np.strings.rstrip(lines[name]) for name in TYPES}


def open_units(segments: dict[tuple[int, str], Segment], load_id: int) -> Columns:
    """The mapped text columns of a load's units. Raises SegmentUnusable."""
    segment = segments.get((load_id, Segment.Kind.UNITS))
    if segment is None:
        raise SegmentUnusable(f"Load {load_id} has no segments; run rebuild_segments.")
    return open_columns(segment)
