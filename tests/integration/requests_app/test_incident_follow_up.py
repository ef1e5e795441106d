"""What follows a report: written report, evidence, inspection, notice to states, legal demands, closure by BLS only."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from requests_app.forms.incidents import REPORT
from requests_app.models import Event, Incident, IncidentEntry, IncidentReport, Notice, Person
from requests_app.policies import Denied
from requests_app.services.packages import incidents
from requests_app.services.partners import suspensions
from requests_app.states import State
from tests import factories
from tests.pages import signed_in
from tests.papers import upload as pdf_upload

People = dict[str, Person]
ANSWERS = dict.fromkeys(REPORT, "Not known yet.")


def reported(people: People, by: str = "coordinator", **said: Any) -> Incident:
    request, _package = factories.with_package(people, State.IN_USE)
    return incidents.report(actor=people[by], what_is_known="A laptop is lost.", request=request, **said)


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).values_list("text", flat=True))


def test_legal_demand_takes_two_clicks_and_says_to_disclose_nothing(people: People) -> None:
    request, _package = factories.with_package(people, State.IN_USE)
    client = signed_in(people["coordinator"])
    answer = client.post(reverse("report_incident"), {"request": request.number, "kind": "legal_demand"}, follow=True)
    assert "Disclose nothing" in answer.content.decode()
    request.refresh_from_db()
    assert "BLS answers it" in request.suspended_reason
    assert any("legal demand" in text for text in told(people["approving_official"]))


def test_incident_at_bls_is_told_to_the_states_concerned(people: People) -> None:
    incident = reported(people, by="release_officer")
    assert {one.postal for one in incident.concerned.all()} == {"RI", "DE"}
    words = "BLS reports an incident that concerns your state's records. Read what is known."
    assert words in told(people["coordinator_de"])
    assert words in told(people["output_reviewer"])
    page = reverse("incident", args=[incident.pk])
    assert signed_in(people["output_reviewer"]).get(page).status_code == 200
    at_a_state = reported(people)
    assert signed_in(people["output_reviewer"]).get(reverse("incident", args=[at_a_state.pk])).status_code == 404
    states = reverse("incident_tell", args=[at_a_state.pk])
    assert signed_in(people["coordinator"]).post(states, {"agencies": ["DE"]}).status_code == 403
    sent = {"agencies": ["DE"], "text": "One file."}
    assert signed_in(people["program_analyst"]).post(states, sent).status_code == 302
    shown = signed_in(people["output_reviewer"]).get(reverse("incident", args=[at_a_state.pk])).content.decode()
    assert "To Delaware. One file." in shown


def test_written_report_is_whole_or_not_taken(people: People) -> None:
    incident = reported(people)
    page, client = reverse("incident_report", args=[incident.pk]), signed_in(people["coordinator"])
    assert client.post(page, ANSWERS | {"people": ""}).status_code == 400
    with pytest.raises(Denied, match="Answer every question"):
        incidents.submit_report(incident, actor=people["coordinator"], **ANSWERS | {"people": " "})
    assert client.post(page, ANSWERS).status_code == 302
    assert Event.objects.get(kind="incident.submit_report").detail["in_time"]
    assert "Whom can BLS ask?" in client.get(reverse("incident", args=[incident.pk])).content.decode()
    with pytest.raises(DatabaseError, match="What is filled in stays"), transaction.atomic():
        IncidentReport.objects.update(happened="Nothing.")


def test_late_report_is_told_once(people: People) -> None:
    incident = reported(people)
    incidents.follow()
    assert not Event.objects.filter(kind="incident.late").exists()
    with factories.behind_the_triggers():
        Incident.objects.filter(pk=incident.pk).update(report_due_at=timezone.now() - timedelta(hours=1))
    for _ in range(2):
        incidents.follow()
    assert Event.objects.filter(kind="incident.late").count() == 1
    assert "The written report on an incident is late. It was due within three days." in told(people["coordinator"])


def test_evidence_is_kept_with_its_hash_for_whoever_sees_the_incident(people: People) -> None:
    incident = reported(people)
    page, sent = reverse("incident_add", args=[incident.pk]), {"kind": "evidence", "text": "The police report."}
    assert signed_in(people["coordinator"]).post(page, sent | {"paper": pdf_upload()}).status_code == 302
    paper = IncidentEntry.objects.get().document
    assert paper is not None
    assert Event.objects.get(kind="incident.add").detail["document_sha256"] == paper.sha256
    read = {key: signed_in(people[key]).get(reverse("document", args=[paper.pk])).status_code for key in people}
    assert [key for key, status in read.items() if status == 200] == [
        "coordinator", "program_analyst", "approving_official", "administrator",
    ]  # fmt: skip


def test_inspections_are_recorded_by_bls_only(people: People) -> None:
    incident = reported(people)
    with pytest.raises(Denied, match="recorded by BLS"):
        incidents.add_entry(incident, actor=people["coordinator"], kind="inspection", text="All is well.")
    incidents.add_entry(incident, actor=people["program_analyst"], kind="inspection", text="The server room is locked.")
    with pytest.raises(Denied, match="Only the agency it happened at"):
        incidents.add_entry(incident, actor=people["coordinator_de"], kind="note", text="We too.")


def test_bls_closes_once_the_report_is_there_and_nothing_is_suspended(people: People) -> None:
    incident, official = reported(people), people["approving_official"]
    with pytest.raises(Denied) as refused:
        incidents.close(incident, actor=official, outcome="Found.")
    assert len(refused.value.reasons) == 2
    with pytest.raises(Denied, match="Only BLS's Approving Officials"):
        incidents.close(incident, actor=people["program_analyst"], outcome="Found.")
    incidents.submit_report(incident, actor=people["coordinator"], **ANSWERS)
    suspensions.lift(incident.suspensions.get(), actor=official, why="The disk was encrypted.")
    page = reverse("close_incident", args=[incident.pk])
    assert signed_in(official).post(page, {"outcome": "The laptop was found."}).status_code == 302
    assert (
        "The laptop was found."
        in signed_in(people["coordinator"]).get(reverse("incident", args=[incident.pk])).content.decode()
    )
    incident.refresh_from_db()
    with pytest.raises(Denied, match="is closed"):
        incidents.add_entry(incident, actor=people["coordinator"], kind="note", text="One more.")
