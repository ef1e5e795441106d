"""Signing in through a real OpenID Connect provider: whom it lets in, whom not, and what is kept of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from config import agency_providers
from requests_app import system_use
from requests_app.demo import signin
from requests_app.models import Event, Person
from tests import agency_provider
from tests.agency_provider import Provider, asked
from tests.second_factor import lasting_code

START = "/accounts/agency/ri/"
Configure = Callable[..., None]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with agency_provider.running() as running:
        yield running


@pytest.fixture
def configure(provider: Provider, settings: Settings, tmp_path: Path) -> Configure:
    def with_settings(at: Provider = provider, **more: Any) -> None:
        apps = agency_providers.read(agency_provider.settings_of(at, tmp_path, **more))
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}

    with_settings()
    return with_settings


@pytest.fixture
def rosa(people: dict[str, Person], provider: Provider, configure: Configure) -> Person:
    signin.let_in({"coordinator": people["coordinator"]})
    provider.knows("rosa", email=people["coordinator"].email, email_verified=True)
    return people["coordinator"]


def start(client: Client, notice: str = system_use.VERSION, **more: str) -> str:
    """To the provider; the address there."""
    response = client.post(START, {"notice": notice, **more})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def come_back(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in(client: Client, provider: Provider, subject: str = "rosa") -> Any:
    return come_back(client, provider.lets(subject, start(client)))


def changed(address: str, **parameters: str) -> str:
    return f"{address.partition('?')[0]}?{urlencode({**asked(address), **parameters})}"


def reasons() -> list[str]:
    events = Event.objects.filter(kind="person.sign_in", outcome="refused").order_by("seq")
    return [reason for event in events for reason in event.detail["reasons"]]


def test_person_is_signed_in_with_a_second_factor_of_ours(rosa: Person, provider: Provider, client: Client) -> None:
    assert sign_in(client, provider)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("home")).status_code == 302
    code = lasting_code()
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(reverse("home")).status_code == 200
    event = Event.objects.get(kind="person.sign_in")
    assert (event.actor_id, event.detail["way"], event.detail["notice"]) == (rosa.pk, "ri", system_use.VERSION)
    linked = SocialAccount.objects.get()
    assert (linked.user_id, linked.uid, linked.extra_data) == (rosa.pk, "rosa", {})
    assert Event.objects.get(kind="person.link_provider").detail["identity"] == "rosa"
    assert Person.objects.get(pk=rosa.pk).has_usable_password()


def test_second_time_links_nothing_new(rosa: Person, provider: Provider) -> None:
    for _ in range(2):
        assert sign_in(Client(), provider)["Location"] == reverse("mfa_authenticate")
    assert Event.objects.filter(kind="person.link_provider").count() == SocialAccount.objects.count() == 1


def test_what_is_asked_is_ours_alone(rosa: Person, provider: Provider) -> None:
    query = {"scope": "social_security_number", "auth_params": "prompt=none&nonce=theirs", "process": "connect"}
    address = Client().post(f"{START}?{urlencode(query)}", {"notice": system_use.VERSION})["Location"]
    sent = asked(address)
    assert set(sent["scope"].split()) == {"openid", "email"}
    assert "prompt" not in sent
    assert sent["code_challenge_method"] == "S256"
    assert min(len(sent["nonce"]), len(sent["state"])) >= 22
    assert sent["nonce"] != "theirs"


STRANGERS = [
    ({"email": "nobody@ri.example", "email_verified": True}, "Nobody here has the address the provider confirmed."),
    ({"email_verified": True}, "The provider did not confirm an email address."),
    ({"email": "{rosa}", "email_verified": False}, "The provider did not confirm an email address."),
    ({"email": "{rosa}", "email_verified": "true"}, "The provider did not confirm an email address."),
    ({"email": "{rosa}"}, "The provider did not confirm an email address."),
]


@pytest.mark.parametrize(("claims", "why"), STRANGERS)
def test_unknown_and_unverified_addresses_get_a_plain_page(
    claims: dict[str, Any], why: str, rosa: Person, provider: Provider, client: Client
) -> None:
    told = {name: rosa.email if value == "{rosa}" else value for name, value in claims.items()}
    provider.knows("stranger", **told)
    response = sign_in(client, provider, "stranger")
    assert response.status_code == 403
    assert "You are not signed in" in response.content.decode()
    assert reasons() == [why]
    assert client.get(reverse("home")).status_code == 302
    assert not SocialAccount.objects.exists()
    assert not Event.objects.filter(detail__icontains="nobody@").exists()


def test_pages_of_refusals_do_not_tell_who_has_an_account(
    rosa: Person, provider: Provider, people: dict[str, Person], configure: Configure
) -> None:
    configure(agency="RI")
    provider.knows("unknown", email="nobody@ri.example", email_verified=True)
    provider.knows("elsewhere", email=people["output_reviewer"].email, email_verified=True)
    pages = [sign_in(Client(), provider, subject).content for subject in ("unknown", "elsewhere")]
    assert pages[0] == pages[1]
    assert reasons()[1] == "The person belongs to another agency than the provider."


def test_provider_bound_to_an_agency_lets_its_people_in(rosa: Person, provider: Provider, configure: Configure) -> None:
    configure(agency="RI")
    assert sign_in(Client(), provider)["Location"] == reverse("mfa_authenticate")


def test_agency_may_vouch_for_its_own_domain(rosa: Person, provider: Provider, configure: Configure) -> None:
    provider.knows("entra", email=rosa.email)
    configure(agency="RI", verified_domains=[rosa.email.partition("@")[2].upper()])
    assert sign_in(Client(), provider, "entra")["Location"] == reverse("mfa_authenticate")


def test_address_given_to_somebody_else_does_not_open_the_account(rosa: Person, provider: Provider) -> None:
    sign_in(Client(), provider)
    provider.knows("successor", email=rosa.email, email_verified=True)
    assert sign_in(Client(), provider, "successor").status_code == 403
    assert reasons() == ["The person is known to the provider under another identity."]


def test_identity_does_not_move_to_another_person(rosa: Person, provider: Provider, people: dict[str, Person]) -> None:
    sign_in(Client(), provider)
    provider.knows("rosa", email=people["agent"].email, email_verified=True)
    assert sign_in(Client(), provider).status_code == 403


def test_disabled_person_gets_no_further(rosa: Person, provider: Provider, client: Client) -> None:
    Person.objects.filter(pk=rosa.pk).update(is_active=False)
    assert sign_in(client, provider)["Location"] == reverse("account_inactive")
    assert reasons() == ["The account is not active."]


@pytest.mark.parametrize("notice", ["", "2020-01"])
def test_notice_that_was_not_accepted_ends_the_sign_in(
    notice: str, rosa: Person, provider: Provider, client: Client
) -> None:
    response = come_back(client, provider.lets("rosa", start(client, notice=notice)))
    assert response["Location"] == reverse("account_login")
    assert reasons() == ["The system-use notice was not accepted."]


def test_state_that_is_not_ours_is_refused(rosa: Person, provider: Provider, client: Client) -> None:
    back = provider.lets("rosa", start(client))
    assert come_back(Client(), back).status_code == 403  # somebody else's browser
    assert come_back(client, changed(back, state="x" * 32)).status_code == 403
    assert come_back(client, back)["Location"] == reverse("mfa_authenticate")
    assert come_back(client, back).status_code == 403  # a second time
    assert reasons() == ["The exchange with the provider failed."] * 3


def test_nonce_that_is_not_ours_is_refused(rosa: Person, provider: Provider, client: Client) -> None:
    back = provider.lets("rosa", changed(start(client), nonce="n" * 32))
    assert come_back(client, back).status_code == 403
    assert reasons() == ["The provider's answer does not belong to this sign-in."]


@pytest.mark.parametrize("change", [{"code_challenge": "c" * 43}, {"client_id": "another"}])
def test_code_that_is_not_ours_is_refused(
    change: dict[str, str], rosa: Person, provider: Provider, client: Client
) -> None:
    back = provider.lets("rosa", changed(start(client), **change))
    assert come_back(client, back).status_code == 403
    assert reasons() == ["The exchange with the provider failed."]


def test_cancelling_at_the_provider_is_said(rosa: Person, provider: Provider, client: Client) -> None:
    back = provider.refuses(start(client))
    if "state=" not in back:  # this provider leaves it out
        back = f"{back}&state={next(iter(client.session['socialaccount_states']))}"
    page = come_back(client, back)
    assert "You stopped signing in at Rhode Island" in page.content.decode()


def test_provider_that_does_not_answer_is_said(rosa: Person, configure: Configure, client: Client) -> None:
    configure(Provider("http://127.0.0.1:9"))
    response = client.post(START, {"notice": system_use.VERSION})
    assert response.status_code == 403
    assert "did not work this time" in response.content.decode()


def test_start_and_end_lead_to_no_other_site(rosa: Person, provider: Provider, client: Client) -> None:
    back = provider.lets("rosa", start(client, next="https://evil.example/"))
    come_back(client, back)
    code = lasting_code()
    assert client.post(reverse("mfa_authenticate"), {"code": code})["Location"] == reverse("home")


def test_unknown_provider_is_not_there(rosa: Person, client: Client) -> None:
    for name in ("openid_connect_login", "openid_connect_callback"):
        assert client.get(reverse(name, args=["nobody"])).status_code == 404


def test_client_proves_itself_with_its_private_key(rosa: Person, configure: Configure, tmp_path: Path) -> None:
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    for name, private in {"key": key, "other": other}.items():
        (tmp_path / name).write_bytes(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    public = tmp_path / "public"
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with agency_provider.running(public) as strict:
        strict.knows("rosa", email=rosa.email, email_verified=True)
        configure(strict, client_secret_file=None, private_key_file="key")
        assert sign_in(Client(), strict)["Location"] == reverse("mfa_authenticate")
        configure(strict, client_secret_file=None, private_key_file="other")
        assert sign_in(Client(), strict).status_code == 403
        configure(strict)
        assert sign_in(Client(), strict).status_code == 403


WRONG = [
    ({"name": None}, "lacks name"),
    ({"colour": "blue"}, "unknown settings: colour"),
    ({"client_secret_file": None}, "needs either a client_secret_file"),
    ({"private_key_file": "secret"}, "needs either a client_secret_file"),
    ({"verified_domains": ["ri.gov"]}, "must be bound to an agency"),
    ({"pkce": False}, "without PKCE only with a private_key_file"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_file_of_providers_is_checked_at_the_start(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    file = agency_provider.settings_of(Provider("https://sign-in.example"), tmp_path, **change)
    with pytest.raises(ImproperlyConfigured, match=said):
        agency_providers.read(file)


def test_sign_in_form_may_lead_to_the_providers_only(tmp_path: Path) -> None:
    at, more = Provider("https://sign-in.example/tenant"), ["https://adfs.example/login"]
    apps = agency_providers.read(agency_provider.settings_of(at, tmp_path, form_origins=more))
    assert agency_providers.form_origins(apps) == ["https://adfs.example", "https://sign-in.example"]
    assert agency_providers.form_origins([]) == []


def test_provider_tells_nothing_without_a_challenge(provider: Provider, rosa: Person) -> None:
    """The provider of these tests is as strict as it is meant to be."""
    sent = {name: value for name, value in asked(start(Client())).items() if not name.startswith("code_challenge")}
    answer = requests.post(
        f"{provider.url}/oauth2/authorize?{urlencode(sent)}", data={"sub": "rosa"}, allow_redirects=False, timeout=10
    )
    assert "code=" not in answer.headers.get("Location", "")
