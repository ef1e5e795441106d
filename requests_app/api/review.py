"""The review of a request for BLS's own programs: the desk as it stands, and what a reviewer writes on it.

Steps that need no second factor are taken through `actions/`; approving and denying are done in the browser.
"""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app import bls_review_policies as may
from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.serializers import RequestLine
from requests_app.api.talk import NUMBER
from requests_app.api.views import seen
from requests_app.forms.text import refuse_numbers_of_people
from requests_app.models import ChecklistAnswer, DataRequest
from requests_app.policies import Denied
from requests_app.review_checklist import BY_NAME as ITEMS
from requests_app.selectors.bls_review.desk import desk_of
from requests_app.services.bls_review import claims, desk
from requests_app.services.life import requests as service
from requests_app.services.sign_in.tokens import Scope
from requests_app.standing import roles_of
from requests_app.targets import due_on
from requests_app.views.people.access import person_of

FINDING = OpenApiParameter("finding_id", str, OpenApiParameter.PATH)
PLAIN: dict[str, Any] = {"max_length": 10_000, "validators": [refuse_numbers_of_people]}
ANSWERS = ChecklistAnswer.Answer.choices


class ChecklistLine(drf.Serializer[Any]):
    """An item with its newest answer; `stale` where the section changed after it."""

    item = drf.CharField(source="item.name")
    section = drf.CharField(source="item.section")
    text = drf.CharField(source="item.text")
    answer = drf.CharField(source="answer.answer", default="")
    stale = drf.BooleanField()


class Finding(drf.Serializer[Any]):
    """What was found in a section; the state reads it once the request is returned with it."""

    id = drf.CharField()
    section = drf.CharField()
    text = drf.CharField()
    must_change = drf.BooleanField()
    raised_at = drf.DateTimeField()
    raised_by = drf.CharField(source="raised_by.name")
    settled_at = drf.DateTimeField(allow_null=True)
    settled_how = drf.CharField()


class Note(drf.Serializer[Any]):
    """A note for BLS only."""

    text = drf.CharField()
    written_at = drf.DateTimeField()
    written_by = drf.CharField(source="written_by.name")


class Review(drf.Serializer[Any]):
    """Who has the review, until when, and what was written."""

    claimed_by = drf.CharField(allow_null=True)
    due_on = drf.DateField(allow_null=True)
    stated_conflict = drf.BooleanField(allow_null=True, help_text="What you stated; null: nothing yet.")
    checklist = ChecklistLine(many=True)
    findings = Finding(many=True)
    notes = Note(many=True)
    earlier = RequestLine(many=True, help_text="The agency's newest other requests.")
    similar = RequestLine(many=True, help_text="Other states' requests whose titles share words.")


class InterestSent(drf.Serializer[Any]):
    """Your statement of interest on this request."""

    has_conflict = drf.BooleanField()
    words = drf.CharField(default="", allow_blank=True, **PLAIN)


class ChecklistSent(drf.Serializer[Any]):
    """Answers by the item's name; items that are left out stay as they are."""

    answers = drf.DictField(child=drf.ChoiceField(ANSWERS))

    def validate_answers(self, answers: dict[str, str]) -> dict[str, str]:
        """Every name is an item's."""
        if unknown := sorted(set(answers) - set(ITEMS)):
            raise drf.ValidationError(f"No items of a checklist: {', '.join(unknown)}.")
        return answers


class FindingSent(drf.Serializer[Any]):
    """A finding about one section of the form."""

    section = drf.CharField(max_length=30)
    text = drf.CharField(**PLAIN)
    must_change = drf.BooleanField(default=True)


class SettledSent(drf.Serializer[Any]):
    """How a finding was settled."""

    how = drf.CharField(**PLAIN)


class NoteSent(drf.Serializer[Any]):
    """A note for BLS only."""

    text = drf.CharField(**PLAIN)


class ViabilitySent(drf.Serializer[Any]):
    """Is there enough data to produce outputs that meet the disclosure requirements, and on what the answer rests."""

    enough_data = drf.BooleanField()
    reason = drf.CharField(**PLAIN)


