"""Numbers for the employers' units of a load: as they come at first, then in (UIN, RUN, EIN) order."""

import numpy as np
import numpy.typing as npt

from matching.core.wage_layouts import WageBatch

_WIDTHS = (10, 5, 9)
Numbers = npt.NDArray[np.int32]


class UnitNumbers:
    """Keeps one small number per distinct (UIN, RUN, EIN): memory grows with employers, not with records."""

    def __init__(self) -> None:
        self._number: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._number)

    def number(self, batch: WageBatch) -> Numbers:
        """The number of each record's unit, in the order in which units were first seen."""
        columns = zip((batch.uin, batch.run, batch.ein), _WIDTHS, strict=True)
        table = np.hstack([column.astype(f"S{width}").view(np.uint8).reshape(-1, width) for column, width in columns])
        keys, inverse = np.unique(table.view(f"S{sum(_WIDTHS)}").ravel(), return_inverse=True)
        known = self._number
        numbers = np.array([known.setdefault(key, len(known)) for key in keys.tolist()], np.int32)
        return numbers[inverse]

    def in_order(self) -> tuple[list[tuple[str, str, str]], Numbers]:
        """Units sorted by (UIN, RUN, EIN), and for each its number."""
        keys = sorted(self._number)
        order = np.array([self._number[key] for key in keys], np.int32)
        return [(key[:10].decode(), key[10:15].decode(), key[15:].decode()) for key in keys], order
