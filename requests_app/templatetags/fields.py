"""Form fields and table cells in the U.S. Web Design System's markup; used by templates/components only."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from requests_app.templatetags import formats

register = template.Library()

CHECKBOX = "usa-checkbox__input"
CLASS_OF_WIDGET = {
    "checkbox": CHECKBOX,
    "textarea": "usa-textarea",
    "select": "usa-select",
    "selectmultiple": "usa-select wr-select-multiple",
    "file": "wr-file-input",
    "clearablefile": "wr-file-input",
}
FORMATS = {
    "count": formats.count,
    "money": formats.money,
    "percent": formats.percent,
}
WITHHELD = "N"


@register.simple_tag
def widget(field: BoundField, size: str = "") -> SafeString:
    """The field's control with USWDS classes; Django itself adds aria-describedby, aria-invalid and required.

    A placeholder is dropped: it vanishes on typing and is no label. `size` is a USWDS width such as "small" or "xl".
    """
    classes = [field.field.widget.attrs.get("class", ""), CLASS_OF_WIDGET.get(field.widget_type, "usa-input")]
    if field.errors and CHECKBOX not in classes:
        classes.append("usa-input--error")
    if size:
        classes.append(f"usa-input--{size}")
    return field.as_widget(attrs={"class": " ".join(filter(None, classes)), "placeholder": False})


@register.filter
def widget_parts(field: BoundField) -> list[dict[str, Any]]:
    """The parts of a field made of several controls (a date as month, day and year), as Django's widgets see them."""
    attrs = {"id": field.auto_id}
    context = field.field.widget.get_context(field.html_name, field.value(), attrs)
    parts: list[dict[str, Any]] = context["widget"]["subwidgets"]
    return parts


@register.filter
def lookup(mapping: Mapping[str, Any] | None, key: object) -> Any:
    """The value under a key that a template only knows by name; nothing where there is none."""
    return (mapping or {}).get(str(key), "")


@register.filter
def inline_svg(document: str) -> SafeString:
    """An SVG document made on this server as inline markup, so that no `data:` address is needed under the CSP."""
    return mark_safe(document[document.index("<svg") :])  # noqa: S308 (our own drawing, never a person's text)


class Cell(NamedTuple):
    """One cell of a data table: `kind` is text, figure, withheld or unavailable."""

    text: str
    kind: str


@register.filter
def cells(row: Sequence[Any], columns: Sequence[Mapping[str, Any]]) -> Iterator[Cell]:
    """A row's values as cells, by their columns' formats (text, count, money, percent, quarter, day).

    In a column of figures "N" is withheld and None is not available; both differ from zero in words and symbol.
    """
    return (_cell(value, column.get("format", "text")) for value, column in zip(row, columns, strict=True))


def _cell(value: Any, format_name: str) -> Cell:
    if format_name in FORMATS:
        if value is None:
            return Cell("\N{EN DASH}", "unavailable")
        if value == WITHHELD:
            return Cell(WITHHELD, "withheld")
        return Cell(FORMATS[format_name](value), "figure")
    if format_name == "quarter":
        return Cell(formats.quarter(value), "text")
    if format_name == "day":
        return Cell(formats.day(value), "text")
    return Cell("" if value is None else str(value), "text")
