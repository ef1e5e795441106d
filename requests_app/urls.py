"""Pages of requests and people."""

from django.urls import include, path

from requests_app.views.life import form, home, record, requests, review, signing, steps
from requests_app.views.packages import deliveries, destruction, disclosures, documents, incidents, packages
from requests_app.views.partners import mous, partners, section_ii_g
from requests_app.views.people import access_on_day, invitation, own_standing, people, person
from requests_app.views.sign_in import tokens
from requests_app.views.site import events, gallery, help, public

urlpatterns = [
    path("", public.start, name="start"),
    path("formats/", public.formats, name="formats"),
    path("components/", gallery.components, name="components"),
    path("home/", home.home, name="home"),
    path("events/", events.event_list, name="event_list"),
    path("disclosures/", disclosures.disclosure_list, name="disclosure_list"),
    path("access/", access_on_day.access_on_day, name="access_on_day"),
    path("records/", record.record_list, name="record_list"),
    path("requests/<str:number>/record/", record.record, name="record"),
    path("documents/<str:document_id>/", documents.document, name="document"),
    path("partners/", partners.partner_list, name="partner_list"),
    path("partners/add/", partners.add_agency, name="add_agency"),
    path("partners/<str:postal>/", partners.agency, name="agency"),
    path("partners/<str:postal>/mous/record/", mous.record_mou, name="record_mou"),
    path("partners/<str:postal>/mous/<str:mou_id>/amend/", mous.amend_mou, name="amend_mou"),
    path("partners/<str:postal>/mous/<str:mou_id>/renew/", mous.renew_mou, name="renew_mou"),
    path("partners/<str:postal>/mous/<str:mou_id>/end/", mous.end_mou, name="end_mou"),
    path("partners/<str:postal>/mous/<str:mou_id>/complete/", mous.complete_mou, name="complete_mou"),
    path("partners/<str:postal>/coordinators/add/", section_ii_g.add_coordinator, name="add_coordinator"),
    path(
        "partners/<str:postal>/coordinators/<str:line_id>/change/",
        section_ii_g.change_coordinator,
        name="change_coordinator",
    ),
    path("partners/<str:postal>/coordinators/<str:line_id>/end/", section_ii_g.end_coordinator, name="end_coordinator"),
    path("partners/<str:postal>/hand-over/<str:coordinator_id>/", section_ii_g.hand_over, name="hand_over"),
    path("partners/<str:postal>/contacts/add/", partners.add_contact, name="add_contact"),
    path("partners/<str:postal>/contacts/<str:contact_id>/end/", partners.end_contact, name="end_contact"),
    path("partners/<str:postal>/statements/add/", partners.add_statement, name="add_statement"),
    path("accounts/invitation/<str:public_id>/<str:token>/", invitation.invitation, name="invitation"),
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/recertify/", people.recertify, name="recertify"),
    path("people/pre-release/", people.pre_release_list, name="pre_release_list"),
    path("people/<str:public_id>/", person.person, name="person"),
    path("people/<str:public_id>/<slug:act>/", person.person_act, name="person_act"),
    path("people/<str:public_id>/<slug:act>/<str:record_id>/", person.person_act, name="person_record_act"),
    path("standing/", own_standing.my_standing, name="my_standing"),
    path("standing/training/", own_standing.submit_training, name="submit_training"),
    path("standing/agreements/<str:agreement_id>/read/", own_standing.read_duties, name="read_duties"),
    path("standing/agreements/<str:agreement_id>/sign/", own_standing.sign_agreement, name="sign_agreement"),
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
        "requests/<str:number>/packages/<str:package_id>/delivery/",
        deliveries.package_delivery,
        name="package_delivery",
    ),
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
    path("help/", help.help_index, name="help"),
    path("help/<slug:role>/", help.help_role, name="help_role"),
    path("tokens/", tokens.api_tokens, name="api_tokens"),
    path("tokens/all/", tokens.all_tokens, name="all_tokens"),
    path("tokens/<str:token_id>/revoke/", tokens.revoke_token, name="revoke_token"),
    path("api/v1/", include("requests_app.api.urls")),
]
