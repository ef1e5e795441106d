"""The signed versions of a form, as answers and as a PDF, and the steps that need no second factor."""

import json
from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as drf
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.serializers import RequestDetail
from requests_app.api.views import detail_of, seen
from requests_app.forms.steps import StepForm
from requests_app.papers.form_paper import form_paper
from requests_app.papers.paper import CONTENT_TYPE, pdf_of
from requests_app.policies import Denied, check_role
from requests_app.selectors.form.versions import versions_of
from requests_app.selectors.life.requests import get_visible
from requests_app.selectors.life.steps import FRESH_FACTOR, OWN_PAGE, WHAT_HAPPENS, find_action
from requests_app.services.life import workflow
from requests_app.services.sign_in.tokens import Scope
from requests_app.states import BY_NAME
from requests_app.views.people.access import person_of

IN_BROWSER = frozenset({*FRESH_FACTOR, *OWN_PAGE})
BY_PROGRAM = sorted(set(WHAT_HAPPENS) - IN_BROWSER)
TRANSITION = OpenApiParameter("transition", str, OpenApiParameter.PATH, enum=sorted(WHAT_HAPPENS))
VERSION = OpenApiParameter("version", str, description="A version's key; without it the newest you may read.")


class VersionAnswer(drf.Serializer[Any]):
    """One question in short, and its answer in words."""

    question = drf.CharField(source="key")
    answer = drf.CharField(source="value")
    lines = drf.ListField(child=drf.CharField())


class VersionSection(drf.Serializer[Any]):
    """A section of a version."""

    section = drf.CharField()
    answers = VersionAnswer(many=True)


class Version(drf.Serializer[Any]):
    """The form as it was signed, or with the key `now` as it is saved while it is being written."""

    key = drf.CharField()
    words = drf.CharField()
    sha256 = drf.CharField(source="signed.sha256", default=None, allow_null=True)
    signed_at = drf.DateTimeField(source="signed.signed_at", default=None, allow_null=True)
    sections = drf.SerializerMethodField()

    @extend_schema(responses=VersionSection(many=True))
    def get_sections(self, version: Any) -> Any:
        """Every section with its answers, in the form's order."""
        rows = [{"section": name, "answers": answers} for name, answers in version.answers.items()]
        return VersionSection(rows, many=True).data


class StepSent(drf.Serializer[Any]):
    """What a step is taken with."""

    reason = drf.CharField(default="", allow_blank=True, max_length=10_000, help_text="Needed where the step says so.")
    package_sha256 = drf.CharField(
        default="", allow_blank=True, max_length=64, help_text="Of the package a step about a package is about."
    )


class Versions(APIView):
    """The versions of a form."""

    @extend_schema(responses=Version(many=True))
    def get(self, request: Request, number: str) -> Response:
        """Every version you may read, the oldest first."""
        found = versions_of(seen(request, number), person_of(request))  # type: ignore[arg-type]
        return Response(Version(found, many=True).data)


class Pdf(BaseRenderer):
    """Bytes that are a PDF already; a refusal is JSON as everywhere."""

    media_type = CONTENT_TYPE
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """As it is."""
        return data if isinstance(data, bytes) else json.dumps(data).encode()


class FormPdf(APIView):
    """The form as a tagged PDF."""

    renderer_classes = (Pdf, JSONRenderer)

    @extend_schema(responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY}, parameters=[VERSION])
    def get(self, request: Request, number: str) -> HttpResponse:
        """One version with the history of decisions; 404 where you may read none yet."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        key = request.query_params.get("version", "")
        wanted = [version for version in versions_of(data_request, person) if key in ("", version.key)]
        if not wanted:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="{number}-form-{wanted[-1].key}.pdf"'}
        paper = pdf_of(form_paper(data_request, wanted[-1], person))
        return HttpResponse(paper, content_type=CONTENT_TYPE, headers=headers)


class TakeStep(APIView):
    """One step of the request."""

    needs_scope = Scope.REVIEW

    @extend_schema(request=StepSent, responses={200: RequestDetail}, parameters=[HEADER, TRANSITION])
    @repeatable
    def post(self, request: Request, number: str, transition: str) -> Response:
        """Takes a step that needs no second factor; 403 with the page for one that a person takes in the browser."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        if transition not in WHAT_HAPPENS:
            raise Http404
        if transition in IN_BROWSER:
            raise Denied(f"A person takes the step “{BY_NAME[transition].label}” in the browser. See `actions`.")
        sent = StepSent(data=request.data)
        sent.is_valid(raise_exception=True)
        action = find_action(person, data_request, transition)
        if action is None:
            check_role(person, data_request, BY_NAME[transition])
            raise workflow.Conflict(f"{number} is now “{data_request.status.label}”: this step no longer applies.")
        form = StepForm(action.transition, sent.validated_data)
        if not form.is_valid():
            raise drf.ValidationError(dict(form.errors))
        workflow.transition(
            data_request, transition, actor=person, reason=form.cleaned_data["reason"], facts=form.facts()
        )
        return Response(detail_of(get_visible(person, number), person))
