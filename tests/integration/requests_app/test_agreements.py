"""Agent agreements: each step by the right person, nothing lost, revoked at once."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.utils import timezone

from requests_app.agreements.validity import AgreementStanding, standing_on, with_standing
from requests_app.demo.cast import make_three_at_bls
from requests_app.models import AgentAgreement, Event, Person, Suspension
from requests_app.policies import Denied
from requests_app.services.life.workflow import Conflict
from requests_app.services.partners import suspensions
from requests_app.services.people import agreements, people
from requests_app.standing import agreement_in_force, clearance_problems
from tests import factories

S = AgreementStanding


@pytest.fixture
def newcomer(people: dict[str, Person]) -> Person:
    """Somebody in Rhode Island who has signed nothing yet."""
    return invited("new@ri.example", "Nina Costa", people["coordinator"])


def invited(email: str, name: str, colleague: Person) -> Person:
    return people.invite(email, name, colleague.agency, actor=None)


def stands(person: Person) -> list[AgreementStanding]:
    return [standing_on(one, timezone.localdate()) for one in person.agreements.order_by("nominated_at")]


def put_in_force(person: Person, nominator: Person, official: Person, filer: Person) -> AgentAgreement:
    agreement = agreements.nominate(person, actor=nominator)
    agreements.sign_for_bls(agreement, actor=official)
    agreements.read_duties(agreement, actor=person)
    agreements.sign(agreement, actor=person, signed_name=person.name)
    agreements.file(agreement, actor=filer)
    agreement.refresh_from_db()
    return agreement


def test_agreement_is_in_force_once_each_has_done_their_step(people: dict[str, Person], newcomer: Person) -> None:
    roles = people["coordinator"], people["approving_official"], people["administrator"]
    assert "has no signed agent agreement in force" in " ".join(clearance_problems(newcomer, timezone.localdate()))
    agreement = put_in_force(newcomer, *roles)
    assert standing_on(agreement, timezone.localdate()) is S.IN_FORCE
    assert "agreement" not in " ".join(clearance_problems(newcomer, timezone.localdate()))
    kinds = list(Event.objects.filter(kind__startswith="agreement.").order_by("seq").values_list("kind", flat=True))
    steps = ["nominate", "sign_for_bls", "read_duties", "sign", "file"]
    assert kinds == [f"agreement.{step}" for step in steps]


def test_no_step_is_taken_before_its_turn_or_twice(people: dict[str, Person], newcomer: Person) -> None:
    agreement = agreements.nominate(newcomer, actor=people["administrator"])
    early = [
        lambda: agreements.read_duties(agreement, actor=newcomer),
        lambda: agreements.sign(agreement, actor=newcomer, signed_name=newcomer.name),
        lambda: agreements.file(agreement, actor=people["administrator"]),
        lambda: agreements.nominate(newcomer, actor=people["administrator"]),
    ]
    for step in early:
        with pytest.raises(Conflict):
            step()
    agreements.sign_for_bls(agreement, actor=people["approving_official"])
    with pytest.raises(Conflict, match="Waits to be read"):
        agreements.sign_for_bls(agreement, actor=people["approving_official"])


WHO = ["coordinator", "coordinator_de", "agent", "program_analyst", "auditor", "data_steward"]


@pytest.mark.parametrize("key", WHO)
def test_only_the_right_people_take_each_step(key: str, people: dict[str, Person], newcomer: Person) -> None:
    actor, agreement = people[key], None
    if key != "coordinator":
        with pytest.raises(Denied):
            agreements.nominate(newcomer, actor=actor)
    agreement = agreements.nominate(newcomer, actor=people["administrator"])
    with pytest.raises(Denied, match="Only an Approving Official signs"):
        agreements.sign_for_bls(agreement, actor=actor)
    agreements.sign_for_bls(agreement, actor=people["approving_official"])
    with pytest.raises(Denied, match="Only the person named"):
        agreements.read_duties(agreement, actor=actor)
    agreements.read_duties(agreement, actor=newcomer)
    agreements.sign(agreement, actor=newcomer, signed_name="nina costa")
    with pytest.raises(Denied, match="Only the Administrator"):
        agreements.file(agreement, actor=actor)
    with pytest.raises(Denied, match="revokes"):
        agreements.revoke(newcomer, actor=actor, reason="Why not.")


def test_signature_is_the_persons_own_name(people: dict[str, Person], newcomer: Person) -> None:
    agreement = agreements.nominate(newcomer, actor=people["administrator"])
    agreements.sign_for_bls(agreement, actor=people["approving_official"])
    agreements.read_duties(agreement, actor=newcomer)
    with pytest.raises(Denied, match="Type Nina Costa"):
        agreements.sign(agreement, actor=newcomer, signed_name="Rosa Almeida")
    assert stands(newcomer) == [S.FOR_SIGNATURE]


def test_three_people_at_bls_are_enough_and_nobody_acts_on_their_own(people: dict[str, Person]) -> None:
    office = make_three_at_bls()
    first, second, third = office["program_analyst"], office["release_officer"], office["administrator"]
    for person in (first, second, third):
        agreements.revoke(person, actor=second if person == third else third, reason="Starts anew.")
    for person in (first, second, third):
        official = second if person == third else third
        with pytest.raises(Denied):
            agreements.nominate(person, actor=person)
        assert standing_on(put_in_force(person, official, official, official), timezone.localdate()) is S.IN_FORCE


def test_official_signs_and_files_nothing_of_their_own(people: dict[str, Person]) -> None:
    official, administrator = people["approving_official"], people["administrator"]
    own = agreements.nominate(official, actor=administrator)
    with pytest.raises(Denied, match="your own"):
        agreements.sign_for_bls(own, actor=official)
    with pytest.raises(Denied, match="your own"):
        agreements.revoke(official, actor=official, reason="Mine.")
    with pytest.raises(Denied, match="your own"):
        agreements.nominate(administrator, actor=administrator)


def test_revoking_stops_the_person_now_and_suspends_their_requests(people: dict[str, Person]) -> None:
    request = factories.approved(people)
    agent_of = factories.draft(people)
    from requests_app.services.life import requests

    requests.name_agent(agent_of, people["agent"], actor=people["coordinator"], may_upload=False)
    agreements.revoke(people["agent"], actor=people["administrator"], reason="Shared a file.")
    assert [row.request for row in Suspension.objects.all()] == [agent_of]
    agreements.revoke(people["coordinator"], actor=people["approving_official"], reason="Left a print-out.")
    request.refresh_from_db()
    assert "Rosa Almeida's agent agreement was revoked." in request.suspended_reason
    assert stands(people["coordinator"]) == [S.REVOKED]
    assert clearance_problems(people["coordinator"], timezone.localdate())
    for suspension in Suspension.objects.filter(request=request):
        assert suspension.agreement == people["coordinator"].agreements.get()
        suspensions.lift(suspension, actor=people["approving_official"], why="Another coordinator took over.")
    with pytest.raises(Denied, match="no agreement to revoke"):
        agreements.revoke(people["coordinator"], actor=people["administrator"], reason="Again.")


def test_agreement_ends_with_its_last_day_and_the_record_stays(people: dict[str, Person]) -> None:
    today, one = timezone.localdate(), people["agent"].agreements.get()
    agreements.end(one, actor=people["administrator"], ends_on=today)
    one.refresh_from_db()
    assert [standing_on(one, today), standing_on(one, today + timedelta(days=1))] == [S.IN_FORCE, S.ENDED]
    for change in ({"signed_name": "Somebody"}, {"signed_at": None}, {"text_sha256": "0" * 64}):
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
            AgentAgreement.objects.filter(pk=one.pk).update(**change)
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
        one.delete()


def every_agreement(people: dict[str, Person]) -> list[AgentAgreement]:
    """One agreement for every number of steps taken x revoked or not x ended, ending, or not."""
    now, today, made = timezone.now(), timezone.localdate(), []
    ends = [None, today - timedelta(days=1), today, today + timedelta(days=1)]
    for steps, revoked, ends_on in product(range(5), (False, True), ends):
        taken: dict[str, Any] = {"nominated_at": now, "nominated_by": people["coordinator"]}
        taken |= {"official_signed_at": now, "official_signed_by": people["administrator"]} if steps > 0 else {}
        taken |= {"cipsea_read_at": now} if steps > 1 else {}
        taken |= {"signed_at": now, "signed_name": "Tom Becker"} if steps > 2 else {}
        taken |= {"filed_at": now, "filed_by": people["administrator"]} if steps > 3 else {}
        taken |= {"revoked_at": now, "revoked_by": people["administrator"]} if revoked else {}
        made.append(
            AgentAgreement(person=people["agent"], text_version="agent-1", text_sha256="", ends_on=ends_on, **taken)
        )
    return AgentAgreement.objects.bulk_create(made)


def test_function_annotation_and_guard_agree_on_every_agreement(people: dict[str, Person]) -> None:
    made = {one.pk for one in every_agreement(people)}
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1), today + timedelta(days=2)):
        rows = with_standing(AgentAgreement.objects.filter(pk__in=made), day)
        in_force = set(AgentAgreement.objects.filter(agreement_in_force(day), pk__in=made).values_list("pk", flat=True))
        for row in rows:
            assert row.standing == standing_on(row, day), (row.standing, day)  # type: ignore[attr-defined]
            assert (row.pk in in_force) == (standing_on(row, day) is S.IN_FORCE)
    assert {standing_on(row, today) for row in rows} == set(S)
