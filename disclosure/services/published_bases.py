"""Published QCEW that tables in its layout are compared with: the states a year ago, and the nation."""

from collections.abc import Iterable

from disclosure.core.qcew.figures import Figures, of_rows, together
from matching.core.qcew.layout import QcewError
from matching.loads.published_qcew import published_cells
from requests_app import form
from requests_app.models import DataRequest

_NATION = "US"
_YEAR = 10  # in a quarter written YYYYQ


def published_bases(request: DataRequest) -> tuple[Figures | None, Figures | None]:
    """Figures of the request's states a year before its quarters, and of the nation in both years; None: not loaded."""
    asked = form.read(request)
    if asked.design.get("layout") != "qcew":
        return None, None
    before = [quarter - _YEAR for quarter in asked.quarters]
    earlier = _loaded((state, quarter) for state in asked.states for quarter in before)
    return earlier, _loaded((_NATION, quarter) for quarter in {*asked.quarters, *before})


def _loaded(wanted: Iterable[tuple[str, int]]) -> Figures | None:
    found = []
    for state, quarter in sorted(wanted):
        try:
            found.append(of_rows(published_cells(state, quarter)))
        except QcewError:
            continue
    return together(found) if found else None
