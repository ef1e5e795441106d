"""To the provider and back: allauth's views with our exchange in the place of its own."""

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from django.http import Http404, HttpRequest, HttpResponseBase

from requests_app.agency_sign_on.protocol import Exchange


def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """To the provider; a GET shows the system-use notice first."""
    return _run(OAuth2LoginView, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from it, with a code."""
    return _run(OAuth2CallbackView, request, provider_id)


def _run(view: type[OAuth2View], request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        answer: HttpResponseBase = view.adapter_view(Exchange(request, provider_id))(request)
    except SocialApp.DoesNotExist as unknown:
        raise Http404 from unknown
    return answer