class Reviewing(APIView):
    """What every call of a review shares: the scope, and the desk as the answer."""

    needs_scope = Scope.REVIEW

    def answer(self, request: Request, data_request: DataRequest, status: int = 200) -> Response:
        """The desk as it stands now."""
        now = DataRequest.objects.select_related("agency", "coordinator").get(pk=data_request.pk)
        return Response(Review(_review(request, now)).data, status=status)

    def sent(self, shape: type[drf.Serializer[Any]], request: Request) -> dict[str, Any]:
        """The body, read by its shape; 400 with everything that is wrong."""
        read = shape(data=request.data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)


class OneReview(Reviewing):
    """The desk of a review."""

    @extend_schema(responses=Review)
    def get(self, request: Request, number: str) -> Response:
        """Who has the review, until when, the checklist, findings and notes."""
        return self.answer(request, seen(request, number))


class ReviewClaim(Reviewing):
    """Who has the review."""

    @extend_schema(request=None, responses={200: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Claims the review or the decision; 403 where somebody else has it."""
        data_request = seen(request, number)
        claims.claim(data_request, actor=person_of(request))  # type: ignore[arg-type]
        return self.answer(request, data_request)

    @extend_schema(responses={200: Review})
    def delete(self, request: Request, number: str) -> Response:
        """Gives it up: it waits for anybody of the role."""
        data_request = seen(request, number)
        claims.give_up(data_request, actor=person_of(request))  # type: ignore[arg-type]
        return self.answer(request, data_request)


class ReviewInterest(Reviewing):
    """The statement of interest."""

    @extend_schema(request=InterestSent, responses={200: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """States whether you have a conflict of interest; with one you lose the review at once."""
        data_request, said = seen(request, number), self.sent(InterestSent, request)
        desk.state_interest(data_request, actor=person_of(request), **said)  # type: ignore[arg-type]
        return self.answer(request, data_request)


class ReviewChecklist(Reviewing):
    """The checklist of the part that is on."""

    @extend_schema(request=ChecklistSent, responses={200: Review})
    def put(self, request: Request, number: str) -> Response:
        """Answers items of the checklist."""
        data_request, said = seen(request, number), self.sent(ChecklistSent, request)
        desk.answer_checklist(data_request, said["answers"], actor=person_of(request))  # type: ignore[arg-type]
        return self.answer(request, data_request)


class ReviewFindings(Reviewing):
    """Findings about the form."""

    @extend_schema(request=FindingSent, responses={201: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Raises a finding about one section."""
        data_request, person = seen(request, number), person_of(request)  # type: ignore[arg-type]
        may.check_reviewer(person, data_request)
        desk.raise_finding(data_request, actor=person, **self.sent(FindingSent, request))
        return self.answer(request, data_request, 201)


class ReviewFindingSettled(Reviewing):
    """The end of a finding."""

    @extend_schema(request=SettledSent, responses={200: Review}, parameters=[HEADER, NUMBER, FINDING])
    @repeatable
    def post(self, request: Request, number: str, finding_id: str) -> Response:
        """Says how a finding was settled; it stays readable."""
        data_request = seen(request, number)
        finding = get_object_or_404(data_request.findings, pk=finding_id)
        desk.settle_finding(finding, actor=person_of(request), **self.sent(SettledSent, request))  # type: ignore[arg-type]
        return self.answer(request, data_request)


class ReviewNotes(Reviewing):
    """Notes for BLS only."""

    @extend_schema(request=NoteSent, responses={201: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Writes a note for BLS only."""
        data_request, said = seen(request, number), self.sent(NoteSent, request)
        desk.write_note(data_request, actor=person_of(request), **said)  # type: ignore[arg-type]
        return self.answer(request, data_request, 201)


class ReviewViability(Reviewing):
    """The viability question."""

    @extend_schema(request=ViabilitySent, responses={200: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Answers the viability question."""
        data_request, said = seen(request, number), self.sent(ViabilitySent, request)
        service.answer_viability(data_request, actor=person_of(request), **said)  # type: ignore[arg-type]
        return self.answer(request, data_request)


def _review(request: Request, data_request: DataRequest) -> dict[str, Any]:
    person = person_of(request)  # type: ignore[arg-type]
    if not may.REVIEWERS & roles_of(person):
        raise Denied("The review is done at BLS.")
    found = desk_of(data_request, person)
    return {
        "claimed_by": found.claim.person.name if found.claim else None,
        "due_on": due_on(data_request.status, data_request.state_since),
        "stated_conflict": found.stated_conflict,
        "checklist": found.lines,
        "findings": found.findings,
        "notes": found.notes,
        "earlier": found.earlier,
        "similar": found.similar,
    }
