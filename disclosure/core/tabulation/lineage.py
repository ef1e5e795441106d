"""Whose records a table is made of: the states that must be told of it, and asked."""

from __future__ import annotations

import pyarrow as pa

from disclosure.core.tabulation.crossing import kept_rows
from disclosure.core.tabulation.design import TableDesign

_STATES = ("state", "origin_state")  # of a move or a person followed both have records in it
FOUND_IN = b"states"  # in the metadata of rows of people (matching/tabulation/people.py): rows name main jobs only


def states_in(contributions: pa.Table, design: TableDesign) -> list[str]:
    """Return the states (FIPS), sorted, in whose records the contributions of a design's table were found."""
    kept = kept_rows(contributions, design)
    table = contributions if kept is None else contributions.filter(pa.array(kept))
    found = {state for name in _STATES if name in table.column_names for state in table[name].unique().to_pylist()}
    said = (contributions.schema.metadata or {}).get(FOUND_IN, b"").decode()
    return sorted((found | set(said.split(","))) - {"", None})
