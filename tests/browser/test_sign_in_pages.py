"""Signing in as people do it: an app set up from nothing, passkeys, an agency's provider; and the lock when idle."""

import base64
import copy
import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from config import agency_providers
from requests_app.demo.signin import let_in, password_of, player_of
from requests_app.models import Event, Person
from requests_app.services.life import requests as service
from tests import agency_provider, factories
from tests.browser.axe_check import chromium_path, listen, look
from tests.pages import signed_in
from tests.second_factor import lasting_code, wait_for_a_lasting_code

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]
ROSA = player_of("coordinator")
ACCEPT = "Accept and sign in"


@pytest.fixture
def rosa(people: dict[str, Person]) -> Person:
    let_in({"coordinator": people["coordinator"]})
    return people["coordinator"]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    return browser.new_context(base_url=live_server.url).new_page()


@pytest.fixture
def heard(page: Page) -> Iterator[list[str]]:
    """What the browser complains of is a failure of the test."""
    complaints = listen(page)
    yield complaints
    assert complaints == []


def let_browser_in(page: Page, person: Person, live_server: LiveServer) -> None:
    cookie = signed_in(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def type_password(page: Page) -> None:
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill(ROSA.email)
    page.get_by_label("Password").fill(password_of(ROSA))
    press(page, ACCEPT)


def at_home(page: Page) -> bool:
    return page.get_by_role("heading", name="What waits for you").is_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_load_state()


def test_password_and_app_from_nothing(page: Page, rosa: Person, heard: list[str]) -> None:
    rosa.authenticator_set.all().delete()  # type: ignore[attr-defined]
    type_password(page)
    page.get_by_label("password").fill(password_of(ROSA))
    press(page, "Confirm")
    found = look(page, "app-set-up", PICTURES)
    secret = page.locator("strong.wr-code").inner_text()
    app = TOTP(base64.b32decode(secret + "=" * (-len(secret) % 8)), 6, SHA1(), 30)  # noqa: S303
    wait_for_a_lasting_code()
    used = app.generate(int(time.time())).decode()
    page.get_by_role("textbox", name="Code").fill(used)
    press(page, "Set up")
    found += look(page, "app-set-up-codes", PICTURES)
    recovery = page.locator(".wr-codes li").first.inner_text()
    page.goto(reverse("home"))
    sign_out(page)
    type_password(page)
    page.get_by_role("textbox", name="Code").fill(recovery)
    press(page, "Sign in")
    assert at_home(page)
    sign_out(page)
    type_password(page)
    while (code := app.generate(int(time.time())).decode()) == used:
        page.wait_for_timeout(500)  # a code is taken once
    page.get_by_role("textbox", name="Code").fill(code)
    press(page, "Sign in")
    assert at_home(page)
    assert found == []


DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def device_of(page: Page) -> Any:
    """The browser's own virtual authenticator, as a laptop with a fingerprint reader has one."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return tools


def add_passkey(page: Page, name: str) -> list[str]:
    page.goto(reverse("mfa_add_webauthn"))
    if "reauthenticate" in page.url:
        page.get_by_role("textbox", name="Code").fill(lasting_code())
        press(page, "Confirm")
    found = look(page, "passkey-add", PICTURES)
    page.get_by_label("Name").fill(name)
    with page.expect_navigation():
        page.get_by_role("button", name="Add the passkey").click()
    page.goto(reverse("mfa_index"))
    return found


def test_passkey_alone_signs_in(
    page: Page, rosa: Person, people: dict[str, Person], live_server: LiveServer, heard: list[str]
) -> None:
    let_browser_in(page, rosa, live_server)
    device_of(page)
    found = add_passkey(page, "Work laptop")
    found += look(page, "passkeys", PICTURES)
    sign_out(page)
    page.goto(reverse("account_login"))
    with page.expect_navigation(url=re.compile("home")):
        page.get_by_role("button", name="Accept and sign in with a passkey").click()
    assert at_home(page)
    event = Event.objects.get(kind="person.sign_in")
    assert (event.actor_id, event.detail["way"]) == (rosa.pk, "passkey")
    page.goto(reverse("home"))
    sign_out(page)
    type_password(page)
    found += look(page, "second-factor-passkey", PICTURES)
    with page.expect_navigation(url=re.compile("home")):
        page.get_by_role("button", name="Sign in with a passkey").click()
    assert at_home(page)
    page.goto(reverse("form_sign", args=[factories.draft(people).number]))
    assert "2fa" not in page.url  # the passkey was seen a moment ago
    assert found == []


def test_passkey_confirms_is_renamed_and_the_last_factor_stays(
    page: Page, rosa: Person, live_server: LiveServer, heard: list[str]
) -> None:
    let_browser_in(page, rosa, live_server)
    device_of(page)
    add_passkey(page, "Work laptop")
    page.get_by_role("link", name="Rename Work laptop").click()
    found = look(page, "passkey-rename", PICTURES)
    page.get_by_label("Name").fill("Blue laptop")
    press(page, "Save")
    page.goto(f"{reverse('mfa_reauthenticate')}?next={reverse('request_list')}")
    found += look(page, "confirm-passkey", PICTURES)
    with page.expect_navigation(url=re.compile("requests")):
        page.get_by_role("button", name="Confirm with a passkey").click()
    idle(rosa, 20)
    page.goto(reverse("home"))
    with page.expect_navigation(url=re.compile("home")):
        page.get_by_role("button", name="Unlock with a passkey").click()
    assert at_home(page)
    page.goto(reverse("mfa_index"))
    page.get_by_role("link", name="Remove it").click()
    found += look(page, "app-remove", PICTURES)
    press(page, "Remove the app")
    page.get_by_role("link", name="Remove Blue laptop").click()
    found += look(page, "passkey-last", PICTURES)
    assert "This is your only second factor" in page.inner_text("main")
    kinds = Event.objects.filter(kind__endswith="_factor").values_list("kind", flat=True)
    assert {"person.add_factor", "person.rename_factor", "person.remove_factor", "person.confirm_factor"} <= set(kinds)
    assert found == []


def test_device_without_a_passkey_is_told_so(page: Page, rosa: Person, heard: list[str]) -> None:
    device_of(page)
    page.goto(reverse("account_login"))
    page.get_by_role("button", name="Accept and sign in with a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was confirmed")).to_be_visible()


@pytest.fixture
def provider() -> Iterator[agency_provider.Provider]:
    with agency_provider.running() as running:
        yield running


def test_agency_sign_on(
    page: Page, rosa: Person, provider: agency_provider.Provider, settings: Settings, tmp_path: Path
) -> None:
    apps = agency_providers.read(agency_provider.settings_of(provider, tmp_path))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] += agency_providers.form_origins(apps)
    settings.CONTENT_SECURITY_POLICY = policy
    provider.knows("rosa", email=rosa.email, email_verified=True)
    provider.knows("stranger", email="stranger@ri.example", email_verified=True)
    page.goto(reverse("account_login"))
    found = look(page, "sign-in-agency", PICTURES)
    for subject in ("stranger", "rosa"):
        page.goto(reverse("account_login"))
        press(page, "Accept and sign in with Rhode Island")
        page.get_by_placeholder("sub").fill(subject)
        press(page, "Authorize")
        found += look(page, f"agency-{subject}", PICTURES)
    page.get_by_role("textbox", name="Code").fill(lasting_code())
    press(page, "Sign in")
    assert at_home(page)
    page.context.clear_cookies()
    page.goto(reverse("openid_connect_login", args=["ri"]))
    assert [*found, *look(page, "agency-notice", PICTURES)] == []


def idle(person: Person, minutes: float) -> None:
    UserSession.objects.filter(user=person).update(last_seen_at=timezone.now() - timedelta(minutes=minutes))


def test_idle_page_warns_locks_and_comes_back_with_what_was_typed(
    page: Page, rosa: Person, live_server: LiveServer, heard: list[str]
) -> None:
    let_browser_in(page, rosa, live_server)
    page.clock.install()
    section = reverse("form_section", args=[service.start_draft(actor=rosa).number, "project"])
    page.goto(section)
    page.get_by_label("Project title").fill("Nurses who left")
    page.clock.run_for(2_000)
    expect(page.get_by_text("Saved at")).to_be_visible()  # typing is activity; from here on nothing happens
    idle(rosa, 14)
    page.clock.fast_forward(14 * 60_000)
    warning = page.get_by_role("alert").filter(has_text="Your session locks in")
    expect(warning).to_be_visible()
    found = look(page, "idle-warning", PICTURES)
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    assert timezone.now() - UserSession.objects.get(user=rosa).last_seen_at < timedelta(minutes=1)
    idle(rosa, 14)
    page.clock.fast_forward(14 * 60_000)
    expect(warning).to_be_visible()
    idle(rosa, 15)
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("heading", name="Your session is locked")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    assert page.title() == "Locked | Wage Records Application"
    if PICTURES:
        page.screenshot(path=PICTURES / "idle-covered.png")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Unlock").click()
    found += look(opened.value, "locked", PICTURES)
    opened.value.get_by_role("textbox", name="Code").fill(lasting_code())
    press(opened.value, "Unlock")
    page.clock.fast_forward(6_000)
    expect(page.get_by_label("Project title")).to_have_value("Nurses who left")
    expect(page.get_by_label("Project title")).to_be_visible()
    press(page, "Save")
    assert "Saved: Project" in page.inner_text("main")
    kinds = Event.objects.filter(kind__startswith="session.").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["session.lock", "session.unlock"]
    assert found == []


def test_page_of_an_ended_session_leads_to_sign_in(page: Page, rosa: Person, live_server: LiveServer) -> None:
    let_browser_in(page, rosa, live_server)
    page.clock.install()
    page.goto(reverse("request_list"))
    idle(rosa, 31)
    page.clock.fast_forward(15 * 60_000)
    page.wait_for_url(re.compile("login"))
    assert "Your session ended after 30 minutes" in page.inner_text("main")


def test_form_sent_into_a_locked_session_is_sent_after_unlocking(
    page: Page, rosa: Person, live_server: LiveServer, heard: list[str]
) -> None:
    let_browser_in(page, rosa, live_server)
    page.goto(reverse("form_section", args=[service.start_draft(actor=rosa).number, "project"]))
    page.get_by_label("Project title").fill("Nurses who left")
    idle(rosa, 20)
    press(page, "Save")
    assert page.get_by_role("heading", name="Your session is locked").is_visible()
    page.get_by_role("textbox", name="Code").fill(lasting_code())
    press(page, "Unlock")
    found = look(page, "typed-kept", PICTURES)
    press(page, "Send it now")
    assert "Saved: Project" in page.inner_text("main")
    assert found == []
