"""What `tests.agency_provider` runs: the provider from PyPI, with the stricter rules of authlib switched on."""

from pathlib import Path
from typing import Any

CHALLENGES: dict[str, tuple[str, str]] = {}


def serve(port: int, public_key: Path | None) -> None:
    """Until the process is told to end."""
    import oidc_provider_mock
    import uvicorn
    from authlib.integrations.flask_oauth2 import AuthorizationServer
    from oidc_provider_mock import _app as provider

    registered = AuthorizationServer.register_grant

    def register_grant(self: AuthorizationServer, grant: Any, extensions: list[Any] | None = None) -> None:
        if grant is provider.AuthorizationCodeGrant:
            extensions = [*(extensions or []), _challenge()]
            if public_key:
                grant.TOKEN_ENDPOINT_AUTH_METHODS = ["client_assertion_jwt"]
                self.register_client_auth_method("client_assertion_jwt", _assertion(port, public_key))
        registered(self, grant, extensions)

    AuthorizationServer.register_grant = register_grant
    _remember_challenges(provider.AuthorizationCodeGrant)
    app = oidc_provider_mock.app(require_nonce=True)
    uvicorn.run(app, interface="wsgi", host="127.0.0.1", port=port, log_level="warning")


def _remember_challenges(grant: Any) -> None:
    saved = grant.save_authorization_code

    def save(self: Any, code: str, request: Any) -> None:
        told = request.payload.data
        CHALLENGES[code] = (told.get("code_challenge", ""), told.get("code_challenge_method", ""))
        saved(self, code, request)

    grant.save_authorization_code = save


def _challenge() -> Any:
    from authlib.oauth2.rfc6749.errors import InvalidRequestError
    from authlib.oauth2.rfc7636 import CodeChallenge

    class Required(CodeChallenge):
        def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
            if grant.request.payload.data.get("code_challenge_method") != "S256":
                raise InvalidRequestError("This provider takes code_challenge_method S256 only.")
            super().validate_code_challenge(grant, redirect_uri)

        def get_authorization_code_challenge(self, code: Any) -> str:
            return CHALLENGES[code.code][0]

        def get_authorization_code_challenge_method(self, code: Any) -> str:
            return CHALLENGES[code.code][1]

    return Required()


def _assertion(port: int, public_key: Path) -> Any:
    from authlib.oauth2.rfc7523 import JWTBearerClientAssertion

    used: set[str] = set()

    class Assertion(JWTBearerClientAssertion):
        def get_audiences(self) -> list[str]:
            return [f"http://127.0.0.1:{port}/oauth2/token"]

        def resolve_client_public_key(self, _client: Any) -> str:
            return public_key.read_text()

        def validate_jti(self, _claims: Any, jti: str) -> bool:
            fresh = jti not in used
            used.add(jti)
            return fresh

    return Assertion()
