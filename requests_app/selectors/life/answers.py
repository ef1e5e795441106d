"""The form's answers in words, by section: for the summary before signing, the review, and two versions compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from requests_app import form
from requests_app.models import Agency, DataRequest, Destruction, FormSection
from requests_app.states import Kind
from requests_app.templatetags import formats
from requests_app.wording import AREA_LEVELS, DIMENSIONS, INDUSTRY_LEVELS, LAYOUTS, SOURCES, TIMES, measure_titles

Words = Callable[[Any], "str | list[str]"]


@dataclass(frozen=True)
class Answer:
    """One row of a summary: the question in short, and its answer as text or lines."""

    key: str
    value: str = ""
    lines: list[str] = field(default_factory=list)


def _plain(value: Any) -> str:
    return str(value)


def _chosen(choices: Mapping[str, str]) -> Words:
    return lambda value: choices.get(str(value), str(value))


def _chosen_many(choices: Mapping[str, str]) -> Words:
    return lambda values: [choices.get(str(value), str(value)) for value in values]


def _kind(value: Any) -> str:
    return Kind(value).label


def _states(values: Any) -> list[str]:
    names = dict(Agency.objects.filter(fips__in=values).values_list("fips", "state_name"))
    return [names.get(fips, f"State {fips}") for fips in values]


def _quarters(values: Any) -> str:
    return formats.quarters(map(int, values))


def _day(value: Any) -> str:
    return formats.day(date.fromisoformat(value))


def _cohorts(values: Any) -> list[str]:
    return [
        f"{cohort['name']}, reference quarter {formats.quarter(cohort['reference_quarter']) or 'not given yet'}"
        for cohort in values
    ]


def _people(value: Any) -> str:
    return formats.count_of(int(value), "person,people")


ANSWERS: dict[str, tuple[tuple[str, str, Words], ...]] = {
    "project": (
        ("title", "Project title", _plain),
        ("activity", "Permitted activity", _chosen(form.ACTIVITIES)),
        ("questions", "Research questions", _plain),
        ("need", "Why wage records are needed", _plain),
        ("results_use", "Use of the results", _plain),
    ),
    "package": (("kind", "Package type", _kind),),
    "scope": (("states", "States whose records are searched", _states), ("quarters", "Quarters", _quarters)),
    "cohorts": (
        ("cohorts", "Named cohorts", _cohorts),
        ("cohort_source", "Source of the list of people", _plain),
        ("authority", "Authority to send Social Security numbers", _plain),
        ("expected_size", "Expected size", _people),
    ),
    "security": (
        ("kept_where", "Where the data will be kept", _plain),
        ("destruction_on", "Destruction date", _day),
        ("destruction_method", "Method of destruction", _chosen(dict(Destruction.Method.choices))),
    ),
    "certify": (("certifications", "Certified", _chosen_many(form.CERTIFICATIONS)),),
}
MICRO_ONLY = {"destruction_on", "destruction_method"}
DESIGN: tuple[tuple[str, str, Words], ...] = (
    ("layout", "Layout", lambda layout: LAYOUTS[layout or "crossed"]),
    ("source", "Source", _chosen(SOURCES)),
    ("dimensions", "Rows and columns", _chosen_many(DIMENSIONS)),
    ("area_level", "Areas by", _chosen(AREA_LEVELS)),
    ("industry_level", "Industries by", _chosen(INDUSTRY_LEVELS)),
    ("industries", "Only these industries", lambda codes: ", ".join(codes) or "All industries"),
    ("followed_from", "People found in", lambda quarter: formats.quarter(quarter) if quarter else "Not followed"),
    ("time", "Time", _chosen(TIMES)),
    ("measures", "Measures", lambda names: _chosen_many(measure_titles())(names)),
)

# Asked of a dimension; without it in the table they have no meaning.
LEVEL_OF = {"area_level": "area", "industry_level": "industry"}


def answers_of_section(name: str, data: Mapping[str, Any], kind: str = "") -> list[Answer]:
    """The section's questions with their answers; what is not answered stands there empty."""
    table = DESIGN if name == "tables" else ANSWERS.get(name, ())
    given = data.get("design", {}) if name == "tables" else data
    hidden = set() if kind in ("", Kind.MICRO) else set(MICRO_ONLY)
    hidden |= {key for key, dimension in LEVEL_OF.items() if dimension not in given.get("dimensions", [dimension])}
    return [_answer(title, given.get(key), words) for key, title, words in table if key not in hidden]


def _answer(title: str, value: Any, words: Words) -> Answer:
    if value in (None, "") or value == []:
        return Answer(title, "All industries" if title == "Only these industries" and value == [] else "")
    said = words(value)
    return Answer(title, said) if isinstance(said, str) else Answer(title, lines=said)


def agents_answer(request: DataRequest) -> list[Answer]:
    """The people section: the coordinator and the agents named on the request today."""
    rows = request.agents.filter(removed_at__isnull=True).select_related("person").order_by("person__name")
    agents = [f"{row.person.name}{', may upload cohort files' if row.may_upload else ''}" for row in rows]
    return [Answer("Coordinator", request.coordinator.name), Answer("Agents", "" if agents else "None", agents)]


def answers_by_section(request: DataRequest) -> dict[str, list[Answer]]:
    """Every section of the request's form with its answers, in the form's order."""
    saved: dict[str, FormSection] = {section.name: section for section in request.sections.all()}
    names = form.sections_of(Kind(request.kind) if request.kind else None)
    return {
        name: agents_answer(request)
        if name == "people"
        else answers_of_section(name, saved[name].data if name in saved else {}, request.kind)
        for name in names
    }
