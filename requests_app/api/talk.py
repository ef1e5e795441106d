"""The shapes and calls of questions and answers about a request, and of a person's own notices."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app import bls_review_policies as may
from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.views import Pages, seen
from requests_app.form import SECTIONS
from requests_app.forms.text import refuse_numbers_of_people
from requests_app.models import Notice, Question
from requests_app.models.questions import Side
from requests_app.services.bls_review import questions as service
from requests_app.services.life import notices
from requests_app.services.sign_in.tokens import Scope
from requests_app.views.people.access import person_of

NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH)
QUESTION = OpenApiParameter("question_id", str, OpenApiParameter.PATH)


class Reply(drf.Serializer[Any]):
    """What one side wrote under a question."""

    side = drf.ChoiceField(Side.choices)
    text = drf.CharField()
    written_at = drf.DateTimeField()
    written_by = drf.CharField(source="written_by.name")


class QuestionLine(drf.Serializer[Any]):
    """A question; `waits_for` is the side that writes next, empty once the question is settled."""

    id = drf.CharField()
    section = drf.CharField(help_text="The section of the form it is about; empty: the whole request.")
    text = drf.CharField()
    asked_of = drf.ChoiceField(Side.choices)
    waits_for = drf.SerializerMethodField()
    due_on = drf.DateField()
    asked_at = drf.DateTimeField()
    asked_by = drf.CharField(source="asked_by.name")
    settled_at = drf.DateTimeField(allow_null=True)
    replies = Reply(many=True, source="replies.all")

    def get_waits_for(self, question: Question) -> str:
        """`state`, `bls`, or empty."""
        return "" if question.settled_at else question.waits_for


class TextSent(drf.Serializer[Any]):
    """Words to the other side."""

    text = drf.CharField(max_length=10_000, validators=[refuse_numbers_of_people])


class QuestionSent(TextSent):
    """A question to the other side."""

    section = drf.ChoiceField(list(SECTIONS), default="", allow_blank=True)


class NoticeLine(drf.ModelSerializer[Notice]):
    """A notice to the person; `page` is the page of the site it leads to."""

    request = drf.CharField(source="request.number", default=None, allow_null=True)
    page = drf.CharField(source="address", read_only=True)

    class Meta:
        model = Notice
        fields = ("id", "kind", "text", "request", "page", "created_at", "read_at")
        read_only_fields = fields


class Questions(APIView):
    """The questions about a request."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses=QuestionLine(many=True))
    def get(self, request: Request, number: str) -> Response:
        """Everything asked about the request, the oldest first, with its answers."""
        asked = seen(request, number).questions.select_related("asked_by").prefetch_related("replies__written_by")
        return Response(QuestionLine(asked, many=True).data)

    @extend_schema(request=QuestionSent, responses={201: QuestionLine}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Asks the other side; it is told, and has five business days."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        may.check_talk(person, data_request)
        sent = QuestionSent(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(QuestionLine(service.ask(data_request, actor=person, **sent.validated_data)).data, status=201)


class Replies(APIView):
    """The answers to a question."""

    needs_scope = Scope.REVIEW

    @extend_schema(request=TextSent, responses={201: QuestionLine}, parameters=[HEADER, NUMBER, QUESTION])
    @repeatable
    def post(self, request: Request, number: str, question_id: str) -> Response:
        """Answers a question, or adds to an answer: it is then the other side's turn."""
        asked = _question(request, number, question_id)
        sent = TextSent(data=request.data)
        sent.is_valid(raise_exception=True)
        service.reply(asked, actor=person_of(request), text=sent.validated_data["text"])  # type: ignore[arg-type]
        return Response(QuestionLine(_question(request, number, question_id)).data, status=201)


class SettleQuestion(APIView):
    """The end of a question."""

    needs_scope = Scope.REVIEW

    @extend_schema(request=None, responses={200: QuestionLine}, parameters=[HEADER, NUMBER, QUESTION])
    @repeatable
    def post(self, request: Request, number: str, question_id: str) -> Response:
        """The side that asked needs no more."""
        service.settle(_question(request, number, question_id), actor=person_of(request))  # type: ignore[arg-type]
        return Response(QuestionLine(_question(request, number, question_id)).data)


class Notices(ListAPIView[Notice]):
    """The person's inbox."""

    serializer_class = NoticeLine
    pagination_class = Pages

    def get_queryset(self) -> Any:
        """The person's notices, newest first; `?unread=true` those not read yet."""
        found = person_of(self.request).notices.select_related("request").order_by("-created_at")  # type: ignore[arg-type]
        return found.filter(read_at__isnull=True) if self.request.query_params.get("unread") == "true" else found

    @extend_schema(parameters=[OpenApiParameter("unread", bool, description="Only those not read yet.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The person's notices, newest first."""
        return super().get(request, *args, **kwargs)


class NoticeRead(APIView):
    """A notice that was read."""

    needs_scope = Scope.READ

    @extend_schema(request=None, responses={200: NoticeLine}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, notice_id: int) -> Response:
        """Marks a notice as read; one that was read before stays as it is."""
        found = person_of(request).notices.select_related("request").filter(pk=notice_id)  # type: ignore[arg-type]
        notices.mark_read(found)
        return Response(NoticeLine(get_object_or_404(found)).data)


def _question(request: Request, number: str, question_id: str) -> Question:
    data_request = seen(request, number)
    found = data_request.questions.select_related("asked_by", "settled_by").prefetch_related("replies__written_by")
    question = get_object_or_404(found, pk=question_id)
    question.request = data_request
    return question
