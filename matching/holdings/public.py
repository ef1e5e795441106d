"""What is held, for everybody: the officially released quarters of wage records, and the states that are partners."""

from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from matching.holdings.forms import PublicFilter
from matching.holdings.heat_map import heat_map
from matching.holdings.visibility import before_release
from matching.models import Holding, Kind, Status
from requests_app.fips import STATE_NAMES
from requests_app.models import Mou
from requests_app.standing import in_force


def public_holdings(request: HttpRequest) -> HttpResponse:
    """State by quarter, the same whoever looks: nothing before its official release, nothing of how good a load is."""
    today = timezone.localdate()
    held = list(released_on(today))
    narrowed = PublicFilter(request.GET, {one.quarter // 10 for one in held})
    chosen = [one for one in held if narrowed.state_wanted in {"", one.state}]
    partners = partners_on(today)
    context = {
        "filter": narrowed,
        "narrowed": bool(request.GET),
        "map": heat_map(chosen, narrowed.years_wanted, [] if narrowed.state_wanted else partners, today=today),
        "kind": Kind.WAGE_RECORDS,
        "partners": sorted(STATE_NAMES.get(fips, fips) for fips in partners),
    }
    return render(request, "public/holdings.html", context)


def released_on(today: date) -> QuerySet[Holding]:
    """The wage records in use whose quarter is officially released, by state and quarter."""
    released = Holding.objects.filter(status=Status.VISIBLE, kind=Kind.WAGE_RECORDS).exclude(before_release(today))
    return released.order_by("state", "quarter")


def partners_on(today: date) -> list[str]:
    """FIPS codes of the states whose MOU is in force."""
    found = Mou.objects.filter(in_force(today, "effective_on", "ends_on"), agency__fips__isnull=False)
    return sorted(set(found.values_list("agency__fips", flat=True)))
