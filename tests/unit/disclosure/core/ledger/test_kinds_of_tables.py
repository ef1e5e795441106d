"""Every kind of table takes part in the ledger: QCEW's layout, jobs with flows, moves; not only crossed tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.ledger.archive import pack, unpack
from disclosure.core.ledger.entry import Entry, enter
from disclosure.core.ledger.lines import Scope
from disclosure.core.ledger.outside import published_entries
from disclosure.core.ledger.protection import audit_history, intervals_beside, protect_with_history
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.qcew.cells import QcewCells, tabulate_qcew
from disclosure.core.qcew.protection import protect_qcew
from disclosure.core.rules.parameters import Parameters
from disclosure.core.tabulation.cells import Cells, tabulate
from disclosure.core.tabulation.design import TableDesign
from tests.unit.disclosure.core.wages import employers, shuffled

PARAMETERS = Parameters()
BY_COUNTY = TableDesign("establishments", ("area", "industry"), ("month3", "wages"), industry_level=4)
COUNTIES = ("44001", "44003", "44007")
INDUSTRIES = ("445110", "445120", "722511", "236115")


def establishments(seed: int = 4, quarter: int = 20161) -> pa.Table:
    """Private establishments, few or many to a place, in several size classes; schools; and one federal office."""
    draw = np.random.default_rng(seed)
    places = [(area, code, f"{area}{code}{number}") for area in COUNTIES for code in INDUSTRIES
              for number in range(int(draw.integers(1, 9)))]  # fmt: skip
    rows = [(*place, 1, int(draw.lognormal(11.5, 0.7)) + 20_000) for place in places]
    rows += [(area, "611110", f"{area}S{place}", 1, 300_000 + place) for area in COUNTIES for place in range(5)]
    rows.append(("44007", "491110", "FEDERAL", 1, 900_000))
    table = employers(rows, quarter)
    owners = pa.array([{"611110": "3", "491110": "1"}.get(row[1], "5") for row in rows])
    table = table.set_column(table.column_names.index("ownership"), "ownership", owners)
    jobs = pa.array([wages // 9_000 + 1 for wages in table["wages"].to_pylist()])
    for name in ("month1", "month2", "month3", "taxable_wages", "contributions"):
        table = table.append_column(name, jobs)
    return table.append_column("establishments", pa.array([1] * table.num_rows))


def corrected(table: pa.Table, changed: int) -> pa.Table:
    """A corrected load: some establishments have other wages, one other employment and so another size class."""
    draw = np.random.default_rng(changed)
    wages, jobs = table["wages"].to_numpy().copy(), table["month3"].to_numpy().copy()
    which = draw.choice(len(wages) - 1, changed, replace=False)
    wages[which] = (wages[which] * draw.uniform(1.05, 1.4, changed)).astype(int)
    jobs[which[0]] += 25
    for name, column in (("wages", wages), ("month3", jobs)):
        table = table.set_column(table.column_names.index(name), name, pa.array(column, pa.int64()))
    return table


def made(contributions: pa.Table, design: TableDesign | None) -> Cells | QcewCells:
    """A table by a design, or in the layout of QCEW."""
    return tabulate_qcew(contributions, by_size=True) if design is None else tabulate(contributions, design)


def entered(name: str, contributions: pa.Table, design: TableDesign | None) -> tuple[Cells | QcewCells, Entry]:
    """A table ready for the ledger."""
    cells = made(contributions, design)
    return cells, enter(cells, contributions, Scope("establishments", ("44",), (20161,)), name)


def released(
    name: str, contributions: pa.Table, design: TableDesign | None, past: list[Entry]
) -> tuple[ProtectedTable, Entry]:
    """A table protected with its past, as released."""
    cells, entry = entered(name, contributions, design)
    table = protect_with_history(cells, PARAMETERS, entry, past, intervals=False)
    return table, entry.with_statuses(table.pattern.by_key)


def alone(name: str, contributions: pa.Table, design: TableDesign | None) -> Entry:
    """A table released as if nothing had been before."""
    cells, entry = entered(name, contributions, design)
    table = protect_qcew(cells, PARAMETERS) if isinstance(cells, QcewCells) else protect_table(cells, PARAMETERS)
    return entry.with_statuses(table.pattern.by_key)


def assert_safe(table: ProtectedTable, entry: Entry, past: list[Entry]) -> None:
    """Nothing is open to anybody; to an insider only what the earlier releases left open to it."""
    found = audit_history([entry, *past], PARAMETERS)
    assert (found.exact, found.under, found.residual, found.complement) == (0, 0, 0, 0)
    assert table.history is not None
    assert found.singleton == 0 or table.history.lost_before
    assert 0 < table.pattern.withheld.sum() < len(table.system)


@pytest.fixture(scope="module")
def load() -> pa.Table:
    return establishments()


@pytest.fixture(scope="module")
def by_county(load: pa.Table) -> Entry:
    return released("WR-2026-000001", load, BY_COUNTY, [])[1]


@pytest.fixture(scope="module")
def as_qcew(load: pa.Table, by_county: Entry) -> tuple[ProtectedTable, Entry]:
    return released("WR-2026-000002", load, None, [by_county])


def test_qcew_layout_beside_a_crossed_table_gives_nothing_away(
    load: pa.Table, by_county: Entry, as_qcew: tuple[ProtectedTable, Entry]
) -> None:
    assert not audit_history([alone("WR-2026-000002", load, None), by_county], PARAMETERS).clean
    table, entry = as_qcew
    assert_safe(table, entry, [by_county])
    assert table.history is not None
    assert table.history.releases == ("WR-2026-000001",)


def test_intervals_of_qcew_layout_hold_the_values_and_earlier_releases_only_narrow_them(
    by_county: Entry, as_qcew: tuple[ProtectedTable, Entry]
) -> None:
    entry = as_qcew[1]
    alone, beside = (
        audit_history([entry, *past], PARAMETERS, intervals=True, measures=("month3", "wages")).intervals
        for past in ([], [by_county])
    )
    assert alone is not None
    assert beside is not None
    narrower = 0
    assert set(beside) == {"wages", "month3"}
    told: list[tuple[int, int]] = []
    again = intervals_beside(
        [entry, by_county], PARAMETERS, lambda *how_far: told.append(how_far), measures=("month3", "wages")
    )
    assert again == beside
    assert (told[0][0], {known for _, known in told}) == (0, {told[-1][1]})
    for name in beside:
        assert set(alone[name]) == set(np.flatnonzero(~entry.published).tolist())  # some of it was published before
        for cell, (low, high) in beside[name].items():
            least, most = alone[name][cell]
            assert least <= low <= entry.values[name][cell] <= (high or np.inf) <= (most or np.inf)
            narrower += (low, high) != (least, most)
    assert narrower > 0


def test_corrected_vintage_after_both_gives_nothing_away(
    load: pa.Table, by_county: Entry, as_qcew: tuple[ProtectedTable, Entry]
) -> None:
    after, past = corrected(load, 9), [by_county, as_qcew[1]]
    assert audit_history([alone("WR-2026-000003", after, BY_COUNTY), *past], PARAMETERS).exact > 0
    table, entry = released("WR-2026-000003", after, BY_COUNTY, past)
    assert_safe(table, entry, past)


def test_own_regions_and_supersectors_beside_counties_give_nothing_away(load: pa.Table, by_county: Entry) -> None:
    by_region = replace(BY_COUNTY, area_level="region", regions=("East=44001,44003",), industry_level=1)
    table, entry = released("WR-2026-000002", load, by_region, [by_county])
    assert {key[1:] for key in entry.keys} >= {("East", "1021"), ("REST", "102"), ("TOTAL", "TOTAL")}
    assert_safe(table, entry, [by_county])
    assert unpack(pack(entry)).design == by_region


def test_qcew_layout_does_not_depend_on_the_order_of_rows(load: pa.Table, by_county: Entry) -> None:
    one, other = (released("WR-2026-000002", rows, None, [by_county])[1] for rows in (load, shuffled(load, 1)))
    assert pack(one) == pack(other)
    assert pack(unpack(pack(one))) == pack(one)


def test_exempt_cell_is_public_and_no_reason_to_refuse(load: pa.Table) -> None:
    exempting = replace(PARAMETERS, exempt_federal=True)
    cells, entry = entered("WR-2026-000001", load, None)
    first = protect_with_history(cells, exempting, entry, [], intervals=False)
    federal = ("20161", "44007", "1", "491110", "0")
    assert first.pattern.by_key[federal] == "F"
    past = entry.with_statuses(first.pattern.by_key)
    crossed, new = entered("WR-2026-000002", load, replace(BY_COUNTY, dimensions=("area", "ownership")))
    table = protect_with_history(crossed, exempting, new, [past], intervals=False)
    assert table.pattern.by_key["20161", "44007", "1"] == "P"
    again, newest = entered("WR-2026-000003", load, None)
    later = [past, new.with_statuses(table.pattern.by_key)]
    assert protect_with_history(again, exempting, newest, later, intervals=False).audit.clean


def test_published_qcew_of_an_earlier_load_tells_what_that_load_was(load: pa.Table, by_county: Entry) -> None:
    """QCEW prints the county total of the load before the correction of one employer; so did we."""
    after = corrected(load, 1)
    _, new = entered("WR-2026-000002", after, BY_COUNTY)
    totals: dict[str, int] = {}
    for row in load.to_pylist():
        totals[row["area"]] = totals.get(row["area"], 0) + row["wages"]
    cells = {(area, "0", "10"): {"wages": total} for area, total in totals.items()}
    plain, before = published_entries(new, [by_county], {20161: cells})
    assert len(plain) == len(COUNTIES) - 1
    assert (len(before), before.keys[0][0]) == (1, "20161")
    assert before.scope == by_county.scope


def test_withheld_qcew_counts_only_where_the_table_has_all_of_it(load: pa.Table) -> None:
    retail = replace(BY_COUNTY, industries=("44",))
    cells = tabulate(load, retail)
    new = enter(cells, load, Scope("establishments", ("44",), (20161,), ("44",)), "WR-2026-000001")
    withheld = {("44001", "5", code): None for code in ("10", "44-45", "445", "722")}
    [entry] = published_entries(new, [], {20161: withheld})
    assert [key[3] for key in entry.keys] == ["445"]


# -- jobs, with flows that cannot be known without the quarters around ---------------------------------------------

FLOWS = TableDesign("wage_records", ("area",), ("wages", "accessions"))
PLAIN = TableDesign("wage_records", ("area",), ("jobs", "wages"))


def jobs(quarters: tuple[int, ...], known: tuple[int, ...]) -> pa.Table:
    """Employers of four counties; accessions are known in some of the quarters."""
    rows = [(area, "441110", f"{area}{place}", 5 + place, 9_000 + 400 * place)
            for number, area in enumerate(COUNTIES) for place in range(2 + 3 * number)]  # fmt: skip
    parts = []
    for quarter in quarters:
        table = employers(rows, quarter)
        hired = [1 + place % 3 for place in range(table.num_rows)]
        parts.append(table.append_column("accessions", pa.array(hired if quarter in known else [None] * len(hired),
                                                               pa.int64())))  # fmt: skip
    return pa.concat_tables(parts)


def of_jobs(name: str, contributions: pa.Table, design: TableDesign, quarters: tuple[int, ...]) -> tuple[Cells, Entry]:
    cells = tabulate(contributions, design)
    return cells, enter(cells, contributions, Scope("wage_records", ("44",), quarters), name)


def test_flow_that_could_not_be_known_before_is_no_change_of_the_load() -> None:
    cells, first = of_jobs("WR-2026-000001", jobs((20161,), ()), FLOWS, (20161,))
    assert first.unknown == {"accessions": ("20161",)}
    first = first.with_statuses(protect_table(cells, PARAMETERS).pattern.by_key)
    later, second = of_jobs("WR-2026-000002", jobs((20154, 20161), (20161,)), FLOWS, (20154, 20161))
    table = protect_with_history(later, PARAMETERS, second, [first])
    again = {key: status for key, status in table.pattern.by_key.items() if key[0] == "20161"}
    assert again == dict(zip(first.keys, first.statuses, strict=True))


def test_jobs_and_employers_of_the_same_records_are_the_same_lines() -> None:
    """A table of jobs that withholds other counties than one of employers gives both away."""
    plain = jobs((20161,), ()).drop_columns(["accessions"])
    cells, employed = of_jobs("WR-2026-000001", plain, PLAIN, (20161,))
    statuses = dict(protect_table(cells, PARAMETERS).pattern.by_key)
    employed = employed.with_statuses(statuses)
    flows, new = of_jobs("WR-2026-000002", jobs((20161,), (20161,)), FLOWS, (20161,))
    table = protect_with_history(flows, PARAMETERS, new, [employed])
    assert {key: status != "F" for key, status in table.pattern.by_key.items()} == {
        key: status != "F" for key, status in statuses.items()
    }
    other = {key: "S" if key[1] == "44007" else "P" if key[1] == "44001" else "F" for key in new.keys}
    if {key for key, one in other.items() if one != "F"} != {key for key, one in statuses.items() if one != "F"}:
        assert audit_history([new.with_statuses(other), employed], PARAMETERS).exact > 0


# -- moves: rows are persons, counted by where they came from ------------------------------------------------------

MOVES = TableDesign("wage_records", ("area", "origin_state"), ("moves_within",))


def movers(seed: int, more: int = 0) -> pa.Table:
    """Persons who moved into jobs of employers in four counties, from three states; `more` came from Maine."""
    draw = np.random.default_rng(seed)
    groups = [(area, origin) for area in COUNTIES for origin in ("09", "25", "44")]
    rows = [(area, "441110", f"{area}{draw.integers(6)}", 1, 1, origin)
            for area, origin in groups for _ in range(int(draw.integers(12, 40)))]  # fmt: skip
    rows += [("44003", "441110", f"44003{place % 6}", 1, 1, "25") for place in range(more)]
    table = employers([row[:5] for row in rows]).drop_columns(["jobs", "persons", "wages"])
    ones = pa.array([1] * len(rows), pa.int64())
    return (
        table.append_column("origin_state", pa.array([row[5] for row in rows]))
        .append_column("origin_industry", pa.array(["722511"] * len(rows)))
        .append_column("people", ones)
        .append_column("moves_within", ones)
    )


def of_moves(name: str, contributions: pa.Table, design: TableDesign = MOVES) -> tuple[Cells, Entry]:
    cells = tabulate(contributions, design)
    return cells, enter(cells, contributions, Scope("moves", ("44",), (20161,)), name)


def test_few_movers_more_are_not_told_by_the_difference_of_two_tables() -> None:
    cells, first = of_moves("WR-2026-000001", movers(1))
    first = first.with_statuses(protect_table(cells, PARAMETERS).pattern.by_key)
    assert all(status == "F" for status in first.statuses)
    later, second = of_moves("WR-2026-000002", movers(1, more=7))
    fresh = second.with_statuses(protect_table(later, PARAMETERS).pattern.by_key)
    assert audit_history([fresh, first], PARAMETERS).exact > 0
    table = protect_with_history(later, PARAMETERS, second, [first])
    assert table.pattern.by_key["20161", "44003", "25"] != "F"
    assert audit_history([second.with_statuses(table.pattern.by_key), first], PARAMETERS).clean
    many, third = of_moves("WR-2026-000003", movers(1, more=30))
    assert protect_with_history(many, PARAMETERS, third, [first]).pattern.by_key["20161", "44003", "25"] == "F"


def test_moves_by_origin_and_without_it_are_the_same_lines() -> None:
    _, fine = of_moves("WR-2026-000001", movers(2))
    _, coarse = of_moves("WR-2026-000002", movers(2), replace(MOVES, dimensions=("area",)))
    assert fine.lines.codes == coarse.lines.codes
    assert fine.lines.finer == ("origin_state", "origin_industry")
