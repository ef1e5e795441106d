"""Which charts a released table has, drawn from what is published of it and nothing else; each with its own table.

A chart shows one measure over one or two dimensions; the others stand at their totals. What is withheld or not
available has its mark in the picture as in the table.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disclosure.core.measures import CATALOGUE
from disclosure.core.qcew.codes import is_metropolitan
from disclosure.core.tabulation.hierarchy import NONE, TOTAL
from disclosure.selectors.shown_tables import depth
from requests_app.charts.bars import bar_chart
from requests_app.charts.chart import Chart
from requests_app.charts.figure import Figure
from requests_app.charts.line import MOST_SERIES, line_chart
from requests_app.charts.matrix import flow_matrix
from requests_app.charts.tiles import PLACES, county_map, state_map
from requests_app.fips import STATE_NAMES, STATES
from requests_app.selectors.life.titles import title
from requests_app.wording import DIMENSIONS

POSTAL = {fips: postal for fips, postal, _ in STATES}
FLOWS = (("origin_state", "state"), ("origin_industry", "industry"))

Key = tuple[str, ...]
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """What is drawn: a measure, a quarter as the table names it, and the dimension of lines and bars."""

    measure: str
    quarter: str
    by: str


def choices(table: Table) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen of a table, with words: measures, quarters (the newest first), dimensions."""
    quarters = dict.fromkeys(codes[0] for codes, _, _ in table["rows"])
    return {
        "measure": [(name, CATALOGUE[name].title) for name in table["measures"]],
        "quarter": [(one, title("quarter", one)) for one in reversed(quarters)],
        "by": [
            (name, DIMENSIONS.get(name, name.title())) for name in reversed(table["dimensions"][1:]) if name != "size"
        ],
    }


def chosen(table: Table, asked: Mapping[str, str]) -> Choice:
    """What was asked for, where the table has it; else the first of each."""
    found = {}
    for name, offered in choices(table).items():
        known = [value for value, _ in offered]
        found[name] = asked[name] if asked.get(name) in known else (known[0] if known else "")
    return Choice(**found)


def charts(table: Table, choice: Choice) -> list[Chart]:
    """Every chart that the table has for this choice."""
    if not table["rows"]:
        return []
    drawn = _Drawn(table, choice)
    made = [drawn.line(), drawn.bars(), drawn.map(), *(drawn.flows(*pair) for pair in FLOWS)]
    return [one for one in made if one is not None]


