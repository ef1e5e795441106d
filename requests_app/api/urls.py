"""The addresses of the API, version 1."""

from django.urls import path

from requests_app.api import life_views, schema, views

urlpatterns = [
    path("openapi.yaml", schema.document, name="api_schema"),
    path("me", views.Me.as_view(), name="api_me"),
    path("requests", views.Requests.as_view(), name="api_requests"),
    path("requests/<str:number>", views.OneRequest.as_view(), name="api_request"),
    path("requests/<str:number>/form/<slug:section>", views.FormOfSection.as_view(), name="api_form_section"),
    path("requests/<str:number>/agents", life_views.Agents.as_view(), name="api_agents"),
    path("requests/<str:number>/clone", life_views.Clone.as_view(), name="api_clone"),
    path("requests/<str:number>/amendments", life_views.Amendments.as_view(), name="api_amendments"),
    path("requests/<str:number>/actions", views.Actions.as_view(), name="api_actions"),
    path("requests/<str:number>/incidents", views.Incidents.as_view(), name="api_incidents"),
]
