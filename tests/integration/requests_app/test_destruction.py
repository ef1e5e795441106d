"""Destruction thing by thing: copies, linked data sets, statements with certificates, reminders, orders, more time."""

import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from requests_app import guards
from requests_app.models import (
    DataRequest,
    Destruction,
    DestructionStatement,
    Event,
    HeldData,
    Notice,
    Package,
    Person,
)
from requests_app.policies import Denied
from requests_app.services.form import amendments
from requests_app.services.life import milestones, workflow
from requests_app.services.packages import destruction, destruction_days
from requests_app.services.partners import suspensions
from requests_app.states import State
from tests import factories
from tests.pages import signed_in

People = dict[str, Person]
COPY: dict[str, Any] = {"kind": "copy", "name": "extract_2", "where": "The analysts' server."}
LINKED = COPY | {"kind": "linked", "name": "snap_wages", "linked_with": "The SNAP file of 2016."}
SAID: dict[str, Any] = {"what": "All of it.", "copies": 2, "backups": "None.", "method": "purge"}


def held(people: People, state: State = State.IN_USE) -> tuple[DataRequest, Package]:
    return factories.with_package(people, state)


def registered(request: DataRequest, people: People, **said: Any) -> HeldData:
    data = {**COPY, "made_on": timezone.localdate(), **said}
    return destruction.register(request, actor=people["coordinator"], **data)


def stated(duty: Destruction, people: People, **said: Any) -> DestructionStatement:
    return destruction.confirm(
        duty, actor=people["coordinator"], **{**SAID, "destroyed_on": timezone.localdate(), **said}
    )


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("text", flat=True))


def test_what_was_made_of_a_package_is_destroyed_with_it(people: People) -> None:
    request, package = held(people)
    copy, linked = registered(request, people), registered(request, people, **LINKED)
    assert {copy.destruction.due_on, linked.destruction.due_on} == {package.destruction.due_on}
    stated(copy.destruction, people)  # a copy ends while the package is still used
    with pytest.raises(Denied, match="finished with the data"):
        stated(package.destruction, people)
    request = workflow.transition(request, "finish_use", actor=people["coordinator"])
    stated(package.destruction, people)
    with pytest.raises(Denied, match="destruction of “snap_wages” first"):
        workflow.transition(request, "confirm_destruction", actor=people["coordinator"])
    stated(linked.destruction, people)
    request = workflow.transition(request, "confirm_destruction", actor=people["coordinator"])
    assert workflow.transition(request, "acknowledge_destruction", actor=people["program_analyst"]).state == "closed"


def test_linked_data_set_says_with_what_and_database_agrees(people: People) -> None:
    request, _package = held(people)
    with pytest.raises(Denied, match="with which data"):
        registered(request, people, **LINKED | {"linked_with": " "})
    with pytest.raises(DatabaseError, match="linked_with_is_said"), transaction.atomic():
        HeldData.objects.create(
            request=request, kind="linked", name="x", where="y", made_on=date(2026, 1, 1),
            registered_at=timezone.now(), registered_by=people["coordinator"],
        )  # fmt: skip
    with pytest.raises(Denied, match="Only the requesting agency's"):
        destruction.register(request, actor=people["agent"], made_on=date(2026, 1, 1), **COPY)


def test_certificate_is_a_tagged_pdf_with_the_hash_of_the_event(people: People) -> None:
    request, package = held(people, State.DESTRUCTION_DUE)
    paper = stated(package.destruction, people, technique="shred 9.1, three passes").certificate
    assert paper is not None
    content = bytes(paper.content)
    event = Event.objects.get(kind="destruction.confirm")
    assert event.detail["certificate_sha256"] == paper.sha256 == hashlib.sha256(content).hexdigest()
    pdf = pikepdf.open(io.BytesIO(content))
    assert "/StructTreeRoot" in pdf.Root
    assert pdf.Root.MarkInfo.Marked
    mine, other = signed_in(people["coordinator"]), signed_in(people["coordinator_de"])
    assert mine.get(reverse("document", args=[paper.pk])).content == content
    assert other.get(reverse("document", args=[paper.pk])).status_code == 404
    assert request.number in mine.get(reverse("held_data", args=[request.number])).content.decode()


