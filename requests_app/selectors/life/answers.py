"""The form's answers in words, by section: for the summary before signing, the review, and two versions compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from requests_app import form
from requests_app.fips import STATE_NAMES
from requests_app.models import DataRequest, Destruction, SignedForm
from requests_app.request_rows import agents, sections
from requests_app.states import Kind
from requests_app.templatetags import formats
from requests_app.wording import (
    AREA_LEVELS,
    DIMENSIONS,
    INDUSTRY_LEVELS,
    LAYOUTS,
    OWNERSHIPS,
    SOURCES,
    TIMES,
    measure_titles,
)

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
    return [STATE_NAMES.get(fips, f"State {fips}") for fips in values]


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
    "package": (("kind", "Package type", _kind),),
    "project": (("title", "Project title", _plain),),
    "purpose": (
        ("activity", "Permitted activity", _chosen(form.ACTIVITIES)),
        ("questions", "Research questions", _plain),
        ("need", "Why wage records are needed", _plain),
        ("results_use", "Use of the results", _plain),
    ),
    "scope": (("states", "States whose records are searched", _states), ("quarters", "Quarters", _quarters)),
    "cohorts": (
        ("cohorts", "Named cohorts", _cohorts),
        ("cohort_source", "Source of the list of people", _plain),
        ("authority", "Authority to send Social Security numbers", _plain),
        ("expected_size", "Expected size", _people),
    ),
    "linkage": (
        ("links", "Linked with other data", _chosen({"yes": "Yes", "no": "No"})),
        ("linked_data", "Data linked with the records", _plain),
    ),
    "outputs": (("outputs_planned", "Outputs planned", _plain),),
    "security": (("kept_where", "Where the data will be kept", _plain),),
    "disposition": (
        ("destruction_on", "Destruction date", _day),
        ("destruction_method", "Method of destruction", _chosen(dict(Destruction.Method.choices))),
    ),
    "certify": (("certifications", "Certified", _chosen_many(form.CERTIFICATIONS)),),
}
DESIGN: tuple[tuple[str, str, Words], ...] = (
    ("layout", "Layout", lambda layout: LAYOUTS[layout or "crossed"]),
    ("source", "Source", _chosen(SOURCES)),
    ("dimensions", "Rows and columns", _chosen_many(DIMENSIONS)),
    ("area_level", "Areas by", _chosen(AREA_LEVELS)),
    ("regions", "Regions", lambda ones: [one.replace("=", ": ").replace(",", ", ") for one in ones]),
    ("industry_level", "Industries by", _chosen(INDUSTRY_LEVELS)),
    ("industries", "Only these industries", lambda codes: ", ".join(codes) or "All industries"),
    ("ownerships", "Only these owners", _chosen_many(OWNERSHIPS)),
    ("followed_from", "People found in", lambda quarter: formats.quarter(quarter) if quarter else "Not followed"),
    ("time", "Time", _chosen(TIMES)),
    ("after", "Only these quarters after the reference quarter", lambda ones: ", ".join(map(str, ones))),
    ("prices", "Price index, that of the quarter whose dollars are meant first", lambda ones: ", ".join(ones)),
    ("measures", "Measures", lambda names: _chosen_many(measure_titles())(names)),
)

# What an empty list means where one may be left empty.
EVERY = {
    "Only these industries": "All industries",
    "Only these owners": "All owners",
    "Only these quarters after the reference quarter": "All",
}
# Asked of a dimension; without it in the table they have no meaning.
LEVEL_OF = {"area_level": "area", "industry_level": "industry"}


def answers_of_section(name: str, data: Mapping[str, Any]) -> list[Answer]:
    """The section's questions with their answers; what is not answered stands there empty."""
    table = DESIGN if name == "tables" else ANSWERS.get(name, ())
    given = data.get("design", {}) if name == "tables" else data
    hidden = {key for key, dimension in LEVEL_OF.items() if dimension not in given.get("dimensions", [dimension])}
    hidden |= {"after"} if given.get("time") != "since" else set()
    hidden |= {"regions"} if given.get("area_level") != "region" or "area_level" in hidden else set()
    hidden |= {"prices"} if not given.get("prices") else set()
    return [_answer(title, given.get(key), words) for key, title, words in table if key not in hidden]


def _answer(title: str, value: Any, words: Words) -> Answer:
    if value in (None, "") or value == []:
        return Answer(title, EVERY.get(title, "") if value == [] else "")
    said = words(value)
    return Answer(title, said) if isinstance(said, str) else Answer(title, lines=said)


def agents_answer(request: DataRequest) -> list[Answer]:
    """The people section: the coordinator and the agents named on the request today."""
    rows = agents(request)
    return _people_named(request, [(row.person.name, row.may_upload) for row in rows])


def _people_named(request: DataRequest, named: list[tuple[str, bool]]) -> list[Answer]:
    agents = [f"{name}{', may upload cohort files' if may_upload else ''}" for name, may_upload in named]
    return [Answer("Coordinator", request.coordinator.name), Answer("Agents", "" if agents else "None", agents)]


def answers_by_section(request: DataRequest) -> dict[str, list[Answer]]:
    """Every section of the request's form as it is saved now, with its answers, in the form's order."""
    saved: dict[str, Any] = {section.name: section.data for section in sections(request)}
    return _by_section(request.kind, saved) | {"people": agents_answer(request)}


def signed_answers(signed: SignedForm) -> dict[str, list[Answer]]:
    """The same of a form as it was signed, with the agents named then."""
    named = [(row["name"], row["may_upload"]) for row in signed.agents]
    return _by_section(signed.kind, signed.answers) | {"people": _people_named(signed.request, named)}


def _by_section(kind: str, saved: Mapping[str, Any]) -> dict[str, list[Answer]]:
    """The people section keeps its place; it is filled in by who asks."""
    names = form.sections_of(Kind(kind) if kind else None)
    return {name: answers_of_section(name, saved.get(name, {})) for name in names}
