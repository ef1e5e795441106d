"""Enforces the table of routes before any view runs, and answers every refusal with its reasons."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.middleware import GetResponse
from config.routes import API_PREFIX, ROUTES
from requests_app.api import problems
from requests_app.audiences import Audience
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.views.people.access import person_of, record_attempt, refused

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name this module


class RouteAccess:
    """Anonymous people are sent to sign in, what a person does not see is not there, the wrong role is told why."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """None where the table lets the person through."""
        audience = audience_of(request)
        if audience is None:
            return _no_such_method(request)
        if audience.public:
            request.admitted = True  # type: ignore[attr-defined]
            return None
        if request.path.startswith(API_PREFIX):
            return None  # ByTable asks once the token is known
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            admit(request, audience, person_of(request))
        except Denied as denied:
            return self.process_exception(request, denied)
        return None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        """What a policy refuses is a 403 with its reasons, and an event."""
        if not isinstance(problem, Denied):
            return None
        if not problem.recorded:
            record_attempt(request, problem)
        return refused(request, problem)


class ByTable(BasePermission):  # type: ignore[misc]
    """The same table for the API: asked when the token has said who calls."""

    def has_permission(self, request: Request, _view: "APIView") -> bool:
        """True, `Http404` or `Denied`."""
        audience = audience_of(request._request)
        if audience is None or audience.public:
            return audience is not None
        if not isinstance(request.user, Person):
            raise NotAuthenticated("Send “Authorization: Bearer” and a token of the page “My API tokens”.")
        admit(request._request, audience, request.user)
        return True


def audience_of(request: HttpRequest) -> Audience | None:
    """Who may come here with this method, by the table; None where the address has no such method."""
    methods = ROUTES[request.resolver_match.view_name]  # type: ignore[union-attr]
    return methods.get("GET" if request.method == "HEAD" else str(request.method))


def admit(request: HttpRequest, audience: Audience, person: Person) -> None:
    """Lets the person through; `Http404` where they do not see what the address is about, `Denied` for a wrong role.

    `request.admitted` says that the door was passed: what is refused from then on, a policy refuses.
    """
    kwargs = request.resolver_match.kwargs  # type: ignore[union-attr]
    try:
        found = audience.find(person, str(kwargs.get("number", "")))
    except DataRequest.DoesNotExist as unseen:
        raise Http404 from unseen
    request.data_request = found  # type: ignore[attr-defined]
    try:
        audience.check(person, found)
    except Denied as denied:
        if audience.hidden:
            raise Http404 from denied
        raise
    request.admitted = True  # type: ignore[attr-defined]


def _no_such_method(request: HttpRequest) -> HttpResponseBase:
    allowed = sorted(ROUTES[request.resolver_match.view_name])  # type: ignore[union-attr]
    if request.path.startswith(API_PREFIX):
        return problems.problem(405, f"Use {' or '.join(allowed)}.", headers={"Allow": ", ".join(allowed)})
    return HttpResponseNotAllowed(allowed)
