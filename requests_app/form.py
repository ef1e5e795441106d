"""The form as data: its sections, read into one typed value, and what is still missing from it.

Saving a section never fails on what is missing (warnings in drafts); submission needs everything (product.md).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from requests_app.models import DataRequest
from requests_app.states import WITH_COHORT, Kind

ACTIVITIES = {
    "training_evaluation": "Evaluate state training and education outcomes, and local-area economic analysis",
    "regional_mobility": "Examine regional mobility of the workforce across state borders",
    "state_specified": "State-specified statistical and economic analysis",
}
CERTIFICATIONS = {
    "statistical_use_only": "The data will be used for exclusively statistical purposes.",
    "no_personnel_decisions": "The data will not be linked to human-resources records to decide anyone's rights, "
    "benefits or privileges.",
    "no_sanctions": "The data will not be used for sanctions, or to decide the eligibility of programs or providers.",
}


@dataclass(frozen=True)
class NamedCohort:
    """A cohort of the form: its name is a dimension of the tables. Reference quarter 0: not given yet."""

    name: str
    reference_quarter: int


@dataclass(frozen=True)
class RequestForm:
    """The form's answers that the application acts on. Quarters are YYYYQ; states are FIPS codes."""

    kind: Kind | None
    title: str = ""
    activity: str = ""
    questions: str = ""
    need: str = ""
    results_use: str = ""
    states: tuple[str, ...] = ()
    quarters: tuple[int, ...] = ()
    cohorts: tuple[NamedCohort, ...] = ()
    cohort_source: str = ""
    authority: str = ""
    expected_size: int | None = None
    design: dict[str, Any] = field(default_factory=dict)
    kept_where: str = ""
    destruction_on: date | None = None
    destruction_method: str = ""
    certifications: frozenset[str] = frozenset()


SECTIONS: dict[str, tuple[str, frozenset[Kind]]] = {
    "project": ("Project", frozenset(Kind)),
    "package": ("Package type", frozenset(Kind)),
    "scope": ("States and quarters", frozenset(Kind)),
    "cohorts": ("Cohort", WITH_COHORT),
    "tables": ("Tables", frozenset({Kind.MACRO, Kind.MICRO_TO_MACRO})),
    "people": ("People", frozenset(Kind)),
    "security": ("Security and disposition", frozenset(Kind)),
    "certify": ("Certifications", frozenset(Kind)),
}


def sections_of(kind: Kind | None) -> dict[str, str]:
    """The sections a request of this kind answers, by name, with their titles; all common ones before it is chosen."""
    return {
        name: title
        for name, (title, kinds) in SECTIONS.items()
        if (kind in kinds if kind else kinds == frozenset(Kind))
    }


def read(request: DataRequest) -> RequestForm:
    """The form of `request` as saved now; what is not answered is empty."""
    saved = {section.name: section.data for section in request.sections.all()}
    answers = {key: value for section in saved.values() for key, value in section.items()}
    due = answers.get("destruction_on")
    return RequestForm(
        kind=Kind(request.kind) if request.kind else None,
        title=request.title,
        states=tuple(sorted(answers.get("states", ()))),
        quarters=tuple(sorted(int(quarter) for quarter in answers.get("quarters", ()))),
        cohorts=tuple(NamedCohort(c["name"], int(c["reference_quarter"] or 0)) for c in answers.get("cohorts", ())),
        design=dict(answers.get("design", {})),
        expected_size=answers.get("expected_size"),
        destruction_on=date.fromisoformat(due) if due else None,
        certifications=frozenset(answers.get("certifications", ())),
        **{
            name: str(answers.get(name, ""))
            for name in (
                "activity",
                "questions",
                "need",
                "results_use",
                "cohort_source",
                "authority",
                "kept_where",
                "destruction_method",
            )
        },
    )


def missing(request: DataRequest, today: date) -> dict[str, list[str]]:
    """What submission still needs, as sentences by section; empty sections are absent."""
    form = read(request)
    needs = _needs_of_all(form) | (_needs_of_cohort(form) if form.kind in WITH_COHORT else {})
    if form.kind in {Kind.MACRO, Kind.MICRO_TO_MACRO}:
        needs["tables"] = _design_needs(form.design)
    needs["security"] = _security_needs(form, today)
    return {section: sentences for section, sentences in needs.items() if sentences}


def _needs_of_all(form: RequestForm) -> dict[str, list[str]]:
    project = {
        "Give the project a title.": form.title,
        "Choose one of the three permitted statistical activities.": form.activity in ACTIVITIES,
        "Say what you want to find out.": form.questions,
        "Say why wage records are needed.": form.need,
        "Say how the results will be used and published.": form.results_use,
    }
    scope = {
        "Choose at least one state whose records are asked for.": form.states,
        "Choose at least one quarter.": form.quarters,
    }
    return {
        "project": [sentence for sentence, answer in project.items() if not answer],
        "package": [] if form.kind else ["Choose a package type."],
        "scope": [sentence for sentence, answer in scope.items() if not answer],
        "certify": [f"Certify: {CERTIFICATIONS[name]}" for name in CERTIFICATIONS if name not in form.certifications],
    }


def _needs_of_cohort(form: RequestForm) -> dict[str, list[str]]:
    answers = {
        "Name at least one cohort.": form.cohorts,
        "Say where the list of people comes from.": form.cohort_source,
        "Name the authority under which the state may send these Social Security numbers.": form.authority,
        "Say about how many people the cohort has.": form.expected_size,
    }
    needs = [sentence for sentence, answer in answers.items() if not answer]
    open_ones = [cohort.name for cohort in form.cohorts if not cohort.reference_quarter]
    return {"cohorts": needs + [f"Choose the reference quarter of “{name}”." for name in open_ones]}


def _design_needs(design: dict[str, Any]) -> list[str]:
    if not design:
        return ["Design at least one table."]
    answers = {
        "Choose what the table is made from.": design.get("source"),
        "Choose at least one row or column.": design.get("dimensions"),
        "Choose at least one measure.": design.get("measures"),
    }
    return [sentence for sentence, answer in answers.items() if not answer]


def _security_needs(form: RequestForm, today: date) -> list[str]:
    needs = [] if form.kept_where else ["Say where the data will be kept (MOU Section II.F)."]
    if form.kind is Kind.MICRO:
        if form.destruction_on is None:
            needs.append("Give the date by which the micro data will be destroyed.")
        elif form.destruction_on <= today:
            needs.append("The destruction date must lie in the future.")
        if not form.destruction_method:
            needs.append("Choose how the micro data will be destroyed.")
    return needs
