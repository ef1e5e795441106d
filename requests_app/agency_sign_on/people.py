"""Which of our people a provider's answer lets in: existing, active, by their verified address, each time anew."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.crypto import get_random_string

from requests_app import sign_in_events
from requests_app.agency_sign_on.protocol import NONCE_LENGTH, AgencyProvider, answers
from requests_app.models import Person

UNVERIFIED = "The provider did not confirm an email address."
UNKNOWN = "Nobody here has the address the provider confirmed."
OTHER_AGENCY = "The person belongs to another agency than the provider."
OTHER_IDENTITY = "The person is known to the provider under another identity."
NOT_THIS_SIGN_IN = "The provider's answer does not belong to this sign-in."
FAILED = "The exchange with the provider failed."
CANCELLED = "The person cancelled at the provider."


class AgencyAccountAdapter(DefaultSocialAccountAdapter):
    """Signs in whom BLS has invited; registers nobody and takes nobody's word for an address."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        """Never."""
        return False

    def can_authenticate_by_email(self, _login: Any, _email: str) -> bool:
        """Not by allauth, which would take the password away; `pre_social_login` finds the person."""
        return False

    def list_apps(self, _request: HttpRequest, provider: str = "", client_id: str = "") -> list[SocialApp]:
        """The providers of the settings; a row in a database table makes none."""
        configured = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        apps = [SocialApp(provider="openid_connect", **entry) for entry in configured]
        return [
            app
            for app in apps
            if provider in ("", None, app.provider, app.provider_id) and client_id in ("", None, app.client_id)
        ]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str = "") -> AgencyProvider:
        """Held tighter than allauth's own; `SocialApp.DoesNotExist`, which is a 404, where the settings have none."""
        return AgencyProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def list_providers(self, request: HttpRequest) -> list[AgencyProvider]:
        """For the sign-in page."""
        return [AgencyProvider(request, app=app) for app in self.list_apps(request)]

    def generate_state_param(self, _state: dict[str, Any]) -> str:
        """Login.gov asks for 22 characters or more."""
        return get_random_string(NONCE_LENGTH)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Finds the person and links them at their first time; anybody else gets a page that says no more than that."""
        app = sociallogin.provider.app
        if not answers(sociallogin):
            self._refuse(request, None, NOT_THIS_SIGN_IN, app)
        address = confirmed_address(sociallogin, app.settings["verified_domains"])
        if not address:
            self._refuse(request, None, UNVERIFIED, app)
        person = Person.objects.select_related("agency").filter(email__iexact=address).first()
        if person is None:
            self._refuse(request, None, UNKNOWN, app)
        elif app.settings["agency"] not in ("", person.agency.postal):
            self._refuse(request, person, OTHER_AGENCY, app)
        elif not _is_their_identity(person, sociallogin.account):
            self._refuse(request, person, OTHER_IDENTITY, app)
        elif person.is_active and not sociallogin.is_existing:
            sociallogin.connect(request, person)
        else:
            sociallogin.user = person

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """A state that is not ours, a code or token that does not hold, no answer: one page, one event."""
        self._refuse(request, None, CANCELLED if error == AuthError.CANCELLED else FAILED, provider.app)

    def _refuse(self, request: HttpRequest, person: Person | None, why: str, app: SocialApp) -> None:
        sign_in_events.sign_in_refused(request, person, why, way=app.provider_id)
        context = {
            "provider_name": app.name,
            "failed": why in (FAILED, NOT_THIS_SIGN_IN),
            "cancelled": why == CANCELLED,
        }
        raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", context, status=403))


def confirmed_address(login: Any, verified_domains: list[str]) -> str:
    """The address the provider confirms, or whose domain it is the authority of; empty where there is none."""
    for one in login.email_addresses:
        if one.verified is True or one.email.rpartition("@")[2].lower() in verified_domains:
            return str(one.email)
    return ""


def _is_their_identity(person: Person, account: SocialAccount) -> bool:
    """A person has one identity at a provider, and an identity is one person's: addresses are given out again."""
    linked = SocialAccount.objects.filter(provider=account.provider)
    return (
        not linked.filter(user=person).exclude(uid=account.uid).exists()
        and not linked.filter(uid=account.uid).exclude(user=person).exists()
    )
