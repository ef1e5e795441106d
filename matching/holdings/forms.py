"""What the heat map is narrowed by, and what is compared."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from matching.holdings.heat_map import YEARS_SHOWN
from matching.holdings.looks import NOTE_LENGTH
from matching.models import Holding, Kind, Status
from requests_app.fips import STATE_NAMES
from requests_app.templatetags.formats import quarter


class HoldingFilter(forms.Form):
    """Kind, state, and years from and to; without an answer: wage records, all states, the newest years held."""

    kind = forms.ChoiceField(label="Kind of file", required=False, choices=Kind.choices)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "All states"), *sorted(STATE_NAMES.items(), key=lambda one: one[1])],
    )
    first = forms.TypedChoiceField(label="From year", required=False, coerce=int, empty_value=None)
    last = forms.TypedChoiceField(label="To year", required=False, coerce=int, empty_value=None)

    def __init__(self, asked: Any, years: Iterable[int]) -> None:
        """`years`: those in which anything is held that the person sees."""
        super().__init__(asked)
        self._years = sorted(years)
        choices = [(str(year), str(year)) for year in reversed(self._years)]
        for name, without in (("first", f"{YEARS_SHOWN} years"), ("last", "Newest")):
            self.fields[name].choices = [("", without), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The years must not end before they begin."""
        wanted: dict[str, Any] = super().clean() or {}
        first, last = wanted.get("first"), wanted.get("last")
        if first and last and last < first:
            self.add_error("last", "Choose a last year that is not before the first.")
        return wanted

    @property
    def kind_wanted(self) -> Kind:
        """The kind of file; wage records unless asked otherwise."""
        return Kind(self._answer("kind") or Kind.WAGE_RECORDS)

    @property
    def state_wanted(self) -> str:
        """FIPS code, or nothing for all."""
        return str(self._answer("state") or "")

    @property
    def years_wanted(self) -> list[int]:
        """The years from first to last; without an answer the newest that are held."""
        if not self._years:
            return []
        last = self._answer("last") or self._years[-1]
        first = self._answer("first") or max(self._years[0], last - YEARS_SHOWN + 1)
        return list(range(min(first, last), last + 1))

    def _answer(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class PublicFilter(HoldingFilter):
    """State and years; wage records, which are what is asked for."""

    kind = None


class LookForm(forms.Form):
    """What the Data Steward says about the findings, if anything."""

    note = forms.CharField(
        label="Note",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you found or did, for who looks next. Nothing confidential: no account, no person.",
    )


class ComparisonForm(forms.Form):
    """A state and a kind, then two of its loads."""

    kind = forms.ChoiceField(label="Kind of file", choices=Kind.choices)
    state = forms.ChoiceField(label="State")
    left = forms.ChoiceField(label="First load", required=False)
    right = forms.ChoiceField(label="Second load", required=False)

    def __init__(self, asked: Any, seen: QuerySet[Holding]) -> None:
        """`seen`: the holdings the person may see. Without a question the form is empty, not wrong."""
        super().__init__(asked or None)
        states = sorted(set(seen.order_by().values_list("state", flat=True)))
        self.fields["state"].choices = [(fips, STATE_NAMES.get(fips, fips)) for fips in states]  # type: ignore[attr-defined]
        self._loads = self._loads_asked(asked, seen)
        choices = [("", "Choose a load"), *((key, load_words(one)) for key, one in self._loads.items())]
        for name in ("left", "right"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not self._loads:
                self.fields[name].widget = forms.HiddenInput()

    @property
    def both(self) -> tuple[Holding, Holding] | None:
        """The two loads of a valid form, once both are chosen."""
        left, right = (self._loads.get(self.cleaned_data[name]) for name in ("left", "right"))
        return (left, right) if left and right else None

    @property
    def has_loads(self) -> bool:
        """Loads can be chosen: the state and kind are."""
        return bool(self._loads)

    @staticmethod
    def _loads_asked(asked: Any, seen: QuerySet[Holding]) -> dict[str, Holding]:
        wanted = seen.filter(state=asked.get("state", ""), kind=asked.get("kind", ""))
        return {load_key(one): one for one in wanted.order_by("-quarter", "-version")}


def load_key(holding: Holding) -> str:
    """How a load of a state and kind stands in an address."""
    return f"{holding.quarter}-{holding.version}"


def load_words(holding: Holding) -> str:
    """A load among those of its state and kind."""
    standing = "" if holding.status == Status.VISIBLE else f" ({holding.get_status_display().lower()})"
    return f"{quarter(holding.quarter)}, version {holding.version}, {holding.edition.lower()}{standing}"
