"""The versions of a request's form that somebody may read, and two of them side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

from requests_app import policies
from requests_app.form import SECTIONS
from requests_app.models import DataRequest, Person, SignedForm
from requests_app.selectors.life.answers import Answer, answers_by_section, signed_answers
from requests_app.templatetags.formats import moment

NOW = "now"
BEING_WRITTEN = frozenset({"draft", "returned"})


@dataclass(frozen=True)
class FormVersion:
    """One version: its key in addresses, what it is in words, its answers by section, and its signature."""

    key: str
    words: str
    answers: dict[str, list[Answer]]
    signed: SignedForm | None = None


@dataclass(frozen=True)
class ComparedAnswer:
    """One question in both versions; an answer that one of them does not have is None."""

    key: str
    before: Answer | None
    after: Answer | None

    @property
    def differs(self) -> bool:
        """True where the answers are not the same."""
        return self.before != self.after


@dataclass(frozen=True)
class ComparedSection:
    """A section with its questions in both versions."""

    name: str
    title: str
    rows: list[ComparedAnswer]

    @property
    def changes(self) -> int:
        """How many answers differ."""
        return sum(row.differs for row in self.rows)


def versions_of(request: DataRequest, reader: Person) -> list[FormVersion]:
    """Every signed form, the oldest first; for its writers also the form as it is saved while it is being written."""
    found = [
        FormVersion(
            str(signed.number),
            f"Version {signed.number}, signed {moment(signed.signed_at)} by {signed.signed_by.name}",
            signed_answers(signed),
            signed,
        )
        for signed in request.signed_forms.select_related("signed_by", "request__coordinator")
    ]
    if request.state in BEING_WRITTEN and policies.can_read_form(reader, request):
        found.append(FormVersion(NOW, "As it is saved now, not signed", answers_by_section(request)))
    return found


def compared(before: FormVersion, after: FormVersion) -> list[ComparedSection]:
    """Both versions section by section, in the form's order; a section of one version only is there too."""
    names = [name for name in SECTIONS if name in before.answers or name in after.answers]
    return [
        ComparedSection(name, SECTIONS[name][0], _rows(before.answers.get(name, []), after.answers.get(name, [])))
        for name in names
    ]


def _rows(before: Iterable[Answer], after: Iterable[Answer]) -> list[ComparedAnswer]:
    ours, theirs = {row.key: row for row in before}, {row.key: row for row in after}
    return [ComparedAnswer(key, ours.get(key), theirs.get(key)) for key in dict.fromkeys([*ours, *theirs])]
