"""Cohort files, and holdings: the heat map and the pages of loads."""

from django.urls import include, path

from matching.holdings import load_views
from matching.holdings.api import Held
from matching.holdings.public import public_holdings
from matching.holdings.views import holding_list
from matching.match_report.views import match_report

urlpatterns = [
    path("", include("matching.cohorts.urls")),
    path("requests/<str:number>/match/", match_report, name="match_report"),
    path("held/", public_holdings, name="public_holdings"),
    path("api/v1/held", Held.as_view(), name="api_held"),
    path("holdings/", holding_list, name="holding_list"),
    path("holdings/compare/", load_views.compare_loads, name="compare_loads"),
    path("holdings/<str:fips>/<int:quarter>/", load_views.holding, name="holding"),
    path("holdings/<str:fips>/<int:quarter>/<slug:kind>/<int:version>/", load_views.load, name="load"),
    path(
        "holdings/<str:fips>/<int:quarter>/<slug:kind>/<int:version>/look/",
        load_views.look_at_load,
        name="look_at_load",
    ),
    path(
        "holdings/<str:fips>/<int:quarter>/<slug:kind>/<int:version>/rejects/",
        load_views.load_rejects,
        name="load_rejects",
    ),
]
