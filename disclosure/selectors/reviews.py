"""A state's answers to earlier packages of the same request, so that its reviewer sees what became of them."""

from dataclasses import dataclass

from requests_app.form import read
from requests_app.models import PartnerReview
from requests_app.selectors.life.titles import title


@dataclass(frozen=True)
class EarlierAnswer:
    """The state's last answer to an earlier package, with the cells it objected to in words."""

    review: PartnerReview
    cells: list[str]


def earlier_answer(review: PartnerReview) -> EarlierAnswer | None:
    """What the same state answered about the package before this one; None where it was not asked."""
    package = review.package
    earlier = PartnerReview.objects.filter(
        agency=review.agency, package__request=package.request, package__version__lt=package.version
    ).exclude(verdict=PartnerReview.Verdict.OPEN)
    last = earlier.select_related("package", "answered_by").order_by("package__version").last()
    if last is None:
        return None
    return EarlierAnswer(last, cells_in_words(last))


def cells_in_words(review: PartnerReview) -> list[str]:
    """The cells an answer objects to: "2016 Q1 · Kent County, Delaware · Food services"."""
    dimensions = ["quarter", *read(review.package.request).design.get("dimensions", [])]
    return [" · ".join(map(title, dimensions, cell)) for cell in review.cells]
