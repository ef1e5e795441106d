"""The field that takes a paper."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from requests_app.forms.text import refuse_numbers_of_people
from requests_app.services.packages import documents


class PdfField(forms.FileField):
    """A PDF of bounded size, told by its content. Forms with it are sent as multipart/form-data."""

    widget = forms.FileInput(attrs={"accept": ".pdf,application/pdf"})
    default_error_messages = {"required": "Choose the PDF.", "empty": "The file is empty. Choose the PDF."}

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("help_text", "A PDF of at most 10 MB. It must not hold anybody's Social Security number.")
        super().__init__(**rest)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The upload; an error that says what to do where it is no PDF, too large, or named after a person's number."""
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            refuse_numbers_of_people(upload.name or "")
            if problem := documents.problem_of(upload):
                raise forms.ValidationError(problem)
        return upload
