"""Numbers in charts: places without a local comma, values as people read them."""

from django import template

register = template.Library()

SHORT = ((1e9, "B"), (1e6, "M"), (1e4, "K"))


@register.filter
def number(value: float) -> str:
    """A place in a drawing: always with a point, whatever the language."""
    return f"{value:g}"


@register.filter
def tick(value: float) -> str:
    """1,234; 0.5. As many decimals as there are, at most two."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


@register.filter
def short_tick(value: float) -> str:
    """12.3M where there is little room; the table has the value itself."""
    for size, letter in SHORT:
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "K" else size)
            return f"{scaled:,.1f}".removesuffix(".0") + letter
    return tick(value)


@register.simple_tag
def chart_template(kind: str) -> str:
    """The template that draws a kind of chart."""
    return f"components/charts/{kind}.html"
