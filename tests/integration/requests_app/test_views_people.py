"""Pages about people: who sees whom, what each may do there, and what the lists say."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Agency, Membership, Person, PreReleaseListing, Recertification, Separation
from requests_app.models.people import Employment
from requests_app.selectors.people.people import MISSING, line_of, with_facts
from requests_app.services.people import agreements, memberships, pre_release, separations, trainings
from requests_app.services.people import people as service
from requests_app.standing import clearance_problems
from requests_app.states import Role
from requests_app.views.people.person_acts import ACTS
from tests import factories, papers
from tests.pages import signed_in

ADMINISTRATORS_PAGES = ["people", "invite", "recertify", "pre_release_list", "my_standing"]


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def page(person: Person, name: str, *args: str) -> tuple[int, str]:
    answer = signed_in(person).get(reverse(name, args=args))
    return answer.status_code, answer.content.decode()


def test_coordinator_sees_their_own_agencys_people_and_nobody_else(people: dict[str, Person]) -> None:
    coordinator = people["coordinator"]
    status, text = page(coordinator, "people")
    assert status == 200
    assert [name in text for name in ("Tom Becker", "Ines Duarte", "Dana Whitfield", "Priya Nair")] == [
        True, True, False, False,
    ]  # fmt: skip
    seen = {
        key: page(coordinator, "person", people[key].public_id)[0] for key in ("agent", "coordinator_de", "auditor")
    }
    assert seen == {"agent": 200, "coordinator_de": 404, "auditor": 404}
    act = [people["coordinator_de"].public_id, "nominate"]
    assert page(coordinator, "person_act", *act)[0] == 404


@pytest.mark.parametrize("key", ["agent", "output_reviewer", "auditor", "data_steward", "release_officer"])
def test_pages_about_others_are_not_for_everybody(key: str, people: dict[str, Person]) -> None:
    names = ADMINISTRATORS_PAGES[:4]
    assert {name: page(people[key], name)[0] for name in names} == dict.fromkeys(names, 403)
    assert page(people[key], "person", people["coordinator"].public_id)[0] == 403
    assert page(people[key], "my_standing")[0] == 200


@pytest.mark.parametrize("key", ["administrator", "approving_official", "program_analyst", "coordinator"])
def test_every_act_is_offered_to_its_roles_and_refused_with_a_reason_to_others(
    key: str, people: dict[str, Person]
) -> None:
    viewer, subject = people[key], people["agent"]
    client, roles = signed_in(viewer), set(viewer.memberships.values_list("role", flat=True))
    for act in ACTS.values():
        if act.record:
            continue
        answer = client.get(reverse("person_act", args=[subject.public_id, act.name]))
        if act.name in ("enable",):
            assert answer.status_code in (302, 403)
        elif act.roles & roles:
            assert answer.status_code == 200, act.name
        else:
            assert answer.status_code == 403, act.name


def send(actor: Person, subject: Person, act: str, said: dict[str, Any] | None = None, record: str = "") -> Any:
    args = [subject.public_id, act, *([record] if record else [])]
    return signed_in(actor).post(reverse("person_record_act" if record else "person_act", args=args), said or {})


def date_fields(name: str, when: date) -> dict[str, str]:
    return {f"{name}_year": str(when.year), f"{name}_month": str(when.month), f"{name}_day": str(when.day)}


def test_administrator_takes_every_act_on_its_page(people: dict[str, Person]) -> None:
    administrator, agent = people["administrator"], people["agent"]
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("employment", {"employment": "contractor"}, ""),
        ("give-role", {"role": "output_reviewer", **date_fields("starts_on", day(0))}, ""),
        ("end-role", {"when": "now"}, agent.memberships.get().pk),
        ("record-training", {"evidence": papers.upload(), **date_fields("completed_on", day(-1))}, ""),
        ("give-notice", {"why": "left", **date_fields("last_day", day(9))}, ""),
        ("list-pre-release", date_fields("listed_from", day(0)), ""),
        ("end-agreement", date_fields("ends_on", day(30)), agent.agreements.get().pk),
        ("revoke", {"reason": "No longer needed."}, ""),
        ("nominate", {}, ""),
        ("disable", {"reason": "Leaves."}, ""),
        ("enable", {"reason": "Stays."}, ""),
        ("send-link", {}, ""),
    ]
    for act, said, record in steps:
        answer = send(administrator, agent, act, said, record)
        assert answer.status_code == 302, (act, answer.content.decode()[-3000:])
    agent.refresh_from_db()
    assert (agent.employment, agent.is_active) == (Employment.CONTRACTOR, True)
    assert [agent.trainings.count(), agent.separations.count(), agent.agreements.count()] == [2, 1, 2]
    text = page(administrator, "person", agent.public_id)[1]
    for words in ("Leo Tan: No longer needed.", "Waits for BLS&#x27;s signature", "Given", "Contractor under"):
        assert words in text


def test_act_without_what_it_asks_says_what_is_missing(people: dict[str, Person]) -> None:
    answer = send(people["administrator"], people["agent"], "revoke", {"reason": " "})
    assert (answer.status_code, "Say why." in answer.content.decode()) == (400, True)
    twice = {"role": "agent", **date_fields("starts_on", day(0))}
    answer = send(people["administrator"], people["agent"], "give-role", twice)
    assert (answer.status_code, "in that time already" in answer.content.decode()) == (400, True)


def test_record_of_somebody_else_is_not_reached_through_a_person(people: dict[str, Person]) -> None:
    other = people["coordinator_de"].memberships.get()
    assert send(people["administrator"], people["agent"], "end-role", {"when": "now"}, other.pk).status_code == 404
    assert send(people["administrator"], people["agent"], "no-such-act").status_code == 404


def test_person_reads_and_signs_their_agreement_on_their_own_pages(people: dict[str, Person]) -> None:
    agent, client = people["agent"], signed_in(people["agent"])
    agreements.revoke(agent, actor=people["administrator"], reason="A new text.")
    agreement = agreements.nominate(agent, actor=people["coordinator"])
    assert send(people["approving_official"], agent, "sign-for-bls", record=agreement.pk).status_code == 302
    assert "Read your duties" in page(agent, "my_standing")[1]
    assert "class E felony" in page(agent, "read_duties", agreement.pk)[1]
    assert client.post(reverse("read_duties", args=[agreement.pk])).status_code == 302
    sign = reverse("sign_agreement", args=[agreement.pk])
    assert signed_in(agent, minutes_ago=9).get(sign)["Location"].startswith("/accounts/2fa/reauthenticate/")
    said = {"signed_name": "Somebody Else", "form_sha256": agreement.text_sha256}
    assert "The name differs" in client.post(sign, said).content.decode()
    assert client.post(sign, said | {"signed_name": "tom  becker"}).status_code == 302
    assert send(people["administrator"], agent, "file", record=agreement.pk).status_code == 302
    assert clearance_problems(agent, day(0)) == []
    assert page(people["coordinator"], "read_duties", agreement.pk)[0] == 404


def test_person_submits_their_training_and_an_analyst_accepts_it(people: dict[str, Person]) -> None:
    agent = people["agent"]
    said = {"evidence": papers.upload(), **date_fields("completed_on", day(-3))}
    assert signed_in(agent).post(reverse("submit_training"), said).status_code == 302
    training = agent.trainings.get(accepted_at__isnull=True)
    assert "Look at Tom Becker&#x27;s training" in page(people["program_analyst"], "home")[1]
    assert send(people["program_analyst"], agent, "accept-training", record=training.pk).status_code == 302
    bad = {"evidence": papers.upload(), **date_fields("completed_on", day(3))}
    assert "lies in the future" in signed_in(agent).post(reverse("submit_training"), bad).content.decode()


def test_administrator_certifies_many_roles_at_once(people: dict[str, Person]) -> None:
    administrator = people["administrator"]
    factories.lapse(Membership.objects.all(), granted_at=timezone.now() - timedelta(days=400))
    assert "Look at 12 roles nobody has looked at for a year" in page(administrator, "home")[1]
    client, url = signed_in(administrator), reverse("recertify")
    assert "Mark the roles" in client.post(url).content.decode()
    own = administrator.memberships.get().pk
    marked = [*Membership.objects.exclude(person=administrator).values_list("pk", flat=True)[:5], own]
    assert client.post(url, {"membership": marked}).status_code == 302
    assert Recertification.objects.count() == 5
    assert page(people["approving_official"], "recertify")[1].count("Leo Tan") >= 1


def test_list_says_what_the_guard_says(people: dict[str, Person]) -> None:
    administrator, today = people["administrator"], day(0)
    agreements.revoke(people["agent"], actor=administrator, reason="Left a print-out.")
    factories.lapse(people["release_officer"].trainings.all(), completed_on=day(-367))
    factories.lapse(people["coordinator_de"].agency.mous.all(), ends_on=day(-1))
    notice = separations.give_notice(
        people["data_steward"], actor=administrator, last_day=day(-1), why=Separation.Why.LEFT
    )
    assert notice.pk
    change_employment(people["program_analyst"], administrator)
    for person in with_facts(Person.objects.select_related("agency"), today):
        roles = {Role(held.role) for held in person.roles_now}  # type: ignore[attr-defined]
        if roles <= {Role.ADMINISTRATOR, Role.AUDITOR}:
            continue
        assert len(line_of(person, today).missing) == len(clearance_problems(person, today)), person.name
    for key, what in [("agent", "agreement"), ("release_officer", "training"), ("data_steward", "left"),
                      ("coordinator_de", "mou"), ("program_analyst", "employment")]:  # fmt: skip
        text = signed_in(administrator).get(reverse("people"), {"missing": what}).content.decode()
        assert people[key].name in text
        assert MISSING[what] in text.replace("&#x27;", "'")
        assert people["disclosure_analyst"].name not in text


def change_employment(person: Person, actor: Person) -> None:
    service.change_employment(person, Employment.DETAILEE, actor=actor)


def test_list_is_narrowed_and_shows_what_lapses_next(people: dict[str, Person]) -> None:
    client = signed_in(people["administrator"])
    factories.lapse(people["agent"].trainings.all(), completed_on=day(-340))

    def names(**asked: str) -> str:
        return client.get(reverse("people"), asked).content.decode()

    assert "Tom Becker" in names(q="becker")
    assert "Rosa Almeida" not in names(q="becker")
    assert "Dana Whitfield" not in names(agency="RI")
    assert "Priya Nair" not in names(role="agent")
    lapsing = names(missing="lapsing")
    assert "Tom Becker" in lapsing
    assert "Training: " in lapsing
    assert "Rosa Almeida" not in lapsing


def test_list_asks_the_same_number_of_questions_however_many_there_are(people: dict[str, Person]) -> None:
    client, url = signed_in(people["administrator"]), reverse("people")
    counts = []
    for size in (0, 30):
        agency = Agency.objects.get(postal="RI")
        for number in range(size):
            person = Person.objects.create(email=f"p{number}@ri.example", name=f"Person {number}", agency=agency)
            memberships.give_role(person, Role.AGENT, actor=None, starts_on=day(0))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_pre_release_list_is_certified_by_others(people: dict[str, Person]) -> None:
    administrator = people["administrator"]
    pre_release.add(people["agent"], actor=administrator, listed_from=day(0), listed_until=None, others_are_needed=True)
    factories.lapse(PreReleaseListing.objects.all(), certified_on=day(-400))
    assert "Lapsed" in page(administrator, "pre_release_list")[1]
    line = PreReleaseListing.objects.get()
    assert signed_in(administrator).post(reverse("pre_release_list"), {"line": [line.pk]}).status_code == 302
    line.refresh_from_db()
    assert line.certified_on == day(0)
    assert send(administrator, people["agent"], "end-pre-release", record=line.pk).status_code == 302


def test_trainings_evidence_is_a_paper(people: dict[str, Person]) -> None:
    training = trainings.submit(actor=people["agent"], completed_on=day(-1), evidence=papers.upload())
    text = page(people["administrator"], "person_record_act", people["agent"].public_id, "accept-training", training.pk)
    assert reverse("document", args=[training.evidence_id]) in text[1]
