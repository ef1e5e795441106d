"""A made-up reviewer looks a request through and finds nothing to remark, as one would by hand on the review page."""

from requests_app.models import DataRequest, Person
from requests_app.review_checklist import items_of
from requests_app.selectors.bls_review.checklist import part_of
from requests_app.services.bls_review import claims, desk
from requests_app.states import Kind


def look_through(request: DataRequest, actor: Person) -> None:
    """States no conflict of interest, claims the part that is on and answers its whole checklist with yes."""
    desk.state_interest(request, actor=actor, has_conflict=False)
    claims.claim(request, actor=actor)
    if part := part_of(request):
        answers = {item.name: "yes" for item in items_of(part, Kind(request.kind))}
        desk.answer_checklist(request, answers, actor=actor)
