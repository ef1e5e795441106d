"""Who calls: the person whose token the call carries. A session opens nothing here, so there is nothing to forge."""

import structlog
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import get_client_ip
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from requests_app.models import ApiToken, Person
from requests_app.services.sign_in import tokens

SCHEME = "bearer"


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`; without it the caller is nobody."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        """The person and the token; a token that does not count is refused, and that is an event."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME or not secret.strip():
            return None
        try:
            token = tokens.use_token(secret.strip())
        except tokens.TokenRefused as refused:
            self._refuse(request, refused)
        structlog.contextvars.bind_contextvars(actor=token.person_id)
        return token.person, token

    def _refuse(self, request: Request, refused: tokens.TokenRefused) -> None:
        """Counted by network address, so that guessing ends, and the log is not flooded."""
        if not ratelimit.consume(request._request, app="allauth.account", action="api_token_refused", limit_get=True):
            raise Throttled(detail="Too many tokens that do not count came from this address. Wait a minute.")
        tokens.record_refused_use(refused, address=get_client_ip(request._request) or "")
        raise AuthenticationFailed(str(refused))

    def authenticate_header(self, _request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"
