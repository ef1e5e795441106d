"""What is held, and who takes part, for everybody's programs: the public page's facts."""

from itertools import groupby
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matching.holdings.heat_map import STATE_NAMES
from matching.holdings.public import partners_on, released_on


class HeldState(serializers.Serializer[Any]):
    """A partner, or a state of which something is held; `quarters` (YYYYQ) are those that can be asked for."""

    state = serializers.CharField(help_text="Two-digit FIPS code.")
    name = serializers.CharField()
    is_partner = serializers.BooleanField(help_text="Its Memorandum of Understanding is in force today.")
    quarters = serializers.ListField(child=serializers.IntegerField())


class Held(APIView):
    """The holdings grid."""

    @extend_schema(responses=HeldState(many=True), auth=[])
    def get(self, _request: Request) -> Response:
        """The officially released quarters of wage records by state, and the partners of today."""
        today = timezone.localdate()
        partners = set(partners_on(today))
        held = {
            state: [one.quarter for one in rows] for state, rows in groupby(released_on(today), lambda one: one.state)
        }
        lines = [
            {
                "state": fips,
                "name": STATE_NAMES.get(fips, fips),
                "is_partner": fips in partners,
                "quarters": held.get(fips, []),
            }
            for fips in sorted(partners | set(held))
        ]
        return Response(HeldState(lines, many=True).data)
