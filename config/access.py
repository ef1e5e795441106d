"""Enforces the table of routes before any view runs, and answers every refusal with its reasons."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from config.middleware import GetResponse
from config.routes import ROUTES
from requests_app.models import DataRequest
from requests_app.policies import Denied
from requests_app.views.access import person_of, record_attempt, refused

API_PREFIX = "/api/"


class RouteAccess:
    """Anonymous people are sent to sign in, what a person does not see is not there, the wrong role is told why."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """None where the table lets the person through."""
        if request.path.startswith(API_PREFIX):
            return None  # the same table, asked once the token is known: requests_app.api
        methods = ROUTES[request.resolver_match.view_name]  # type: ignore[union-attr]
        audience = methods.get("GET" if request.method == "HEAD" else str(request.method))
        if audience is None:
            return HttpResponseNotAllowed(list(methods))
        if audience.public:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        person = person_of(request)
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
            return self.process_exception(request, denied)
        return None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        """What a policy refuses is a 403 with its reasons, and an event."""
        if not isinstance(problem, Denied):
            return None
        if not problem.recorded:
            record_attempt(request, problem)
        return refused(request, problem)
