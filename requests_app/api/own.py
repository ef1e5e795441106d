"""What is a person's own: saved views of the list, how they hear of things, and the days they are away."""

from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.serializers import Named
from requests_app.forms.filters import filter_for
from requests_app.models import Absence, Person
from requests_app.models.notices import NoticeKind, Way
from requests_app.services.life import requests as service
from requests_app.services.people import absences
from requests_app.services.sign_in.tokens import Scope
from requests_app.views.people.access import person_of

LIST = "requests"
VIEW = OpenApiParameter("view_id", str, OpenApiParameter.PATH)
ABSENCE = OpenApiParameter("absence_id", str, OpenApiParameter.PATH)
CHOSEN = [kind for kind in NoticeKind if kind is not NoticeKind.ALERT]


class SavedView(drf.Serializer[Any]):
    """A question to the list of requests; `query` goes behind the `?` of `GET /requests`."""

    id = drf.CharField(read_only=True)
    name = drf.CharField(max_length=60)
    query = drf.CharField(max_length=300, allow_blank=True, help_text="For instance: state=draft&kind=micro")
    saved_at = drf.DateTimeField(read_only=True)


class NoticeChoices(drf.Serializer[Any]):
    """For each kind of notice, how it comes; incidents and suspensions always come by email at once."""

    work, reminder, talk, news = (drf.ChoiceField(Way.choices, help_text=kind.label) for kind in CHOSEN)


class AbsenceLine(drf.Serializer[Any]):
    """Days on which the person is away, both included, and who stands in."""

    id = drf.CharField()
    starts_on = drf.DateField()
    ends_on = drf.DateField()
    stand_in = Named(allow_null=True)


class Absences(drf.Serializer[Any]):
    """The person's absences of today and later, and who of their agency could stand in."""

    absences = AbsenceLine(many=True)
    colleagues = Named(many=True)


class AbsenceSent(drf.Serializer[Any]):
    """A new absence; `stand_in` is one of `colleagues`, who then hears what the person would hear."""

    starts_on = drf.DateField()
    ends_on = drf.DateField()
    stand_in = drf.CharField(default="", allow_blank=True, max_length=26)


class SavedViews(APIView):
    """The person's saved views."""

    needs_scope = Scope.READ

    @extend_schema(responses=SavedView(many=True))
    def get(self, request: Request) -> Response:
        """The views you keep of the list of requests, by name."""
        kept = person_of(request).saved_views.filter(page=LIST)  # type: ignore[arg-type]
        return Response(SavedView(kept, many=True).data)

    @extend_schema(request=SavedView, responses={201: SavedView}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request) -> Response:
        """Keeps a question to the list under a name; a name used before gets the new question."""
        person = person_of(request)  # type: ignore[arg-type]
        sent = SavedView(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = filter_for(person, QueryDict(sent.validated_data["query"]))
        if not asked.is_valid():
            raise drf.ValidationError({"query": dict(asked.errors)})
        kept = service.save_view(person, LIST, **sent.validated_data, now=timezone.now())
        return Response(SavedView(kept).data, status=201)


class OneSavedView(APIView):
    """One saved view."""

    needs_scope = Scope.READ

    @extend_schema(responses={204: None}, parameters=[VIEW])
    def delete(self, request: Request, view_id: str) -> Response:
        """The view is kept no more."""
        get_object_or_404(person_of(request).saved_views, pk=view_id).delete()  # type: ignore[arg-type]
        return Response(status=204)


class OwnNoticeChoices(APIView):
    """How the person hears of things."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses=NoticeChoices)
    def get(self, request: Request) -> Response:
        """How each kind of notice comes to you; on the site every one stands."""
        return Response(_ways(person_of(request)))  # type: ignore[arg-type]

    @extend_schema(request=NoticeChoices, responses=NoticeChoices)
    def put(self, request: Request) -> Response:
        """Chooses a way for every kind."""
        person, sent = person_of(request), NoticeChoices(data=request.data)  # type: ignore[arg-type]
        sent.is_valid(raise_exception=True)
        absences.choose_ways(dict(sent.validated_data), actor=person)
        return Response(_ways(person))


class OwnAbsences(APIView):
    """When the person is away."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses=Absences)
    def get(self, request: Request) -> Response:
        """Your absences of today and later, and who could stand in for you."""
        person = person_of(request)  # type: ignore[arg-type]
        coming = person.absences.filter(taken_back_at__isnull=True, ends_on__gte=timezone.localdate())
        found = {"absences": coming.select_related("stand_in"), "colleagues": absences.possible_stand_ins(person)}
        return Response(Absences(found).data)

    @extend_schema(request=AbsenceSent, responses={201: AbsenceLine}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request) -> Response:
        """Announces an absence; whoever stands in hears what you would hear, and gets no right of yours."""
        person, sent = person_of(request), AbsenceSent(data=request.data)  # type: ignore[arg-type]
        sent.is_valid(raise_exception=True)
        said = dict(sent.validated_data)
        said["stand_in"] = _colleague(person, said["stand_in"])
        return Response(AbsenceLine(absences.announce(actor=person, **said)).data, status=201)


class OneAbsence(APIView):
    """One absence."""

    needs_scope = Scope.REVIEW

    @extend_schema(responses={204: None}, parameters=[ABSENCE])
    def delete(self, request: Request, absence_id: str) -> Response:
        """You are not away after all, or are back early."""
        person = person_of(request)  # type: ignore[arg-type]
        absences.take_back(get_object_or_404(Absence, pk=absence_id, person=person), actor=person)
        return Response(status=204)


def _ways(person: Person) -> dict[str, str]:
    chosen = dict(person.notice_choices.values_list("kind", "way"))
    return {kind.value: chosen.get(kind, Way.AT_ONCE.value) for kind in CHOSEN}


def _colleague(person: Person, public_id: str) -> Person | None:
    if not public_id:
        return None
    found = absences.possible_stand_ins(person).filter(public_id=public_id).first()
    if found is None:
        raise drf.ValidationError({"stand_in": "Nobody of your agency. `colleagues` lists who could stand in."})
    return found