class _Drawn:
    """A table's figures of one measure, looked up by the codes that are not at their total."""

    def __init__(self, table: Table, choice: Choice) -> None:
        self.dimensions: list[str] = list(table["dimensions"])
        self.choice = choice
        place = list(table["measures"]).index(choice.measure)
        self.figures = {tuple(codes): Figure.of(values[place], code) for codes, values, code in table["rows"]}
        self.codes: dict[str, list[str]] = {
            name: list(dict.fromkeys(key[axis] for key in self.figures)) for axis, name in enumerate(self.dimensions)
        }
        self.tops = {name: self._top(name) for name in self.dimensions[1:]}
        measure = CATALOGUE[choice.measure]
        self.measure, self.unit, self.decimals = measure.title, measure.unit, measure.decimals

    def _top(self, name: str) -> str:
        """The code of a dimension that holds all others; the first of the highest ones where there is no total."""
        return min(self.codes[name], key=lambda code: (code != TOTAL, code == NONE, depth(name, code)))

    def _figure(self, **codes: str) -> Figure | None:
        key = tuple(codes.get(name, self.tops.get(name, "")) for name in self.dimensions)
        return self.figures.get(key)

    def _below(self, name: str) -> list[str]:
        """The codes next below the top of a dimension."""
        rest = [code for code in self.codes[name] if code != self.tops[name]]
        least = min((depth(name, code) for code in rest if code != NONE), default=0)
        found = [code for code in rest if code == NONE or depth(name, code) == least]
        counties = [code for code in found if code.isdigit()]  # the layout of QCEW has metropolitan areas beside them
        return counties if name == "area" and counties and any(map(is_metropolitan, found)) else found

    def _words(self, name: str, code: str) -> str:
        return title(name, code)

    def _held(self, *free: str) -> str:
        """What the other dimensions stand at, in words."""
        fixed = [title(name, code) for name, code in self.tops.items() if name not in free]
        return ", ".join([self.unit, *fixed])

    def _said(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}"

    def _column(self, label: str = "") -> dict[str, str]:
        return {"label": label or self.measure, "format": "count", "unit": self.unit}

    def line(self) -> Chart | None:
        """Quarters from left to right: the whole, and what is next below in the chosen dimension."""
        quarters, by = self.codes["quarter"], self.choice.by
        if len(quarters) < 2:
            return None
        found = self._series(quarters, [self.tops[by], *self._below(by)], by)
        names = [self._words(by, code) for code in found]
        drawing = line_chart([title("quarter", one) for one in quarters],
                             list(zip(names, found.values(), strict=True)))  # fmt: skip
        rows = [[name, *map(_cell, figures)] for name, figures in zip(names, found.values(), strict=True)]
        columns = [{"label": DIMENSIONS.get(by, by)}, *(self._column(title("quarter", one)) for one in quarters)]
        first, figures = names[0], next(iter(found.values()))
        return Chart("line", self._change(first, figures, quarters), self._held(by), drawing, columns, rows)

    def _series(self, quarters: Sequence[str], codes: Iterable[str], by: str) -> dict[str, list[Figure]]:
        """The figures of some codes in every quarter: the whole first, then the largest, as many as can be drawn."""
        found = {code: [self._figure(quarter=one, **{by: code}) or Figure.unavailable() for one in quarters]
                 for code in codes}  # fmt: skip
        largest = sorted(found, key=lambda code: (code != self.tops[by], -max(_values(found[code]), default=-1.0)))
        return {code: found[code] for code in largest[:MOST_SERIES]}

    def _change(self, name: str, figures: Sequence[Figure], quarters: Sequence[str]) -> str:
        known = [(quarter, one.value) for quarter, one in zip(quarters, figures, strict=True) if one.value is not None]
        if len(known) < 2:
            return f"{self.measure} by quarter"
        (first, start), (last, end) = known[0], known[-1]
        way = "rose" if end > start else "fell" if end < start else "stayed"
        share = f" ({(end - start) / start:+.1%})" if start > 0 and end != start and self.unit != "percent" else ""
        said = f"at {self._said(end)}" if way == "stayed" else f"from {self._said(start)} to {self._said(end)}{share}"
        spell = f"{title('quarter', first)} to {title('quarter', last)}"
        return f"{self.measure}, {name}, {spell}: {way} {said}"

    def bars(self) -> Chart | None:
        """The parts of the chosen dimension in one quarter."""
        by, quarter = self.choice.by, self.choice.quarter
        found = self._by_code(by, self._below(by))
        if len(found) < 2:
            return None
        named = [(self._words(by, code), one) for code, one in found.items()]
        columns = [{"label": DIMENSIONS.get(by, by)}, self._column()]
        finding = self._largest(named, quarter)
        return Chart("bars", finding, self._held(by), bar_chart(named), columns, _rows(named))

    def _by_code(self, by: str, codes: Iterable[str]) -> dict[str, Figure]:
        found = {code: self._figure(quarter=self.choice.quarter, **{by: code}) for code in codes}
        return {code: one for code, one in found.items() if one is not None}

    def _largest(self, named: Sequence[tuple[str, Figure]], quarter: str, word: str = "in") -> str:
        known = [(one.value, name) for name, one in named if one.value is not None]
        if not known:
            return f"{self.measure}, {title('quarter', quarter)}: nothing can be shown"
        value, name = max(known)
        return f"{self.measure}, {title('quarter', quarter)}: highest {word} {name}, {self._said(value)}"

    def map(self) -> Chart | None:
        """States where they lie about, or counties by state."""
        name = next((one for one in ("area", "state") if one in self.dimensions), None)
        if name is None:
            return None
        counties = {code: code for code in self.codes[name] if code.isdigit() and len(code) == 5 and code[2:] != "000"}
        states = {code: code[:2] for code in self.codes[name] if code[:2] in PLACES and code[2:] in ("", "000")}
        places = counties or states
        found = self._by_code(name, places)
        if len(found) < 2:
            return None
        by_place = {places[code]: one for code, one in found.items()}
        if counties:
            words = {code: title(name, code).split(",")[0].removesuffix(" County") for code in counties}
            drawing = county_map(by_place, words, STATE_NAMES)
        else:
            drawing = state_map(by_place, POSTAL)
        named = [(self._words(name, code), one) for code, one in found.items()]
        columns = [{"label": DIMENSIONS[name]}, self._column()]
        return Chart("map", self._largest(named, self.choice.quarter), self._held(name), drawing, columns, _rows(named))

    def flows(self, origin: str, target: str) -> Chart | None:
        """From where to where, in one quarter."""
        if not {origin, target} <= set(self.dimensions):
            return None
        origins, targets = self._below(origin), self._below(target)
        found = {
            (one, other): figure
            for one in origins
            for other in targets
            if (figure := self._figure(quarter=self.choice.quarter, **{origin: one, target: other})) is not None
        }
        if not found:
            return None
        words: Callable[[str], list[tuple[str, str]]] = lambda name: [  # noqa: E731
            (code, self._words(name, code)) for code in (origins if name == origin else targets)
        ]
        drawing = flow_matrix(found, words(origin), words(target))
        named = [(f"{title(origin, one)} to {title(target, other)}", figure)
                 for (one, other), figure in found.items() if one != other]  # fmt: skip
        columns = [{"label": "From"}, *(self._column(other) for _, other in words(target))]
        rows = [[said, *(_cell(found.get((code, other)) or Figure.unavailable()) for other in targets)]
                for code, said in words(origin)]  # fmt: skip
        finding = self._largest(named, self.choice.quarter, "from")
        return Chart("flows", finding, self._held(origin, target), drawing, columns, rows)


def _values(figures: Iterable[Figure]) -> list[float]:
    return [one.value for one in figures if one.value is not None]


def _cell(one: Figure) -> Any:
    """As tables of pages have it: the value, N where it is withheld, None where it is not available."""
    return one.value if one.value is not None else "N" if one.mark == "N" else None


def _rows(named: Iterable[tuple[str, Figure]]) -> list[list[Any]]:
    return [[name, _cell(one)] for name, one in named]
