"""The OpenID Connect exchange: what is asked of the provider, and what must hold of its answer (OIDC Core 1.0)."""

import hmac
import time
from typing import Any, cast

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import get_random_string
from requests import RequestException

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
NONCE_LENGTH = 32  # Login.gov asks for 22 or more
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 120
CLOCKS_DIFFER_SECONDS = 30


class PrivateKeyClient(OAuth2Client):
    """Proves itself at the token endpoint with a signed assertion (RFC 7523) where the provider has our public key."""

    def get_access_token(
        self, code: str, pkce_code_verifier: str | None = None, extra_data: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The provider's answer to the code."""
        proof = {"client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
        return cast(dict[str, Any], super().get_access_token(code, pkce_code_verifier, {**(extra_data or {}), **proof}))

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.consumer_key,
            "sub": self.consumer_key,
            "aud": self.access_token_url,
            "jti": get_random_string(NONCE_LENGTH),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        return jwt.encode(claims, self.private_key, algorithm="RS256")


class Exchange(OpenIDConnectOAuth2Adapter):
    """One exchange with one provider."""

    def get_client(self, request: HttpRequest, app: Any) -> OAuth2Client:
        """With a secret, or with a private key where the provider's settings name one."""
        key = app.settings["private_key"]
        self.client_class = PrivateKeyClient if key else OAuth2Client
        client = super().get_client(request, app)
        if key:
            client.private_key, client.basic_auth = key, False
        return client

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """The ID token is ours, signed and fresh; what userinfo adds is about the same subject."""
        claims = self._verified(app, kwargs["response"].get("id_token", ""))
        told = self._fetch_user_info(token.token)
        if told.get("sub") != claims["sub"]:
            raise OAuth2Error("Userinfo is about another subject than the ID token.")
        login = self.get_provider().sociallogin_from_response(request, {"userinfo": told, "id_token": claims})
        login.nonce = str(claims.get("nonce", ""))
        return login

    def _verified(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            return cast(
                dict[str, Any],
                jwt.decode(
                    id_token,
                    key=self._signing_key(id_token),
                    algorithms=ALGORITHMS,
                    audience=app.client_id,
                    issuer=self.openid_config["issuer"],
                    leeway=CLOCKS_DIFFER_SECONDS,
                    options={"require": ["iss", "aud", "sub", "exp", "iat"]},
                ),
            )
        except jwt.PyJWTError as problem:
            raise OAuth2Error("The ID token does not hold.") from problem

    def _signing_key(self, id_token: str) -> jwt.PyJWK:
        named = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        found = [key for key in keys if key.key_id == named] if named else keys
        if len(found) != 1:
            raise OAuth2Error("The provider publishes no key for its ID token.")
        return found[0]


def answers(login: Any) -> bool:
    """The ID token was made for this very sign-in: it brings back the nonce that was sent out with it."""
    sent = login.state.get("nonce", "")
    return bool(sent) and hmac.compare_digest(login.nonce, sent)


class AgencyProvider(OpenIDConnectProvider):
    """A provider of the settings. What starts the exchange is ours alone: nothing of it comes from the address."""

    oauth2_adapter_class = Exchange

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Always a sign-in, with the scope and parameters of the settings; only the page to go on to is asked for."""
        next_url = super().get_redirect_from_request_kwargs(request).get("next_url")
        return {"process": AuthProcess.LOGIN, "next_url": next_url}

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponseBase:
        """To the provider, with a nonce that its ID token must bring back."""
        nonce = get_random_string(NONCE_LENGTH)
        parameters = self.get_auth_params() | {"nonce": nonce}
        try:
            return super().redirect(request, process, next_url, data, auth_params=parameters, nonce=nonce, **kwargs)
        except RequestException as problem:
            return render_authentication_error(request, self, exception=problem)

    def extract_extra_data(self, _data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: who the person is, we know; what else the provider tells is not ours to keep."""
        return {}
