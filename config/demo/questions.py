"""What is asked in the demonstration: the three sample questions of the request instructions, one for each kind.

`SMALL` asks the same kinds of questions of two quarters only, for everything that needs requests and not their answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.demo import world
from config.demo.world import Cohort
from requests_app import form
from requests_app.states import Kind


def _nobody() -> dict[str, Cohort]:
    return {}


@dataclass(frozen=True)
class Question:
    """A request of the demonstration: what it asks, of which quarters, of whom, and its table.

    `cohorts` makes the named cohorts, the same every time; their reference quarter is the first of `quarters`.
    """

    kind: Kind
    title: str
    asks: str
    quarters: tuple[int, ...]
    design: dict[str, Any] = field(default_factory=dict)
    cohorts: Callable[[], dict[str, Cohort]] = _nobody

    def answers(self) -> dict[str, dict[str, Any]]:
        """The form, by section."""
        sections: dict[str, dict[str, Any]] = {
            "project": {
                "title": self.title,
            },
            "purpose": {
                "activity": "training_evaluation",
                "questions": self.asks,
                "need": "No other source follows people across state borders.",
                "results_use": "A report to the state's workforce board.",
            },
            "package": {"kind": self.kind.value},
            "scope": {"states": list(world.ASKED), "quarters": list(self.quarters)},
            "security": {
                "kept_where": "An encrypted server inside the agency, as Section II.F asks.",
            },
            "disposition": {
                "destruction_on": (timezone.localdate() + timedelta(days=365)).isoformat(),
                "destruction_method": "purge",
            },
            "linkage": {"links": "no", "linked_data": ""},
            "outputs": {"outputs_planned": "A report with tables and charts."},
            "certify": {"certifications": list(form.CERTIFICATIONS)},
        }
        sections |= self._cohort_section() | ({"tables": {"design": self.design}} if self.design else {})
        return {name: data for name, data in sections.items() if name in form.sections_of(self.kind)}

    def _cohort_section(self) -> dict[str, dict[str, Any]]:
        named = self.cohorts()
        if not named:
            return {}
        section = {
            "cohorts": [{"name": name, "reference_quarter": self.quarters[0]} for name in named],
            "cohort_source": "The training providers' rosters.",
            "authority": "The state's workforce development act.",
            "expected_size": sum(len(cohort.ids) for cohort in named.values()),
        }
        return {"cohorts": section}


def _trained() -> dict[str, Cohort]:
    return {
        "Adult education": world.cohort("", 4000, outside="722", strangers=200, first_id=2_001, seed=2),
        "Kitchen training": world.cohort("722", 1500, strangers=80, first_id=8_001, seed=3),
    }


def _nursing_assistants() -> dict[str, Cohort]:
    return {"Nursing assistants": world.cohort("62", 800, strangers=40, first_id=1, seed=1)}


SMALL = {
    Kind.MACRO: Question(
        Kind.MACRO,
        "Retail wages by county",
        "What do people in shops earn?",
        world.QUARTERS,
        {
            "source": "wage_records",
            "dimensions": ["area", "industry"],
            "area_level": "county",
            "industry_level": 3,
            "industries": ["44-45"],
            "measures": ["jobs", "wages", "mean_wages"],
        },
    ),
    Kind.MICRO_TO_MACRO: Question(
        Kind.MICRO_TO_MACRO,
        "Where graduates of adult education and kitchen training work",
        "What do people earn, and in which state do they work?",
        world.QUARTERS,
        {
            "source": "wage_records",
            "dimensions": ["cohort", "industry"],
            "area_level": "state",
            "industry_level": 2,
            "industries": [],
            "measures": ["persons", "wages"],
        },
        _trained,
    ),
    Kind.MICRO: Question(
        Kind.MICRO,
        "Earnings of nursing assistants after training",
        "What do people earn, and in which state do they work?",
        world.QUARTERS,
        cohorts=_nursing_assistants,
    ),
}


def _nurses() -> dict[str, Cohort]:
    """Licensed in Rhode Island: most work there, some in Delaware already, some nowhere."""
    quarter = world.AROUND_THE_SHOCK[0]
    here = world.cohort("62", 3000, strangers=100, first_id=1, seed=4, quarter=quarter)
    there = world.cohort("62", 25, strangers=0, first_id=5_001, seed=5, quarter=quarter, state=world.ASKED[1])
    return {"Nurses licensed in Rhode Island": world.together(here, there)}


def _recipients() -> dict[str, Cohort]:
    """People who worked in shops and kitchens in the first of the ten years."""
    quarter = world.YEARS[0]
    shops = world.cohort("44", 500, strangers=50, first_id=1, seed=6, quarter=quarter)
    kitchens = world.cohort("722", 500, strangers=0, first_id=1_001, seed=7, quarter=quarter)
    return {"SNAP recipients of 2012": world.together(shops, kitchens)}


RETAIL = Question(
    Kind.MACRO,
    "Wage outcomes of retail workers before and after COVID-19",
    "How many jobs did retail trade have from 2019 to 2021, and what did they pay?",
    world.AROUND_THE_SHOCK,
    {
        "source": "wage_records",
        "dimensions": ["area", "industry"],
        "area_level": "state",
        "industry_level": 4,
        "industries": ["44-45"],
        "measures": ["jobs", "wages", "mean_wages", "median_wages"],
    },
)
NURSES = Question(
    Kind.MICRO_TO_MACRO,
    "Employment tenure of people licensed as nurses in Rhode Island who found work in Delaware",
    "In which state do licensed nurses work, and for how long have they been with their employer?",
    world.AROUND_THE_SHOCK[:5],
    {
        "source": "wage_records",
        "dimensions": ["cohort", "state", "tenure"],
        "area_level": "state",
        "industry_level": 2,
        "industries": [],
        "time": "since",
        "after": [1, 2, 4],
        "measures": ["persons", "earnings", "median_earnings"],
    },
    _nurses,
)
SNAP = Question(
    Kind.MICRO,
    "Wages of SNAP recipients over ten years",
    "How did the wages of people who received SNAP develop in the ten years after?",
    world.YEARS,
    cohorts=_recipients,
)
SAMPLES = (RETAIL, NURSES, SNAP)
