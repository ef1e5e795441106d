"""Free text that people type into a request."""

import re

from django import forms
from django.core.exceptions import ValidationError

LOOKS_LIKE_SSN = re.compile(r"(?<!\d)\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)")


def refuse_numbers_of_people(text: str) -> None:
    """Refuses what looks like a Social Security number, without repeating it."""
    if LOOKS_LIKE_SSN.search(text):
        raise ValidationError(
            "This looks like a Social Security number. Take it out: cohort files are their only place."
        )


class PlainTextField(forms.CharField):
    """A line or a paragraph; never required while drafting, never holding a Social Security number."""

    default_validators = [refuse_numbers_of_people]

    def __init__(self, *, rows: int = 0, required: bool = False, **rest: object) -> None:
        if rows:
            rest.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(required=required, **rest)  # type: ignore[arg-type]
