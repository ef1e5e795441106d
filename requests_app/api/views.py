"""The calls of the API. Who may make them is said by the table of routes; what they do, by services and policies."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app import form as the_form
from requests_app import policies, standing
from requests_app.api import problems, serializers
from requests_app.api.idempotency import HEADER, repeatable
from requests_app.forms.by_section import FORMS
from requests_app.forms.filters import filter_for
from requests_app.forms.typed import filled_in
from requests_app.models import DataRequest, FormSection, Person
from requests_app.selectors.life import status
from requests_app.selectors.life.form_tasks import tasks
from requests_app.selectors.life.requests import actions, visible_to
from requests_app.services.life import requests as service
from requests_app.services.life.requests import StaleSection
from requests_app.services.packages import incidents
from requests_app.services.sign_in.tokens import Scope
from requests_app.states import Kind
from requests_app.views.people.access import person_of, seen_request


class Pages(PageNumberPagination):
    """`?page=2`; `?page_size=` up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Me(APIView):
    """Whose token it is, which roles they hold today, and what has stopped them."""

    @extend_schema(responses=serializers.Me)
    def get(self, request: Request) -> Response:
        """Whose token it is, which roles they hold today, and what has stopped them."""
        person = person_of(request)  # type: ignore[arg-type]
        facts = {
            "name": person.name,
            "email": person.email,
            "agency": person.agency,
            "roles": sorted(standing.roles_of(person)),
            "stopped_by": standing.acting_problems(person),
            "token": request.auth,
        }
        return Response(serializers.Me(facts).data)


class Requests(ListAPIView[DataRequest]):
    """The requests the person sees, and the start of a new one."""

    serializer_class = serializers.RequestLine
    pagination_class = Pages

    def get_queryset(self) -> Any:
        """What the person sees, newest first, narrowed as on the page."""
        person = person_of(self.request)  # type: ignore[arg-type]
        narrowed = filter_for(person, self.request.query_params)
        if not narrowed.is_valid():
            raise drf.ValidationError(narrowed.errors)
        return narrowed.narrow(visible_to(person))

    @extend_schema(parameters=serializers.OF_LIST)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The requests the person sees, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=None, responses={201: serializers.RequestDetail}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request) -> Response:
        """Starts a draft of the person's agency."""
        person = person_of(request)  # type: ignore[arg-type]
        started = service.start_draft(actor=person)
        place = reverse("api_request", args=[started.number])
        return Response(detail_of(started, person), status=201, headers={"Location": place})


class OneRequest(APIView):
    """Where one request stands, and what its form still needs."""

    @extend_schema(responses=serializers.RequestDetail)
    def get(self, request: Request, number: str) -> Response:
        """Where one request stands, and what its form still needs."""
        return Response(detail_of(seen(request, number), person_of(request)))  # type: ignore[arg-type]


@extend_schema(parameters=[serializers.SECTION])
class FormOfSection(APIView):
    """One section of a request's form."""

    @extend_schema(responses=serializers.Section)
    def get(self, request: Request, number: str, section: str) -> Response:
        """The answers of a section as they are kept."""
        data_request = seen(request, number)
        policies.check_read_form(person_of(request), data_request)  # type: ignore[arg-type]
        return Response(serializers.Section(kept_section(data_request, section)).data)

    @extend_schema(request=serializers.SectionSent, responses={200: serializers.Section})
    def put(self, request: Request, number: str, section: str) -> Any:
        """Saves all answers of a section; 409 where somebody saved another version meanwhile."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        policies.check_edit_form(person, data_request)
        sent = serializers.SectionSent(data=request.data)
        sent.is_valid(raise_exception=True)
        version = sent.validated_data["version"]
        answers = checked(data_request, section, sent.validated_data["answers"], version)
        try:
            saved = service.save_section(data_request, section, answers, actor=person, seen_version=version)
        except StaleSection as stale:
            return problems.problem(409, str(stale), current=serializers.Section(stale.current).data)
        return Response(serializers.Section(saved).data)


class Actions(APIView):
    """The steps the person's roles could take now."""

    @extend_schema(responses=serializers.Action(many=True))
    def get(self, request: Request, number: str) -> Response:
        """The steps the person's roles could take now, each with what stands in the way; taken in the browser."""
        data_request = seen(request, number)
        found = actions(person_of(request), data_request)  # type: ignore[arg-type]
        return Response(serializers.Action(found, many=True, context={"number": number}).data)


class Incidents(APIView):
    """Reporting a suspected breach: nothing stops it, and every token may."""

    needs_scope = Scope.READ

    @extend_schema(request=serializers.IncidentSent, responses={201: serializers.IncidentKept}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Reports a suspected breach; the request is suspended and BLS is told at once."""
        sent = serializers.IncidentSent(data=request.data)
        sent.is_valid(raise_exception=True)
        kept = incidents.report(
            actor=person_of(request),  # type: ignore[arg-type]
            request=seen(request, number),
            what_is_known=sent.validated_data["what_is_known"],
        )
        return Response(serializers.IncidentKept(kept).data, status=201)


def seen(request: Request, number: str) -> DataRequest:
    """The request that the table of routes found for this person."""
    return seen_request(request._request, number)


def detail_of(request: DataRequest, person: Person) -> Any:
    """A request with its status sentence, and its sections where the person may read them."""
    sentence = status.status_sentence(request, person, actions(person, request))
    request.status_words = f"{sentence.sentence} {sentence.detail}".strip()  # type: ignore[attr-defined]
    found = tasks(request, timezone.localdate()) if policies.can_read_form(person, request) else []
    request.section_lines = [task for task in found if task.name in FORMS]  # type: ignore[attr-defined]
    return serializers.RequestDetail(request).data


def kept_section(request: DataRequest, section: str) -> FormSection:
    """The section as it is kept, an empty one where nobody saved it; 404 where the form has none of that name."""
    if section not in FORMS or section not in the_form.sections_of(Kind(request.kind) if request.kind else None):
        raise Http404
    saved = request.sections.filter(name=section).select_related("saved_by").first()
    return saved or FormSection(request=request, name=section, version=0, saved_at=None)


def checked(request: DataRequest, section: str, answers: dict[str, Any], version: int) -> dict[str, Any]:
    """The answers as the section's form keeps them; `ValidationError` with everything that is wrong."""
    try:
        filled = filled_in(request, section, kept_section(request, section).data, version, answers)
    except ValidationError as odd:
        raise drf.ValidationError({"answers": odd.messages}) from odd
    if not filled.is_valid():
        raise drf.ValidationError(dict(filled.errors))
    kept = filled.answers()
    if answers.get("kind", kept.get("kind")) != kept.get("kind"):
        raise drf.ValidationError({"kind": "The answers lead to another package type. Send the kind alone."})
    return kept
