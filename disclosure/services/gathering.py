"""What a request's table is counted from: contributions of all employers, or the rows of people followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.measures import bases, quantiles
from disclosure.core.qcew.cells import with_sizes
from disclosure.core.tabulation.cells import Observed
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.lineage import states_in
from disclosure.selectors.releases import states_used
from disclosure.services import vintages
from matching import store
from matching.core.tabulation.flows import FLOW_COLUMNS
from matching.holdings import pins
from matching.models import Holding
from matching.models import Kind as LoadKind
from matching.services import cohort_persons, matches
from requests_app import form
from requests_app.models import DataRequest
from requests_app.services.life.jobs import JobFailed
from requests_app.states import Kind

_FINGERPRINTED = frozenset({"jobs", "wages"})  # cohorts are compared by them (services/joint_protection.py)


@dataclass(frozen=True)
class Lineage:
    """States searched, states in which contributions were found, and how many contributor rows there were."""

    searched: list[str]
    found: list[str]
    rows: int


@dataclass(frozen=True)
class Gathered:
    """Contributions by enterprise with their lineage; `observed`: single values behind percentiles, where needed."""

    contributions: pa.Table
    lineage: Lineage
    observed: Observed | None = None


def gather_steadily(request: DataRequest, design: TableDesign) -> tuple[Gathered, list[Holding]]:
    """Contributions, and the loads they were read from; matched people were found in the loads their match pinned.

    `JobFailed` where earlier tables of the request were made from other loads (services/vintages.py).
    """
    if request.kind != Kind.MACRO:
        return gather(request, design), []
    asked = form.read(request)
    from_records = design.source == "wage_records"  # with places from establishments
    kinds = list(LoadKind) if from_records else [LoadKind.ESTABLISHMENTS]
    states = states_used(request)
    made, used = pins.made_from(states, asked.quarters, kinds, lambda: gather(request, design))
    vintages.check(request, used, kinds, states)
    return made, used


def gather(request: DataRequest, design: TableDesign) -> Gathered:
    """Contributions of the universe or of people followed for macro, of the matched people for micro to macro."""
    asked = form.read(request)
    if request.kind != Kind.MACRO:
        return _matched(request, design)
    states, quarters = states_used(request), list(asked.quarters)
    contributions, observed = _macro(design, states, quarters)
    return Gathered(contributions, Lineage(states, states_in(contributions, design), contributions.num_rows), observed)


def _macro(design: TableDesign, states: list[str], quarters: list[int]) -> tuple[pa.Table, Observed | None]:
    if design.followed_from:
        return _people(design, states, quarters), None
    if design.rows == "jobs":
        return _jobs(design, states, quarters)
    if design.rows == "moves":
        return store.main_job_moves(states, quarters), None
    if design.rows == "dynamics":
        return with_sizes(store.dynamics(states, quarters), design), None
    source = cast(store.Source, design.source)
    return with_sizes(store.contributions_macro(source, states, quarters, design.industry_prefixes()), design), None


def _jobs(design: TableDesign, states: list[str], quarters: list[int]) -> tuple[pa.Table, Observed | None]:
    table, values = store.job_contributions(
        states,
        quarters,
        with_flows=bool(set(bases(design.measures)) & set(FLOW_COLUMNS)),
        with_values=bool(quantiles(design.measures)),
    )
    return table, None if values is None else Observed(values.row, {"wages": values.wages})


def _people(design: TableDesign, states: list[str], quarters: Sequence[int]) -> pa.Table:
    """Everyone found in the design's industries in its reference quarter, in each of the quarters asked for."""
    reference = design.followed_from
    if reference not in quarters:
        raise JobFailed("The quarter in which people are found is not among those asked for.")
    persons = store.people_found(states, reference, design.industry_prefixes(), design.ownerships)
    who = store.Followed(f"Found in {reference // 10} Q{reference % 10}", reference)
    tables = store.follow(persons, who, quarters, states, wanted=design.amounts | _FINGERPRINTED)
    return pa.concat_tables(cohort_persons.marked(one, persons) for one in tables)


def _matched(request: DataRequest, design: TableDesign) -> Gathered:
    """The rows of the match: persons in their files' quarters, or followed from the reference quarter on."""
    results = list(request.match_results.order_by("cohort", "quarter").select_related("file"))
    table = pa.concat_tables(matches.result_table(result) for result in results)
    followed = pc.is_valid(table["since"])
    table = table.filter(followed if design.time == "since" else pc.invert(followed))
    searched, found = matches.lineage(request)
    return Gathered(table, Lineage(searched, sorted({*found, *states_in(table, design)}), table.num_rows))
