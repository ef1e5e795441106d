"""Published QCEW beside a request's tables: what everybody knows of the same cells; the year before, and the nation."""

from collections.abc import Iterable, Iterator

from disclosure.core.ledger.outside import Published
from disclosure.core.qcew.figures import Figures, of_rows, together
from disclosure.services import designs
from matching.core.qcew.layout import QcewError
from matching.core.qcew.published import PUBLISHED, VARIABLES, WITHHELD, CellKey
from matching.loads.published_qcew import files_in_force, published_cells
from requests_app import form
from requests_app.models import DataRequest

_NATION = "US"
# QCEW's amounts by the names that contributions have.
_AMOUNTS = {name: "wages" if name == "total_wages" else name for name in VARIABLES}
_YEAR = 10  # in a quarter written YYYYQ


def published_bases(request: DataRequest) -> tuple[Figures | None, Figures | None]:
    """Figures of the request's states a year before its quarters, and of the nation in both years; None: not loaded."""
    asked = form.read(request)
    if asked.design.get("layout") != "qcew":
        return None, None
    before = [quarter - _YEAR for quarter in asked.quarters]
    earlier = _loaded((state, quarter) for state in asked.states for quarter in before)
    return earlier, _loaded((_NATION, quarter) for quarter in {*asked.quarters, *before})


def published_beside(request: DataRequest) -> dict[int, Published]:
    """What QCEW published of a request's states and quarters, cell by cell, where its table counts establishments."""
    if designs.design_of(request).rows != "establishments":
        return {}
    asked = form.read(request)
    found: dict[int, Published] = {}
    for quarter in asked.quarters:
        cells = {cell: values for state in asked.states for cell, values in _cells(state, quarter)}
        found |= {quarter: cells} if cells else {}
    return found


def files_beside(request: DataRequest) -> list[str]:
    """The SHA-256 of the published files that a request's table of establishments is protected with."""
    if designs.design_of(request).rows != "establishments":
        return []
    asked = form.read(request)
    return files_in_force(asked.states, asked.quarters)


def _cells(state: str, quarter: int) -> Iterator[tuple[CellKey, dict[str, int] | None]]:
    """Each cell with its amounts, None where it is withheld; those without establishments say nothing."""
    try:
        table = published_cells(state, quarter)
    except QcewError:
        return
    columns = [table[name].to_pylist() for name in ("area_fips", "own_code", "industry_code", "status", *_AMOUNTS)]
    for area, owner, industry, status, *amounts in zip(*columns, strict=True):
        if status == PUBLISHED:
            yield (area, owner, industry), dict(zip(_AMOUNTS.values(), amounts, strict=True))
        elif status == WITHHELD:
            yield (area, owner, industry), None


def _loaded(wanted: Iterable[tuple[str, int]]) -> Figures | None:
    found = []
    for state, quarter in sorted(wanted):
        try:
            found.append(of_rows(published_cells(state, quarter)))
        except QcewError:
            continue
    return together(found) if found else None
