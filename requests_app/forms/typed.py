"""A section's answers as a program sends them (JSON, as the section is kept), given to the form that people fill in.

So both ways ask the same questions, refuse the same values, and keep the same JSON.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from requests_app.forms.by_section import FORMS
from requests_app.forms.cohorts import AT_MOST
from requests_app.forms.sections import ABOUT_THE_PAGE, SectionForm
from requests_app.models import DataRequest

# Answers that are kept under another name than the fields that ask for them.
KEPT_AS = {"cohorts": "cohorts", "tables": "design", "package": "kind"}


def filled_in(
    request: DataRequest, section: str, saved: Mapping[str, Any], version: int, answers: Mapping[str, Any]
) -> SectionForm:
    """The section's form, filled in with `answers`; `ValidationError` where they have not the section's shape.

    `saved` is what the section holds now, `version` the version that was seen. What is held but not asked any more (a
    date of destruction, in a request that became one for tables) may be sent back; it is dropped.
    """
    form_class = FORMS[section]
    asked = form_class(request, saved, version)
    if unknown := sorted(_names(section, answers) - _known(section, asked) - set(saved)):
        raise ValidationError(f"This section has no answer named {', '.join(unknown)}.")
    return form_class(request, saved, version, as_typed(asked, answers, version))


def as_typed(form: SectionForm, answers: Mapping[str, Any], version: int, page: str = "") -> MultiValueDict[str, str]:
    """Kept answers, as a browser would send them; `ValidationError` where they have not the section's shape."""
    try:
        typed = _typed({**form.initial_from(answers), **_pairs(answers)})
    except (TypeError, ValueError, KeyError, AttributeError) as odd:
        raise ValidationError("The answers have not the shape of this section; read it first.") from odd
    typed["seen_version"], typed["page"], typed["turn"] = str(version), page, "0"
    return typed


def without_mistakes(form: SectionForm) -> SectionForm | None:
    """A bound form with what is impossible in it put back to what is kept; None where even that cannot be saved.

    So a mistake in one answer does not keep the others from being saved while somebody types.
    """
    kept = as_typed(form, form.saved, 0)
    wrong = {key for name in form.errors for key in [*form.data, *kept] if key == name or key.startswith(f"{name}_")}
    typed = MultiValueDict({key: form.data.getlist(key) for key in form.data if key not in wrong})
    typed.update(MultiValueDict({key: kept.getlist(key) for key in kept if key in wrong}))
    again = type(form)(form.data_request, form.saved, 0, typed)
    return again if again.is_valid() else None


def _names(section: str, answers: Mapping[str, Any]) -> set[str]:
    """The members that were sent, those of a table design among them."""
    design = answers.get("design") if section == "tables" else None
    return set(answers) | (set(design) if isinstance(design, Mapping) else set())


def _known(section: str, asked: SectionForm) -> set[str]:
    fields = {name for name in asked.fields if not name.startswith(("name_", "quarter_"))}
    return (fields | {KEPT_AS.get(section, "")}) - ABOUT_THE_PAGE


def _pairs(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Named cohorts as the pairs of fields that ask for them."""
    cohorts = answers.get("cohorts", [])
    if len(cohorts) > AT_MOST:
        raise ValidationError(f"At most {AT_MOST} cohorts can be named.")
    pairs = {}
    for number, cohort in enumerate(cohorts):
        pairs |= {f"name_{number}": cohort["name"], f"quarter_{number}": cohort.get("reference_quarter") or ""}
    return pairs


def _typed(values: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """As a browser would send it."""
    typed: MultiValueDict[str, str] = MultiValueDict()
    for name, value in values.items():
        typed.setlist(name, [_text(one) for one in (value if isinstance(value, list) else [value])])
    return typed


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str | int):
        raise TypeError
    return "" if value is None else str(value)
