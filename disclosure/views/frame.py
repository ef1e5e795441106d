"""What these pages share: the package, what was typed when the second factor went stale, and waiting for workers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict

from requests_app import policies
from requests_app.models import DataRequest, Package
from requests_app.views.life.requests import STOP_POLLING
from requests_app.views.sign_in.second_factor import take_typed


def package_of(request: DataRequest) -> Package:
    """The package pages and decisions are about; 404 where there is none with tables."""
    package = policies.newest_package(request)
    if package is None or package.tables is None:
        raise Http404
    return package


def given(http: HttpRequest) -> MultiValueDict[str, str] | None:
    """What was sent, or what had been typed when the second factor went stale: looking at tables takes its time."""
    return http.POST or take_typed(http) or None


def polled(http: HttpRequest, *, waits: bool) -> HttpResponse | None:
    """The answer to a page that asks whether it should load itself again; None where the page itself is asked for.

    Nothing is opened for it: an opening is an event and counted, a poll is neither.
    """
    if "HX-Request" not in http.headers:
        return None
    return HttpResponse(status=204) if waits else HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
