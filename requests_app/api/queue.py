"""BLS's queue of reviews and decisions, and from hand to hand in it; the replies BLS writes often."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app.api import serializers
from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.review import PLAIN, Review, Reviewing
from requests_app.api.views import Pages, seen
from requests_app.forms.filters import QueueFilter
from requests_app.models import DataRequest, Person
from requests_app.selectors.bls_review.desk import templates
from requests_app.selectors.bls_review.queue import Which, line_of, queue
from requests_app.services.bls_review import claims, desk, emailed
from requests_app.services.sign_in.tokens import Scope
from requests_app.views.people.access import person_of

WHICH = OpenApiParameter("which", str, enum=[one.value for one in Which if one], description="Whose; all without it.")
TEMPLATE = OpenApiParameter("template_id", str, OpenApiParameter.PATH)


class Away(drf.Serializer[Any]):
    """Until when the holder is away, and who hears what they would hear."""

    until = drf.DateField(source="ends_on")
    stand_in = serializers.Named(allow_null=True)


class QueueLine(drf.Serializer[Any]):
    """A request that waits for a review or a decision; `holder` null: nobody has claimed it."""

    request = serializers.RequestLine()
    holder = serializers.Named(allow_null=True)
    away = Away(allow_null=True)
    since = drf.DateTimeField()
    due = drf.DateField(allow_null=True)
    late = drf.BooleanField()
    open_questions = drf.IntegerField(source="questions", help_text="Asked by the state, not answered yet.")

    def to_representation(self, request: DataRequest) -> Any:
        """A request of the queue, as its line."""
        return super().to_representation(line_of(request))


class HandOverSent(drf.Serializer[Any]):
    """To whom the review goes, one of those `GET` lists, and a word to them."""

    to = drf.CharField(max_length=26)
    note = drf.CharField(default="", allow_blank=True, **PLAIN)


class ReplyTemplate(drf.Serializer[Any]):
    """Words for many replies."""

    id = drf.CharField(read_only=True)
    title = drf.CharField(**PLAIN | {"max_length": 80})
    text = drf.CharField(**PLAIN)
    written_at = drf.DateTimeField(read_only=True)
    written_by = drf.CharField(source="written_by.name", read_only=True)


class EmailedSent(drf.Serializer[Any]):
    """Whose form it is, one of those `GET` lists, and the day it came."""

    coordinator = drf.CharField(max_length=26)
    received_on = drf.DateField()


class Queue(ListAPIView[DataRequest]):
    """The queue of the person's roles."""

    serializer_class = QueueLine
    pagination_class = Pages

    def get_queryset(self) -> Any:
        """The lines asked for, narrowed as on the page, the longest waiting first."""
        person = person_of(self.request)  # type: ignore[arg-type]
        narrowed = QueueFilter(person, self.request.query_params)
        if not narrowed.is_valid():
            raise drf.ValidationError(narrowed.errors)
        return narrowed.narrow(queue(person, Which(narrowed.cleaned_data["which"])))

    @extend_schema(parameters=[*serializers.FILTERS, WHICH])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What waits for a review or a decision, who has it, since when, until when."""
        return super().get(request, *args, **kwargs)


class HandOver(Reviewing):
    """From hand to hand."""

    @extend_schema(responses=serializers.Named(many=True))
    def get(self, request: Request, number: str) -> Response:
        """Who could have the part that is on."""
        return Response(serializers.Named(claims.takers(seen(request, number)), many=True).data)

    @extend_schema(request=HandOverSent, responses={200: Review}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Gives the review to another person, or takes it over by giving it to yourself; they are told."""
        data_request, said = seen(request, number), self.sent(HandOverSent, request)
        to = _one_of(claims.takers(data_request), "to", said["to"])
        claims.hand_over(data_request, to, actor=person_of(request), note=said["note"])  # type: ignore[arg-type]
        return self.answer(request, data_request)


class ReplyTemplates(APIView):
    """The templates in use."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses=ReplyTemplate(many=True))
    def get(self, request: Request) -> Response:
        """Every template in use, by title."""
        return Response(ReplyTemplate(templates().select_related("written_by"), many=True).data)

    @extend_schema(request=ReplyTemplate, responses={201: ReplyTemplate}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request) -> Response:
        """Keeps a new one."""
        made = desk.keep_template(actor=person_of(request), **_template_sent(request))  # type: ignore[arg-type]
        return Response(ReplyTemplate(made).data, status=201)


class OneReplyTemplate(APIView):
    """One template."""

    needs_scope = Scope.REVIEW

    @extend_schema(request=ReplyTemplate, responses={200: ReplyTemplate}, parameters=[TEMPLATE])
    def put(self, request: Request, template_id: str) -> Response:
        """Puts a new version, with an `id` of its own, in its place."""
        found, person = get_object_or_404(templates(), pk=template_id), person_of(request)  # type: ignore[arg-type]
        made = desk.keep_template(actor=person, instead_of=found, **_template_sent(request))
        return Response(ReplyTemplate(made).data)

    @extend_schema(responses={204: None}, parameters=[TEMPLATE])
    def delete(self, request: Request, template_id: str) -> Response:
        """It is offered no more."""
        desk.end_template(get_object_or_404(templates(), pk=template_id), actor=person_of(request))  # type: ignore[arg-type]
        return Response(status=204)


class EmailedForms(APIView):
    """Forms that came by email."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses=serializers.Named(many=True))
    def get(self, _request: Request) -> Response:
        """The Project Coordinators listed in Section II.G today: whose form could be entered."""
        return Response(serializers.Named(emailed.listed_coordinators(), many=True).data)

    @extend_schema(request=EmailedSent, responses={201: serializers.RequestLine}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request) -> Response:
        """Begins a draft on a state's behalf. BLS fills it in; the coordinator checks and signs it in the browser."""
        sent = EmailedSent(data=request.data)
        sent.is_valid(raise_exception=True)
        whose = _one_of(list(emailed.listed_coordinators()), "coordinator", sent.validated_data["coordinator"])
        actor, day = person_of(request), sent.validated_data["received_on"]  # type: ignore[arg-type]
        made = emailed.enter(whose, actor=actor, received_on=day)
        return Response(serializers.RequestLine(made).data, status=201)


def _one_of(people: list[Person], field: str, public_id: str) -> Person:
    for person in people:
        if person.public_id == public_id:
            return person
    raise drf.ValidationError({field: "Choose one of those that a GET of this address lists."})


def _template_sent(request: Request) -> dict[str, Any]:
    sent = ReplyTemplate(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
