"""What BLS's reviewers write on the review page, and what both sides ask and answer."""

from collections.abc import Iterable
from typing import Any

from django import forms

from requests_app.forms.days import DayField
from requests_app.forms.documents import PdfField
from requests_app.forms.text import PlainTextField
from requests_app.models import ChecklistAnswer, Person, ReplyTemplate
from requests_app.selectors.bls_review.checklist import Line


class ReviewForm(forms.Form):
    """The browser checks nothing; the server says everything at once."""

    use_required_attribute = False


class HandOverForm(ReviewForm):
    """To whom, and a word to them."""

    to = forms.ChoiceField(label="Hand over to", error_messages={"required": "Choose a person."})
    note = PlainTextField(label="A word to them (optional)")

    def __init__(self, takers: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._takers = {person.public_id: person for person in takers}
        named = [(public_id, person.name) for public_id, person in self._takers.items()]
        self.fields["to"].choices = [("", "Choose"), *named]

    @property
    def taker(self) -> Person:
        """The person chosen."""
        return self._takers[self.cleaned_data["to"]]


class InterestForm(ReviewForm):
    """The statement of interest, once for each request."""

    has_conflict = forms.ChoiceField(
        label="Do you have a conflict of interest on this request?",
        help_text="For instance: you worked for this agency or on this project, or somebody close to you does.",
        choices=[("no", "No, I have none"), ("yes", "Yes, another person should do this")],
        widget=forms.RadioSelect,
        error_messages={"required": "Answer yes or no."},
    )
    words = PlainTextField(label="What it is (where you have one)")

    def clean(self) -> dict[str, Any]:
        """A conflict is said in words."""
        said = super().clean() or {}
        if said.get("has_conflict") == "yes" and not said.get("words", "").strip():
            self.add_error("words", "Say in a few words what the conflict of interest is.")
        return said


class ChecklistForm(ReviewForm):
    """Yes, no or does not apply, for each item; what is not answered yet stays open."""

    def __init__(self, lines: Iterable[Line], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            given = line.answer.answer if line.answer and not line.stale else None
            self.fields[line.item.name] = forms.ChoiceField(
                label=line.item.text,
                help_text="The section changed after the last answer. Look again." if line.stale else "",
                choices=ChecklistAnswer.Answer.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=given,
            )

    def answers(self) -> dict[str, str]:
        """What is answered, by item name."""
        return {name: answer for name, answer in self.cleaned_data.items() if answer}


class FindingForm(ReviewForm):
    """A finding about one section."""

    section = forms.ChoiceField(label="Section", error_messages={"required": "Choose a section."})
    text = PlainTextField(
        label="What you found, and what the state should do",
        rows=3,
        required=True,
        error_messages={"required": "Say what you found."},
    )
    must_change = forms.ChoiceField(
        label="How it counts",
        choices=[("yes", "It must be changed before approval"), ("no", "A remark")],
        widget=forms.RadioSelect,
        initial="yes",
    )

    def __init__(self, sections: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [("", "Choose"), *sections.items()]


class SettleForm(ReviewForm):
    """How a finding was settled."""

    finding = forms.CharField(widget=forms.HiddenInput, max_length=26)
    how = PlainTextField(
        label="How it was settled", required=True, error_messages={"required": "Say how it was settled."}
    )


class NoteForm(ReviewForm):
    """A note for BLS only."""

    text = PlainTextField(label="A new note", rows=3, required=True, error_messages={"required": "Write something."})


class QuestionForm(ReviewForm):
    """A question to the other side, about the whole request or one section."""

    section = forms.ChoiceField(label="About", required=False)
    text = PlainTextField(
        label="Your question", rows=5, required=True, error_messages={"required": "Write the question."}
    )

    def __init__(self, sections: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = [("", "The request as a whole"), *sections.items()]


class ReplyForm(ReviewForm):
    """An answer, or a word more."""

    text = PlainTextField(label="Your answer", rows=5, required=True, error_messages={"required": "Write the answer."})


class ChooseTemplateForm(ReviewForm):
    """Begins a text with a template's words."""

    template = forms.ChoiceField(label="Begin with a template")

    def __init__(self, templates: Iterable[ReplyTemplate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [("", "Choose"), *((one.pk, one.title) for one in templates)]


class TemplateForm(ReviewForm):
    """A template: its title, and its words."""

    title = PlainTextField(label="Title", required=True, max_length=80, error_messages={"required": "Give it a title."})
    text = PlainTextField(label="Words", rows=6, required=True, error_messages={"required": "Write the words."})


class EmailedFormForm(ReviewForm):
    """Whose emailed form is entered, when it came, and the form as it was sent."""

    coordinator = forms.ChoiceField(
        label="Whose request it is",
        help_text="The Project Coordinators listed in Section II.G today. Only they can sign it.",
        error_messages={"required": "Choose the coordinator."},
    )
    received_on = DayField(label="The day it came by email")
    document = PdfField(label="The form as it was sent (optional)", required=False)

    def __init__(self, coordinators: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._coordinators = {one.public_id: one for one in coordinators}
        named = [(public_id, f"{one.agency.state_name}: {one.name}") for public_id, one in self._coordinators.items()]
        self.fields["coordinator"].choices = [("", "Choose"), *named]

    @property
    def person(self) -> Person:
        """The person chosen."""
        return self._coordinators[self.cleaned_data["coordinator"]]
