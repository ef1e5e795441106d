"""Speaks to the Kiteworks REST API: tokens, versions, errors, and which calls may be repeated.

Sources: developer.kiteworks.com, "JWT authorization", "API concepts", "Manage mail". There are no idempotency keys:
only what changes nothing, or is refused with certainty before anything was done, is repeated here. Error bodies differ
from call to call, so only the status and the documented code are believed.
"""

import time
import uuid
from types import TracebackType
from typing import Any, Self

import jwt
import requests

from requests_app.channels.parcels import Refused, TryAgain
from requests_app.channels.places import KiteworksPlace

VERSION = "28"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 300
EARLY = 30  # a token is renewed this many seconds before it ends
TRIES = 4
LONGEST_PAUSE = 30.0
BUSY = 429  # refused before anything was done: as good as not asked
UNAUTHORIZED = 401
BLOCKED = 490  # Kiteworks' own firewall: will not change by itself
NOT_ACCEPTED = frozenset({400, 403})  # of an assertion
NOT_FOUND = frozenset({404, 410})
CONFLICT = frozenset({400, 409, 422})
PAGE = 100


class Gone(TryAgain):
    """The other side does not know this thing (any more); where nobody expects that, the next attempt looks again."""


class Conflict(TryAgain):
    """The other side will not do this to the thing as it stands: perhaps it was done before."""


class Client:
    """One conversation; use it as a context manager. Every method raises `TryAgain` or `Refused` in plain words."""

    def __init__(self, place: KiteworksPlace) -> None:
        """Nothing is sent before the first call."""
        self._place = place
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy or netrc of the machine decides where packages go
        self._session.verify = place.ca_file or True
        self._token, self._token_ends = "", 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, path: str, **query: str | int) -> Any:
        """The body of an answer; repeated where the other side is busy or away."""
        return self._call("GET", path, repeat=True, params=query)

    def listed(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """All entries of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, limit=PAGE, offset=len(found), **query)
            entries = page.get("data", []) if isinstance(page, dict) else page
            found += entries
            if len(entries) < PAGE:
                return found

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Makes something: sent once, never repeated in doubt."""
        return self._made("POST", path, body)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Changes something: sent once, never repeated in doubt."""
        return self._made("PUT", path, body)

    def delete(self, path: str) -> None:
        """Takes something away; that it is gone already is as good."""
        try:
            self._call("DELETE", path, repeat=True)
        except Gone:
            return

    def upload(self, uri: str, fields: dict[str, str], content: bytes) -> dict[str, Any]:
        """One chunk of a file, as a form: sent once, never repeated in doubt."""
        path = uri.removeprefix("/") + "?returnEntity=true"
        found = self._call("POST", path, repeat=False, data=fields, files={"content": ("chunk", content)})
        return found if isinstance(found, dict) else {}

    def _made(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        found = self._call(method, path, repeat=False, json=body, params={"returnEntity": "true"})
        if not isinstance(found, dict):
            raise TryAgain("Kiteworks answered without saying what it did.")
        return found

    def _call(self, method: str, path: str, *, repeat: bool, **given: Any) -> Any:
        for left in reversed(range(TRIES)):
            try:
                answer = self._once(method, path, **given)
            except requests.RequestException as error:
                if left and repeat:
                    self._wait(TRIES - left, 0.0)
                    continue
                raise TryAgain(f"Kiteworks did not answer ({type(error).__name__}).") from error
            if answer.status_code == UNAUTHORIZED and left:
                self._token = ""
            elif answer.status_code == BUSY or (answer.status_code >= 500 and repeat):
                if not left:
                    break
                self._wait(TRIES - left, _seconds(answer))
            else:
                return _body(answer)
        raise TryAgain(f"Kiteworks is busy ({answer.status_code}).", after=_seconds(answer))

    def _once(self, method: str, path: str, **given: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._bearer()}", "X-Accellion-Version": VERSION}
        url = f"{self._place.url.rstrip('/')}/{path.removeprefix('/')}"
        return self._session.request(
            method, url, headers=headers, timeout=self._place.seconds, allow_redirects=False, **given
        )

    def _bearer(self) -> str:
        if not self._token or time.monotonic() >= self._token_ends:
            answer = self._asked_for_token()
            if answer.status_code in NOT_ACCEPTED:  # once more: an assertion that was repeated on its way is not taken
                answer = self._asked_for_token()
            if answer.status_code in NOT_ACCEPTED:
                raise Refused("Kiteworks does not accept this site's key or client: look at DELIVERY_PLACES_FILE.")
            body = _body(answer) if answer.ok or answer.status_code == BLOCKED else None
            if not isinstance(body, dict) or "access_token" not in body:
                raise TryAgain(f"Kiteworks gave no token ({answer.status_code}).", after=_seconds(answer))
            self._token = body["access_token"]
            self._token_ends = time.monotonic() + float(body.get("expires_in", ASSERTION_SECONDS)) - EARLY
        return self._token

    def _asked_for_token(self) -> requests.Response:
        fields = {
            "grant_type": GRANT,
            "client_id": self._place.client_id,
            "client_secret": self._place.client_secret,
            "assertion": self._assertion(),
        }
        url = f"{self._place.url.rstrip('/')}/oauth/token"
        return self._session.post(url, data=fields, timeout=self._place.seconds, allow_redirects=False)

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._place.url,
            "sub": self._place.user,
            "aud": self._place.client_name,
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        try:
            return jwt.encode(claims, self._place.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.InvalidKeyError) as error:
            raise Refused("The private key for Kiteworks cannot be read: look at DELIVERY_PLACES_FILE.") from error

    def _wait(self, tried: int, asked: float) -> None:
        time.sleep(min(max(asked, self._place.pause * 2.0 ** (tried - 1)), LONGEST_PAUSE))


def _seconds(answer: requests.Response) -> float:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0


def _body(answer: requests.Response) -> Any:
    status = answer.status_code
    if status == BLOCKED:
        raise Refused("Kiteworks' firewall blocked the call (490). Its administrator must let this site through.")
    if status in NOT_FOUND:
        raise Gone(f"Kiteworks does not know it ({status}).")
    if status in CONFLICT:
        raise Conflict(f"Kiteworks would not do it ({status} {_code(answer)}).")
    if status >= 500 or status in {UNAUTHORIZED, 413}:
        raise TryAgain(f"Kiteworks could not do it now ({status} {_code(answer)}).", after=_seconds(answer))
    if not answer.ok:
        raise Refused(f"Kiteworks refused ({status} {_code(answer)}).")
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        raise TryAgain("Kiteworks answered with something that is not JSON.") from None


def _code(answer: requests.Response) -> str:
    """The documented error code, and nothing else of a body that may hold anything."""
    try:
        code = answer.json().get("code", "")
    except (ValueError, AttributeError):
        return ""
    return code if isinstance(code, str) and code.startswith("ERR_") and code.replace("_", "").isalpha() else ""
