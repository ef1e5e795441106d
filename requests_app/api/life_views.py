"""Calls about a request beside its form: its agents, a copy of it, its amendments."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app import policies
from requests_app.api import serializers
from requests_app.api.idempotency import HEADER, repeatable
from requests_app.api.views import detail_of, seen
from requests_app.forms.amendments import AmendmentForm
from requests_app.forms.people import agents_to_name
from requests_app.models import DataRequest
from requests_app.selectors.form.amendments import amendments_read_by
from requests_app.services.form import amendments
from requests_app.services.form.cloning import clone_request
from requests_app.services.life import requests as service
from requests_app.views.people.access import person_of


class Agents(APIView):
    """The agents named on a request."""

    @extend_schema(responses=serializers.Agents)
    def get(self, request: Request, number: str) -> Response:
        """The agents named on the request, and those of the agency who could be."""
        return Response(serializers.Agents(_agents(seen(request, number))).data)

    @extend_schema(request=serializers.AgentsSent, responses=serializers.Agents)
    def put(self, request: Request, number: str) -> Response:
        """Names exactly these agents while the form is being written; whoever is left out is taken off."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        policies.check_edit_form(person, data_request)
        sent = serializers.AgentsSent(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = {row["person"]: row["may_upload"] for row in sent.validated_data["agents"]}
        named = {row.person.public_id: row for row in _named(data_request)}
        known = {one.public_id: one for one in agents_to_name(data_request)}
        if unknown := sorted(set(wanted) - set(named) - set(known)):
            raise drf.ValidationError({"agents": f"Not an agent of your agency: {', '.join(unknown)}."})
        for key, row in named.items():
            if key not in wanted:
                service.remove_agent(row, actor=person)
        for key, may_upload in wanted.items():
            one = named[key].person if key in named else known[key]
            service.name_agent(data_request, one, actor=person, may_upload=may_upload)
        return Response(serializers.Agents(_agents(data_request)).data)


class Clone(APIView):
    """A new draft from an earlier request."""

    @extend_schema(request=None, responses={201: serializers.RequestDetail}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Starts a draft with this request's answers and agents; certifications are made anew."""
        person = person_of(request)  # type: ignore[arg-type]
        made = clone_request(seen(request, number), actor=person)
        place = reverse("api_request", args=[made.number])
        return Response(detail_of(made, person), status=201, headers={"Location": place})


class Amendments(APIView):
    """What was asked to be added to an approved request."""

    @extend_schema(responses=serializers.Amendment(many=True))
    def get(self, request: Request, number: str) -> Response:
        """The amendments of the request, the oldest first."""
        found = amendments_read_by(person_of(request), seen(request, number))  # type: ignore[arg-type]
        return Response(serializers.Amendment(found, many=True).data)

    @extend_schema(request=serializers.AmendmentSent, responses={201: serializers.Amendment}, parameters=[HEADER])
    @repeatable
    def post(self, request: Request, number: str) -> Response:
        """Drafts an amendment; a person signs it in the browser."""
        person, data_request = person_of(request), seen(request, number)  # type: ignore[arg-type]
        policies.check_amend(person, data_request)
        sent = serializers.AmendmentSent(data=request.data)
        sent.is_valid(raise_exception=True)
        form = AmendmentForm(data_request, sent.validated_data)
        if not form.is_valid():
            raise drf.ValidationError(dict(form.errors))
        reason = form.cleaned_data["reason"]
        made = amendments.draft_amendment(data_request, actor=person, changes=form.changes(), reason=reason)
        return Response(serializers.Amendment(made).data, status=201)


def _named(request: DataRequest) -> Any:
    return request.agents.filter(removed_at__isnull=True).select_related("person", "request").order_by("person__name")


def _agents(request: DataRequest) -> dict[str, Any]:
    named = [
        {"person": row.person.public_id, "name": row.person.name, "may_upload": row.may_upload}
        for row in _named(request)
    ]
    return {"agents": named, "could_be_named": agents_to_name(request)}
