"""Pages of requests and people."""

from django.urls import path

from requests_app.views import (
    destruction,
    documents,
    events,
    form,
    gallery,
    home,
    incidents,
    packages,
    public,
    requests,
    review,
    signing,
    steps,
)

urlpatterns = [
    path("", public.start, name="start"),
    path("formats/", public.formats, name="formats"),
    path("components/", gallery.components, name="components"),
    path("home/", home.home, name="home"),
    path("events/", events.event_list, name="event_list"),
    path("documents/<str:document_id>/", documents.document, name="document"),
    path("requests/", requests.request_list, name="request_list"),
    path("requests/start/", requests.start_request, name="start_request"),
    path("requests/<str:number>/", requests.hub, name="request"),
    path("requests/<str:number>/progress/", requests.request_progress, name="request_progress"),
    path("requests/<str:number>/form/", form.form, name="form"),
    path("requests/<str:number>/form/check/", signing.form_check, name="form_check"),
    path("requests/<str:number>/form/sign/", signing.form_sign, name="form_sign"),
    path("requests/<str:number>/form/people/", form.form_people, name="form_people"),
    path("requests/<str:number>/form/people/remove/", form.remove_agent, name="remove_agent"),
    path("requests/<str:number>/form/<slug:section>/", form.form_section, name="form_section"),
    path("requests/<str:number>/steps/<slug:transition>/", steps.step, name="step"),
    path("requests/<str:number>/review/", review.review, name="review"),
    path("requests/<str:number>/packages/<str:package_id>/", packages.package, name="package"),
    path(
        "requests/<str:number>/packages/<str:package_id>/download", packages.package_download, name="package_download"
    ),
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/report/", incidents.report_incident, name="report_incident"),
    path("incidents/<str:incident_id>/", incidents.incident, name="incident"),
    path(
        "requests/<str:number>/suspensions/<str:suspension_id>/lift/",
        incidents.lift_suspension,
        name="lift_suspension",
    ),
    path("requests/<str:number>/destruction/", destruction.destruction, name="destruction"),
]
