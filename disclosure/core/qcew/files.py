"""Files in the layout of the BLS open-data slices: quarterly (42 columns) and annual averages (38).

Printed as BLS does: codes in quotes, a withheld cell with N and zeros, location quotients with two decimals, changes in
percent with one; sorted by area, ownership, industry, size class and period. A quotient or a change whose base is not
published, or not known here, has the code N and zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from disclosure.core.qcew.cells import Key
from disclosure.core.qcew.codes import ALL_SIZES, aggregation_level
from disclosure.core.qcew.figures import NOBODY, PUBLISHED, Figures
from disclosure.core.tabulation.contributions import Ints
from matching.core.qcew.figures import change_in_tenths, quotient_in_hundredths
from matching.core.qcew.layout import ANNUAL, QUARTERLY, Layout
from matching.core.qcew.published import WITHHELD

NATION = "US000"
_LINE_END = "\r\n"
_TOTAL = ("0", "10", ALL_SIZES)

Texts = npt.NDArray[np.str_]


def quarterly_csv(figures: Figures, *, earlier: Figures | None = None, nation: Figures | None = None) -> bytes:
    """Return the quarterly file. A year ago is looked for in the figures themselves, then in `earlier`; the nation's
    figures (area US000) in `nation`."""
    return _file(figures, QUARTERLY, earlier, nation)


def annual_csv(figures: Figures, *, earlier: Figures | None = None, nation: Figures | None = None) -> bytes:
    """Return the file of annual averages (`figures.annual` of the quarters)."""
    return _file(figures, ANNUAL, earlier, nation)


def _file(figures: Figures, layout: Layout, earlier: Figures | None, nation: Figures | None) -> bytes:
    order = sorted(range(len(figures.keys)), key=lambda row: (*figures.keys[row][1:], figures.keys[row][0]))
    keys = [figures.keys[row] for row in order]
    codes = np.array([figures.codes[row] for row in order], dtype="U1")
    values = figures.values[order]
    before = _bases(keys, [figures, *([earlier] if earlier else [])], layout)
    columns = [
        *_codes(keys, layout),
        _quoted(codes),
        *(_printed(values[:, column], 1) for column in range(values.shape[1])),
        *_quotients(keys, codes, values, figures, nation),
        *_changes(codes, values, before),
    ]
    lines = [_header(layout), *(",".join(row) for row in zip(*(column.tolist() for column in columns), strict=True))]
    return (_LINE_END.join(lines) + _LINE_END).encode()


def _header(layout: Layout) -> str:
    return ",".join(f'"{name}"' for name in layout.printed)


def _codes(keys: Sequence[Key], layout: Layout) -> Iterator[Texts]:
    """Yield area, owner, industry, aggregation level, size class, year and quarter."""
    yield from (_quoted([key[column] for key in keys]) for column in (1, 2, 3))
    yield _quoted([aggregation_level((key[1], key[2], key[3], key[4])) for key in keys])
    yield _quoted([key[4] for key in keys])
    yield _quoted([key[0][:4] for key in keys])
    yield _quoted([key[0][4:] if layout is QUARTERLY else "A" for key in keys])


@dataclass(frozen=True)
class _Base:
    """What rows are compared with: is anything known of it, is it listed, its code, its values (n, values)."""

    known: npt.NDArray[np.bool_]
    listed: npt.NDArray[np.bool_]
    codes: Texts
    values: Ints


def _bases(keys: Sequence[Key], sources: Sequence[Figures], layout: Layout) -> _Base:
    """Return the figures of a year ago; a cell that is not listed where its area and period are had nobody."""
    return _found([(_year_ago(key[0]), *key[1:]) for key in keys], sources, len(layout.values))


def _year_ago(period: str) -> str:
    return f"{int(period[:4]) - 1}{period[4:]}"


def _found(keys: Sequence[Key], sources: Sequence[Figures], width: int) -> _Base:
    known, listed = np.zeros(len(keys), dtype=np.bool_), np.zeros(len(keys), dtype=np.bool_)
    codes = np.full(len(keys), WITHHELD, dtype="U1")
    values = np.zeros((len(keys), width), dtype=np.int64)
    for row, key in enumerate(keys):
        for source in sources:
            place = source.place.get(key)
            if place is not None:
                known[row], listed[row] = True, True
                codes[row], values[row] = source.codes[place], source.values[place]
            elif (key[0], key[1]) in source.covered:
                known[row], codes[row] = True, NOBODY
            else:
                continue
            break
    return _Base(known, listed, codes, values)


def _changes(codes: Texts, values: Ints, before: _Base) -> Iterator[Texts]:
    """Yield the code and, for each value, its change and the change in percent; establishments are never withheld."""
    told = (codes == PUBLISHED) & before.known & (before.codes != WITHHELD)
    yield _quoted(np.where(told, PUBLISHED, WITHHELD))
    for column in range(values.shape[1]):
        here = before.known if column == 0 else told
        change = np.where(here, values[:, column] - before.values[:, column], 0)
        yield _printed(change, 1)
        yield np.where(
            here & (before.listed | (change != 0)),
            _printed(change_in_tenths(change, before.values[:, column]), 10),
            "0",
        )


def _quotients(
    keys: Sequence[Key], codes: Texts, values: Ints, figures: Figures, nation: Figures | None
) -> Iterator[Texts]:
    """Yield the code and each value's location quotient: its share of the area's total to the nation's share."""
    width = values.shape[1]
    nations = [nation] if nation else []
    total = _found([(key[0], key[1], *_TOTAL) for key in keys], [figures], width)
    base = _found([(key[0], NATION, *key[2:]) for key in keys], nations, width)
    whole = _found([(key[0], NATION, *_TOTAL) for key in keys], nations, width)
    told = (codes == PUBLISHED) & (total.codes == PUBLISHED) & (base.codes == PUBLISHED) & (whole.codes == PUBLISHED)
    yield _quoted(np.where(told, PUBLISHED, WITHHELD))
    for column in range(width):
        here = base.known & whole.known if column == 0 else told
        quotient = quotient_in_hundredths(*(part[:, column] for part in
                                            (values, total.values, base.values, whole.values)))  # fmt: skip
        yield np.where(here, _printed(quotient, 100), "0")


def _quoted(codes: Sequence[str] | Texts) -> Texts:
    return np.char.add(np.char.add('"', np.asarray(codes, dtype=np.str_)), '"')


def _printed(amounts: Ints, units: int) -> Texts:
    """Return amounts in so many units of one as BLS prints them: 1 has no decimals, 10 one, 100 two."""
    if units == 1:
        return amounts.astype(np.str_)
    sign = np.where(amounts < 0, "-", "")
    whole, part = np.divmod(np.abs(amounts), units)
    decimals = np.char.zfill(part.astype(np.str_), len(str(units)) - 1)
    return np.char.add(np.char.add(sign, whole.astype(np.str_)), np.char.add(".", decimals))
