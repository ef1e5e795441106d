"""Every page about people as they see it: axe finds nothing, nothing scrolls sideways, the console is silent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from requests_app.models import AgentAgreement, Membership, Person, Separation
from requests_app.services.people import agreements, invitations, memberships, pre_release, separations, trainings
from requests_app.services.people import people as service
from requests_app.states import Role
from tests import factories, papers
from tests.browser.axe_check import chromium_path, look
from tests.browser.test_request_pages import NO_BROWSER, PICTURES
from tests.browser.visits import Address, look_at_all

pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]


def agreement_for(people: dict[str, Person], email: str, name: str, steps: int) -> AgentAgreement:
    """A newcomer of Rhode Island whose agreement has gone so many steps."""
    person = service.invite(email, name, people["coordinator"].agency, actor=None)
    agreement = agreements.nominate(person, actor=people["coordinator"])
    if steps > 0:
        agreements.sign_for_bls(agreement, actor=people["approving_official"])
    if steps > 1:
        agreements.read_duties(agreement, actor=person)
    if steps > 2:
        agreements.sign(agreement, actor=person, signed_name=name)
    return agreement


def everything_about(people: dict[str, Person]) -> None:
    """The agent has a record of every kind, past and present."""
    administrator, agent, today = people["administrator"], people["agent"], timezone.localdate()
    memberships.give_role(agent, Role.OUTPUT_REVIEWER, actor=administrator, starts_on=today + timedelta(days=9))
    factories.approved(people)
    draft = factories.draft(people)
    from requests_app.services.life import requests

    requests.name_agent(draft, agent, actor=people["coordinator"], may_upload=True)
    notice = separations.give_notice(
        agent, actor=people["coordinator"], last_day=today + timedelta(days=20), why=Separation.Why.LEFT
    )
    separations.withdraw_notice(notice, actor=administrator)
    trainings.submit(actor=agent, completed_on=today - timedelta(days=1), evidence=papers.upload())
    pre_release.add(agent, actor=administrator, listed_from=today, listed_until=None, others_are_needed=True)
    agreements.revoke(agent, actor=administrator, reason="Left a print-out in a train.")
    agreements.nominate(agent, actor=administrator)
    factories.lapse(Membership.objects.exclude(person=agent), granted_at=timezone.now() - timedelta(days=400))


def addresses(people: dict[str, Person]) -> list[Address]:
    """Name of the picture, key of the person, path."""
    everything_about(people)
    to_read = agreement_for(people, "nina@ri.example", "Nina Costa", 1)
    to_sign = agreement_for(people, "olga@ri.example", "Olga Reis", 2)
    to_file = agreement_for(people, "paulo@ri.example", "Paulo Lima", 3)
    people |= {"nina": to_read.person, "olga": to_sign.person}
    agent, official = people["agent"].public_id, "approving_official"
    waiting, training = (
        people["agent"].agreements.latest("nominated_at").pk,
        people["agent"].trainings.latest("submitted_at").pk,
    )
    acts = ["give-role", "record-training", "revoke"]
    found = [(f"person-{act}", "administrator", reverse("person_act", args=[agent, act])) for act in acts]
    return [
        ("home-administrator", "administrator", reverse("home")),
        ("people", "administrator", reverse("people")),
        ("people-nobody", "administrator", reverse("people") + "?q=nobody"),
        ("people-coordinator", "coordinator", reverse("people")),
        ("invite", "administrator", reverse("invite")),
        ("recertify", "administrator", reverse("recertify")),
        ("pre-release", "administrator", reverse("pre_release_list")),
        ("person", "administrator", reverse("person", args=[agent])),
        ("person-coordinator", "coordinator", reverse("person", args=[agent])),
        ("person-themself", "administrator", reverse("person", args=[people["administrator"].public_id])),
        *found,
        (
            "person-file",
            "administrator",
            reverse("person_record_act", args=[to_file.person.public_id, "file", to_file.pk]),
        ),
        ("person-accept", "administrator", reverse("person_record_act", args=[agent, "accept-training", training])),
        ("person-sign-for-bls", official, reverse("person_record_act", args=[agent, "sign-for-bls", waiting])),
        ("standing-coordinator", "coordinator", reverse("my_standing")),
        ("standing-agent", "agent", reverse("my_standing")),
        ("standing-to-read", "nina", reverse("my_standing")),
        ("duties", "nina", reverse("read_duties", args=[to_read.pk])),
        ("sign-agreement", "olga", reverse("sign_agreement", args=[to_sign.pk])),
        ("submit-training", "agent", reverse("submit_training")),
    ]


def test_pages_are_accessible_and_fit(people: dict[str, Person], live_server: LiveServer, browser: Browser) -> None:
    assert look_at_all(addresses(people), people, live_server, browser, pictures=PICTURES) == []


def test_invitation_is_accessible_and_ends(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    assert invitations.send_link(people["agent"], actor=people["administrator"])
    path = "/accounts/invitation/" + mail.outbox[-1].body.partition("/accounts/invitation/")[2].split()[0]
    page = browser.new_context().new_page()
    page.goto(live_server.url + path)
    found = look(page, "invitation", PICTURES)
    page.get_by_role("button", name="Set the password").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    found += look(page, "invitation-errors", PICTURES)
    for name in ("new_password1", "new_password2"):
        page.locator(f"#id_{name}").fill("a sentence only he would write")
    page.get_by_role("button", name="Set the password").click()
    assert "Your password is set" in page.inner_text("main")
    page.goto(live_server.url + path)
    assert [*found, *look(page, "invitation-ended", PICTURES)] == []
