"""The form as data: its sections, read into one typed value. What it still needs is said by `form_needs`."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from requests_app.models import DataRequest
from requests_app.reading import once_a_reading
from requests_app.request_rows import sections
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
    links: str = ""
    linked_data: str = ""
    outputs_planned: str = ""
    kept_where: str = ""
    destruction_on: date | None = None
    destruction_method: str = ""
    certifications: frozenset[str] = frozenset()


SECTIONS: dict[str, tuple[str, frozenset[Kind]]] = {
    "package": ("Package type", frozenset(Kind)),
    "project": ("Project title", frozenset(Kind)),
    "purpose": ("Purpose", frozenset(Kind)),
    "scope": ("States and quarters", frozenset(Kind)),
    "cohorts": ("Cohort", WITH_COHORT),
    "tables": ("Tables", frozenset({Kind.MACRO, Kind.MICRO_TO_MACRO})),
    "people": ("People", frozenset(Kind)),
    "linkage": ("Linkage to other data", frozenset({Kind.MICRO})),
    "outputs": ("Outputs planned", frozenset(Kind)),
    "security": ("Security", frozenset(Kind)),
    "disposition": ("Data disposition", frozenset({Kind.MICRO})),
    "certify": ("Certifications", frozenset(Kind)),
}


def sections_of(kind: Kind | None) -> dict[str, str]:
    """The sections a request of this kind answers, by name, with their titles; all common ones before it is chosen."""
    return {
        name: title
        for name, (title, kinds) in SECTIONS.items()
        if (kind in kinds if kind else kinds == frozenset(Kind))
    }


@once_a_reading
def read(request: DataRequest) -> RequestForm:
    """The form of `request` as saved now; what is not answered is empty."""
    saved = {section.name: section.data for section in sections(request)}
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
        destruction_on=request.destruction_on_amended or (date.fromisoformat(due) if due else None),
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
                "links",
                "linked_data",
                "outputs_planned",
                "kept_where",
                "destruction_method",
            )
        },
    )
