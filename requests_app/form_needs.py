"""What submission still needs of a form, each sentence with the question it belongs to.

Saving a section never fails on what is missing (warnings in drafts); submission needs everything (product.md).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from requests_app.form import ACTIVITIES, CERTIFICATIONS, RequestForm, read
from requests_app.models import DataRequest
from requests_app.reading import once_a_reading
from requests_app.states import WITH_COHORT, Kind


class Need(NamedTuple):
    """A sentence that says what to do, and the form's field where it is done."""

    sentence: str
    field: str


Answered = tuple[object, str, str]  # the answer, what to do without it, where


@once_a_reading
def missing(request: DataRequest, today: date) -> dict[str, list[Need]]:
    """What submission still needs, by section; sections that need nothing are absent."""
    form = read(request)
    needs = _needs_of_all(form) | (_needs_of_cohort(form) if form.kind in WITH_COHORT else {})
    if form.kind in {Kind.MACRO, Kind.MICRO_TO_MACRO}:
        needs["tables"] = _design_needs(form.design) or _followed_needs(form)
    if form.kind is Kind.MICRO:
        needs["linkage"] = list(_linkage_needs(form))
        needs["disposition"] = list(_disposition_needs(form, today))
    return {section: found for section, found in needs.items() if found}


def _open(*answers: Answered) -> list[Need]:
    return [Need(sentence, field) for answer, sentence, field in answers if not answer]


def _needs_of_all(form: RequestForm) -> dict[str, list[Need]]:
    return {
        "project": _open((form.title, "Give the project a title.", "title")),
        "purpose": _open(
            (form.activity in ACTIVITIES, "Choose one of the three permitted statistical activities.", "activity"),
            (form.questions, "Say what you want to find out.", "questions"),
            (form.need, "Say why wage records are needed.", "need"),
            (form.results_use, "Say how the results will be used and published.", "results_use"),
        ),
        "package": _open((form.kind, "Choose a package type.", "sends_people")),
        "scope": _open(
            (form.states, "Choose at least one state whose records are asked for.", "states"),
            (form.quarters, "Choose at least one quarter.", "quarters"),
        ),
        "outputs": _open((form.outputs_planned, "Say which outputs you plan.", "outputs_planned")),
        "security": _open((form.kept_where, "Say where the data will be kept (MOU Section II.F).", "kept_where")),
        "certify": [
            Need(f"Certify: {CERTIFICATIONS[name]}", "certifications")
            for name in CERTIFICATIONS
            if name not in form.certifications
        ],
    }


def _needs_of_cohort(form: RequestForm) -> dict[str, list[Need]]:
    authority = "Name the authority under which the state may send these Social Security numbers."
    needs = _open(
        (form.cohorts, "Name at least one cohort.", "name_0"),
        (form.cohort_source, "Say where the list of people comes from.", "cohort_source"),
        (form.authority, authority, "authority"),
        (form.expected_size, "Say about how many people the cohort has.", "expected_size"),
    )
    quarters = [
        Need(f"Choose the reference quarter of “{cohort.name}”.", f"quarter_{number}")
        for number, cohort in enumerate(form.cohorts)
        if not cohort.reference_quarter
    ]
    return {"cohorts": needs + quarters}


def _design_needs(design: dict[str, Any]) -> list[Need]:
    if not design:
        return [Need("Design at least one table.", "source")]
    return _open(
        (design.get("source"), "Choose what the table is made from.", "source"),
        (design.get("dimensions"), "Choose at least one row or column.", "dimensions"),
        (design.get("measures"), "Choose at least one measure.", "measures"),
    )


def _followed_needs(form: RequestForm) -> list[Need]:
    """People can be found only in a quarter whose records are read."""
    followed_from = form.design.get("followed_from") or 0
    if not followed_from or followed_from in form.quarters:
        return []
    words = "Choose the quarter in which people are found among the quarters you ask for, or ask for that quarter."
    return [Need(words, "followed_from")]


def _linkage_needs(form: RequestForm) -> Iterator[Need]:
    if form.links not in {"yes", "no"}:
        yield Need("Say whether the records will be linked with other data.", "links")
    if form.links == "yes" and not form.linked_data:
        yield Need("Name the data that the records will be linked with.", "linked_data")


def _disposition_needs(form: RequestForm, today: date) -> Iterator[Need]:
    if form.destruction_on is None:
        yield Need("Give the date by which the micro data will be destroyed.", "destruction_on")
    elif form.destruction_on <= today:
        yield Need("The destruction date must lie in the future.", "destruction_on")
    if not form.destruction_method:
        yield Need("Choose how the micro data will be destroyed.", "destruction_method")
