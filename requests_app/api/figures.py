"""The dashboards' figures, and how long steps take, as the tables that stand beside the pages' charts."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app.charts.chart import Chart
from requests_app.selectors.life.dashboards import dashboards, published
from requests_app.states import State

CHARTS = ("age", "turnaround", "states_response", "destruction", "cells", "outcomes")


class Table(drf.Serializer[Any]):
    """A chart's table: what was found in a sentence, the unit, the columns, and a row for each bar."""

    finding = drf.CharField()
    shows = drf.CharField()
    columns = drf.SerializerMethodField()
    rows = drf.ListField(child=drf.ListField(child=drf.JSONField()))

    def get_columns(self, chart: Chart) -> list[str]:
        """The columns' headings."""
        return [column["label"] for column in chart.columns]


class Late(drf.Serializer[Any]):
    """How many requests stand in a state past its target."""

    state = drf.ChoiceField([(state.value, state.label) for state in State])
    requests = drf.IntegerField()


class Dashboards(drf.Serializer[Any]):
    """What the dashboards show; null where there is nothing to show yet. `age` and `late` are of now."""

    computed_at = drf.DateTimeField(allow_null=True)
    late = drf.SerializerMethodField()
    age, turnaround, states_response, destruction, cells, outcomes = (Table(allow_null=True) for _ in CHARTS)

    @extend_schema(responses=Late(many=True))
    def get_late(self, board: Any) -> Any:
        """The states of the workflow in which requests are late."""
        return Late([{"state": state, "requests": many} for state, many in board.late], many=True).data


class HowLong(drf.Serializer[Any]):
    """The median business days of each step in the last year, over all states."""

    computed_at = drf.DateTimeField(allow_null=True)
    turnaround = Table(allow_null=True)


class DashboardFigures(APIView):
    """The dashboards."""

    @extend_schema(responses=Dashboards)
    def get(self, _request: Request) -> Response:
        """Requests by state and age, turnaround, the states' response times, destruction, disclosure outcomes."""
        return Response(Dashboards(dashboards()).data)


class PublishedTimes(APIView):
    """How long it takes."""

    @extend_schema(responses=HowLong, auth=[])
    def get(self, _request: Request) -> Response:
        """How long each step took in the last year."""
        chart, computed_at = published()
        return Response(HowLong({"turnaround": chart, "computed_at": computed_at}).data)
