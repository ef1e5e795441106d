"""A suspected breach is reported in two clicks and stops the request; only BLS lets it go on, with a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Event, Incident, Mou, Notice, Person, Suspension
from requests_app.policies import Denied
from requests_app.services.life import workflow
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import incidents
from requests_app.services.partners import suspensions
from requests_app.states import Role
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]


def test_report_takes_two_clicks_and_nothing_typed(people: People) -> None:
    request = factories.submitted(people)
    client = signed_in(people["coordinator"])
    link = f"{reverse('report_incident')}?request={request.number}"
    assert link in client.get(reverse("request", args=[request.number])).content.decode()
    assert client.get(link).context["form"].initial["request"] == request.number
    answer = client.post(link, {"request": request.number})
    request.refresh_from_db()
    assert request.suspended_reason == "A suspected breach was reported."
    assert answer["Location"] == reverse("incident", args=[Incident.objects.get().pk])


def test_report_tells_bls_at_once_and_is_an_event(people: People) -> None:
    request = factories.submitted(people)
    Notice.objects.all().delete()
    incident = incidents.report(actor=people["coordinator"], what_is_known="A laptop is lost.", request=request)
    told = {notice.person for notice in Notice.objects.filter(path__contains=incident.pk)}
    assert told == {people[key] for key in ("program_analyst", "approving_official", "administrator")}
    assert not Notice.objects.filter(text__contains="laptop").exists()
    event = Event.objects.get(kind="incident.report")
    assert (event.request_number, event.subject) == (request.number, f"incident {incident.pk}")
    assert incident.report_due_at - incident.reported_at == timedelta(days=3)


def test_report_without_a_request_suspends_nothing(people: People) -> None:
    request = factories.submitted(people)
    assert signed_in(people["agent"]).post(reverse("report_incident"), {}).status_code == 302
    request.refresh_from_db()
    assert request.suspended_reason == ""


def test_report_about_a_request_one_does_not_see_is_not_taken(people: People) -> None:
    request = factories.submitted(people)
    answer = signed_in(people["coordinator_de"]).post(reverse("report_incident"), {"request": request.number})
    assert answer.status_code == 400
    assert not Incident.objects.exists()


def test_incident_is_seen_by_its_state_and_bls_only(people: People) -> None:
    request = factories.submitted(people)
    incident = incidents.report(actor=people["coordinator"], what_is_known="", request=request)
    seen = {
        key
        for key, person in people.items()
        if signed_in(person).get(reverse("incident", args=[incident.pk])).status_code == 200
    }
    assert seen == {"coordinator", "program_analyst", "approving_official", "administrator"}
    assert request.number in signed_in(people["coordinator"]).get(reverse("incident_list")).content.decode()
    assert request.number not in signed_in(people["coordinator_de"]).get(reverse("incident_list")).content.decode()


def test_suspended_request_goes_on_once_every_cause_is_lifted(people: People) -> None:
    request = factories.submitted(people)
    for what in ("First.", "Second."):
        incidents.report(actor=people["coordinator"], what_is_known=what, request=request)
    official = people["approving_official"]
    first, second = Suspension.objects.all()
    suspensions.lift(first, actor=official, why="The disk was found.")
    with pytest.raises(Denied, match="is suspended"):
        workflow.transition(request, "start_review", actor=people["program_analyst"])
    suspensions.lift(second, actor=official, why="Nothing had left the agency.")
    request.refresh_from_db()
    assert workflow.transition(request, "start_review", actor=people["program_analyst"]).state == "in_review"
    with pytest.raises(Conflict):
        suspensions.lift(second, actor=official, why="Again.")


def test_lift_is_the_approving_officials_with_a_reason(people: People) -> None:
    request = factories.submitted(people)
    incidents.report(actor=people["coordinator"], what_is_known="", request=request)
    suspension = Suspension.objects.get()
    address = reverse("lift_suspension", args=[request.number, suspension.pk])
    for key in ("coordinator", "program_analyst"):
        assert signed_in(people[key]).post(address, {"why": "Fine."}).status_code == 403
    official = signed_in(people["approving_official"])
    assert address in official.get(reverse("request", args=[request.number])).content.decode()
    assert official.post(address, {"why": " "}).status_code == 400
    assert official.post(address, {"why": "The disk was found."}).status_code == 302
    suspension.refresh_from_db()
    assert (suspension.lifted_by, suspension.lifted_why) == (people["approving_official"], "The disk was found.")


def test_lapsed_mou_suspends_and_its_renewal_lifts(people: People) -> None:
    request, today = factories.submitted(people), timezone.localdate()
    suspensions.follow_mous()
    assert not Suspension.objects.exists()
    mous = Mou.objects.filter(agency=request.agency)
    factories.lapse(mous, ends_on=today - timedelta(days=1))
    for _ in range(2):  # late or twice is the same
        suspensions.follow_mous()
    suspension = Suspension.objects.get()
    assert (suspension.request, suspension.cause) == (request, Suspension.Cause.MOU_LAPSED)
    with pytest.raises(Denied, match="ends by itself"):
        suspensions.lift(suspension, actor=people["approving_official"], why="Let it go on.")
    mous.update(ends_on=today)
    suspensions.follow_mous()
    request.refresh_from_db()
    assert request.suspended_reason == ""
    kinds = Event.objects.filter(request_number=request.number).values_list("kind", flat=True)
    assert {"request.suspend", "request.lift_suspension"} <= set(kinds)


def test_notice_of_a_suspension_reaches_the_state_and_bls(people: People) -> None:
    request = factories.submitted(people)
    Notice.objects.all().delete()
    incidents.report(actor=people["agent"], what_is_known="", request=request)
    told = Notice.objects.filter(request=request).values_list("person__memberships__role", flat=True)
    assert set(told) == {Role.COORDINATOR, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL}
