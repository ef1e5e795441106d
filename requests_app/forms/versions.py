"""Which two versions of a form are compared."""

from typing import Any

from django import forms


class CompareForm(forms.Form):
    """`choices`: the versions' keys and words, the oldest first. The last two are compared unless others are asked."""

    use_required_attribute = False
    before = forms.ChoiceField(label="Before", required=False)
    after = forms.ChoiceField(label="After", required=False)

    def __init__(self, choices: list[tuple[str, str]], asked: Any) -> None:
        keys = [key for key, _ in choices]
        wanted = {"before": asked.get("before"), "after": asked.get("after")}
        self.chosen = {
            name: key if key in keys else keys[place]
            for (name, key), place in zip(wanted.items(), (-2, -1), strict=True)
        }
        super().__init__(initial=self.chosen)
        for name in self.chosen:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
