"""The locks under which a state's review changes: the request first, as everywhere, what is reviewed, then the row."""

from typing import TypeVar

from requests_app.models import DataRequest, Output, OutputReview
from requests_app.review_policies import Review

Kind = TypeVar("Kind", bound=Review)


def lock(review: Kind) -> Kind:
    """The review as it stands now, nobody else changing it or its request until the transaction ends."""
    DataRequest.objects.select_for_update().get(pk=review.request.pk)
    if isinstance(review, OutputReview):
        Output.objects.select_for_update().get(pk=review.output_id)
        beside = ["agency", "output__request__agency"]
    else:
        beside = ["agency", "package", "request__agency"]
    return type(review).objects.select_for_update(of=("self",)).select_related(*beside).get(pk=review.pk)  # type: ignore[return-value]