def test_rejected_statement_stays_beside_the_next(people: People) -> None:
    request, package = held(people, State.DESTRUCTION_DUE)
    first = stated(package.destruction, people)
    workflow.transition(request, "confirm_destruction", actor=people["coordinator"])
    workflow.transition(request, "reject_destruction", actor=people["program_analyst"], reason="Name the tool.")
    second = stated(Destruction.objects.get(), people, technique="shred 9.1")
    first.refresh_from_db()
    assert (first.rejected_by, second.rejected_at) == (people["program_analyst"], None)
    page = signed_in(people["program_analyst"]).get(reverse("held_data", args=[request.number])).content.decode()
    assert "Rejected by BLS" in page
    assert "shred 9.1" in page
    with pytest.raises(DatabaseError, match="What is filled in stays"), transaction.atomic():
        DestructionStatement.objects.filter(pk=first.pk).update(what="Less.")


def test_order_to_destroy_now_holds_even_while_suspended(people: People) -> None:
    request, package = held(people)
    registered(request, people)
    suspensions.suspend(request, "incident", "A breach.", actor=None, now=timezone.now())  # type: ignore[arg-type]
    with pytest.raises(Denied, match="Approving Official"):
        workflow.transition(request, "order_destruction", actor=people["program_analyst"], reason="A breach.")
    request = workflow.transition(request, "order_destruction", actor=people["approving_official"], reason="A breach.")
    assert request.status is State.DESTRUCTION_DUE
    assert set(request.destructions.values_list("due_on", flat=True)) == {timezone.localdate()}
    stated(Destruction.objects.get(package=package), people)  # neither does that stop the statement


def test_reminders_60_30_7_0_once_each_then_weekly_with_bls(people: People) -> None:
    request, _package = held(people)
    set_at, duty = timezone.now() - timedelta(days=100), Destruction.objects.all()
    duty.update(due_on=timezone.localdate(set_at) + timedelta(days=90), due_since=set_at)
    Notice.objects.all().delete()
    for day, so_far in ((29, 0), (30, 1), (31, 1), (60, 2), (82, 2), (83, 3), (89, 3), (90, 4)):
        for _ in range(2):
            milestones.follow(set_at + timedelta(days=day))
        assert len(told(people["coordinator"])) == so_far, day
    for day, so_far in ((90, 0), (91, 1), (92, 1), (97, 1), (98, 2), (104, 2), (105, 3)):
        for _ in range(2):
            milestones.follow(set_at + timedelta(days=day))
        assert len([text for text in told(people["program_analyst"]) if "is not confirmed" in text]) == so_far, day
    assert Event.objects.filter(kind="destruction.overdue", request_number=request.number).count() == 3
    assert guards.no_destruction_overdue(request, None) == [
        f"Confirm the overdue destruction of {request.number} first."
    ]
    destruction_days.end_use()
    request.refresh_from_db()
    assert request.status is State.DESTRUCTION_DUE  # the day has come: nobody opens the package any more
    for key, words in (("coordinator", "cannot submit requests until"), ("program_analyst", "has not confirmed the"),
                       ("approving_official", "has not confirmed the")):  # fmt: skip
        assert words in signed_in(people[key]).get("/home/").content.decode(), key


def test_more_time_is_an_amendment_and_moves_everything_not_destroyed(people: People) -> None:
    request, _package = held(people)
    registered(request, people)
    coordinator, until = people["coordinator"], timezone.localdate() + timedelta(days=700)
    page = reverse("held_data", args=[request.number])
    assert reverse("add_amendment", args=[request.number]) in signed_in(coordinator).get(page).content.decode()
    asked = {"destruction_on": until.isoformat()}
    made = amendments.draft_amendment(request, actor=coordinator, changes=asked, reason="The study goes on.")
    amendments.move(made, "submit", actor=coordinator)
    assert not Destruction.objects.filter(due_on=until).exists()
    assert (
        reverse("amendment", args=[request.number, 1])
        in signed_in(people["approving_official"]).get(page).content.decode()
    )
    assert signed_in(people["coordinator_de"]).get(page).status_code == 404
    amendments.move(made, "approve", actor=people["approving_official"])
    assert list(Destruction.objects.values_list("due_on", flat=True)) == [until] * 2
    earlier = {"destruction_on": (until - timedelta(days=1)).isoformat()}
    again = amendments.draft_amendment(request, actor=coordinator, changes=earlier, reason="Less.")
    with pytest.raises(Denied, match="ask for a later day"):
        amendments.move(again, "submit", actor=coordinator)
