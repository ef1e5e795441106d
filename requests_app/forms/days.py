"""A day as month, day and year."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone


class DayWidget(forms.SelectDateWidget):
    """Choices of years around the one it is now, not the one in which the process started."""

    def __init__(self, back: int, ahead: int) -> None:
        self._back, self._ahead = back, ahead
        super().__init__(empty_label=("Year", "Month", "Day"))

    # A day is chosen, never there already: a required one starts empty too.
    is_required = property(lambda _self: False, lambda _self, _required: None)  # type: ignore[assignment]

    @property
    def years(self) -> Iterable[int]:
        """The years to choose from."""
        year = timezone.localdate().year
        return range(year - self._back, year + self._ahead + 1)

    @years.setter
    def years(self, _years: Iterable[int]) -> None:
        """Django sets them once; they are asked for anew each time."""


class DayField(forms.DateField):
    """A day within so many years back and ahead."""

    default_error_messages = {
        "required": "Give the day.",
        "invalid": "There is no such day. Choose month, day and year.",
    }

    def __init__(self, *, back: int = 1, ahead: int = 1, **rest: Any) -> None:
        super().__init__(widget=DayWidget(back, ahead), **rest)
