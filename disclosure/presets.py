"""Tables that many ask for, as a start: the three sample questions of the request instructions among them.

A preset fills in the form's Tables section and saves nothing; everything in it can be changed before it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from requests_app.states import Kind
from requests_app.wording import QCEW_DESIGN


@dataclass(frozen=True)
class Preset:
    """A design under the name of the question it answers; `follows`: people of the first quarter asked for."""

    name: str
    question: str
    answer: str
    design: dict[str, Any]
    follows: bool = False

    def for_quarters(self, quarters: Sequence[int]) -> dict[str, Any]:
        """The design as the form keeps it, for a request of these quarters (YYYYQ)."""
        return self.design | ({"followed_from": min(quarters)} if self.follows and quarters else {})


def _table(dimensions: str, measures: str, **more: Any) -> dict[str, Any]:
    """A crossed table of wage records; names are separated by blanks."""
    return {
        "layout": "crossed",
        "source": "wage_records",
        "dimensions": dimensions.split(),
        "measures": measures.split(),
        "area_level": "state",
        "industry_level": 2,
        "industries": [],
        "ownerships": [],
        "time": "quarter",
        "after": [],
        **more,
    }


_ALL_WORKERS = (
    Preset(
        "industry_pay",
        "What does an industry pay, before and after something happened?",
        "Jobs, total, mean and median wages of retail trade by state and subsector, quarter by quarter.",
        _table("area industry", "jobs wages mean_wages median_wages", industry_level=3, industries=["44-45"]),
    ),
    Preset(
        "county_employment",
        "How many jobs are there, where and in what?",
        "Establishments, employment, wages and the average weekly wage by county and sector.",
        _table("area industry", "establishments employment wages avg_wkly_wage", source="establishments",
               area_level="county"),
    ),
    Preset(
        "qcew",
        "The same cells as BLS publishes",
        "The layout of QCEW: all levels of area, owner and industry, for programs that read QCEW.",
        {"layout": "qcew", **QCEW_DESIGN},
    ),
    Preset(
        "people_of_an_industry",
        "What became of the people of an industry?",
        "Everybody found in retail trade in your first quarter, followed: employed, in the same state, earnings.",
        _table("state", "persons employed_share same_state_share median_earnings", industries=["44-45"], time="since"),
        follows=True,
    ),
    Preset(
        "moves_between_states",
        "From which state to which do people move for a job?",
        "Job-to-job moves by the state of the old and of the new job, with earnings before and after.",
        _table("origin_state state", "moves stable_moves pay_before pay_after"),
    ),
    Preset(
        "hires",
        "Where are people hired, and where do they leave?",
        "Accessions, new hires, separations and their rates by sector.",
        _table("industry", "emp_beginning accessions new_hires separations hire_rate separation_rate"),
    ),
    Preset(
        "job_gains",
        "Where do employers open, grow, shrink and close?",
        "Gross job gains and losses by sector, as Business Employment Dynamics counts them.",
        _table("industry", "openings expansions closings contractions net_change job_gains_rate job_losses_rate",
               source="establishments"),
    ),
)  # fmt: skip
_COHORTS = (
    Preset(
        "licensed_elsewhere",
        "Who is licensed here and works in another state, and for how long?",
        "Each cohort one, two and four quarters after, by state of employment and quarters with the employer.",
        _table("cohort state tenure", "persons earnings median_earnings", time="since", after=[1, 2, 4]),
    ),
    Preset(
        "wioa",
        "The WIOA indicators",
        "Employment in the second and fourth quarter after exit, and median earnings.",
        _table("cohort", "persons employed_share median_earnings", time="since", after=[2, 4]),
    ),
    Preset(
        "retention",
        "Who stays with the same employer?",
        "Retention after two, four and eight quarters.",
        _table("cohort", "persons employed_share retained retained_share", time="since", after=[2, 4, 8]),
    ),
    Preset(
        "industries_entered",
        "In which industries do they find work?",
        "People of each cohort by sector of their main job, with earnings, in every quarter after.",
        _table("cohort industry", "persons earnings median_earnings", time="since"),
    ),
    Preset(
        "earnings_over_years",
        "How do their earnings develop over the years?",
        "Employed, earnings and their change against the year before, once a year for ten years.",
        _table("cohort", "persons employed_share mean_earnings median_earnings earnings_change_percent", time="since",
               after=list(range(0, 41, 4))),
    ),
)  # fmt: skip
PRESETS = {Kind.MACRO: _ALL_WORKERS, Kind.MICRO_TO_MACRO: _COHORTS}


def presets_of(kind: str) -> tuple[Preset, ...]:
    """The presets a request of this kind can start from."""
    return PRESETS.get(Kind(kind), ()) if kind else ()


def preset(kind: str, name: str) -> Preset | None:
    """The preset of this name, where such a request has it."""
    return next((one for one in presets_of(kind) if one.name == name), None)
