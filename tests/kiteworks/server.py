"""The simulated server itself: real HTTP on a free port, JWT bearer tokens, the version header, form uploads."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.kiteworks import faults
from tests.kiteworks.faults import Fault
from tests.kiteworks.office import Answer, Office

CLIENT = {"client_id": "wage-records", "client_secret": "not a secret", "client_name": "Wage Records"}
USER = "packages@bls.example"


class Kiteworks(ThreadingHTTPServer):
    """One server: its office, its faults, and how long its tokens live."""

    daemon_threads = True

    def __init__(self, public_key: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.public_key = public_key
        self.office = Office()
        self.faults: Iterator[Fault] = faults.none()
        self.tokens: dict[str, float] = {}
        self.assertions: set[str] = set()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, _request: Any, _address: Any) -> None:
        """A client that went away is what is being tried."""


@contextmanager
def running(public_key: str) -> Iterator[Kiteworks]:
    """A server that listens until the end."""
    server = Kiteworks(public_key)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One call: the fault of its turn, who asks, then what the office says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headings and body go in two pieces: without it each answer waits 40 ms
    server: Kiteworks

    def log_message(self, *_args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            fault = next(self.server.faults)
        if fault is Fault.CUT_BEFORE:
            return self._cut()
        early = {Fault.BUSY: (429, ""), Fault.BLOCKED: (490, ""), Fault.AWAY: (503, "ERR_SESSION_LIMIT_REACHED")}
        if fault in early:
            status, code = early[fault]
            return self._answer(status, {"code": code}, {"Retry-After": "0"} if status == 429 else {})
        if fault is Fault.TOKEN_ENDED:
            self.server.tokens.clear()
        status, answer = self._carried_out(body)
        if fault is Fault.DOUBLED:
            status, answer = self._carried_out(body)
        if fault is Fault.CUT_AFTER:
            return self._cut()
        if fault is Fault.AWAY_AFTER:
            return self._answer(503, {"code": "ERR_SESSION_LIMIT_REACHED"})
        return self._answer(status, answer)

    def _carried_out(self, body: bytes) -> tuple[int, Any]:
        with self.server.lock:
            try:
                return self._route(body)
            except Answer as error:
                return error.status, error.body
            except (KeyError, ValueError):
                return 400, {"code": "ERR_REQUEST_INVALID_JSON", "message": "No."}

    def _route(self, body: bytes) -> tuple[int, Any]:
        address = urlsplit(self.path)
        parts = [part for part in address.path.split("/") if part]
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        if (self.command, parts) == ("POST", ["oauth", "token"]):
            return 200, self._token(body)
        self._check_caller()
        for method, pattern, does in ROUTES:
            if method == self.command and len(pattern) == len(parts):
                named = [(one, given) for one, given in zip(pattern, parts, strict=True)]
                if all(one == "*" or one == given for one, given in named):
                    ids = [given for one, given in named if one == "*"]
                    return does(self.server.office, ids, query, lambda: json.loads(body), lambda: self._form(body))
        raise Answer(404, "ERR_ENTITY_NOT_FOUND")

    def _check_caller(self) -> None:
        if self.headers.get("X-Accellion-Version") != "28":
            raise Answer(400, "ERR_REQUEST_INVALID_JSON")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.tokens.get(token, 0) < time.time():
            raise Answer(401, "ERR_AUTH_UNAUTHORIZED")

    def _token(self, body: bytes) -> dict[str, Any]:
        fields = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        if fields.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Answer(400, "unsupported_grant_type")
        if any(fields.get(name) != CLIENT[name] for name in ("client_id", "client_secret")):
            raise Answer(400, "invalid_client")
        try:
            claims = jwt.decode(
                fields["assertion"],
                self.server.public_key,
                algorithms=["RS256"],
                audience=CLIENT["client_name"],
                issuer=self.server.url,
                options={"require": ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"]},
            )
        except jwt.InvalidTokenError:
            raise Answer(400, "invalid_grant") from None
        if claims["sub"] != USER or claims["jti"] in self.server.assertions or claims["exp"] - claims["iat"] > 300:
            raise Answer(400, "invalid_grant")
        self.server.assertions.add(claims["jti"])
        token = f"token-{len(self.server.assertions)}"
        self.server.tokens[token] = time.time() + 300
        return {"access_token": token, "expires_in": 300, "token_type": "bearer", "scope": "mail/* uploads/*"}

    def _form(self, body: bytes) -> tuple[dict[str, str], bytes]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + body)
        fields: dict[str, str] = {}
        content = b""
        for part in message.get_payload():
            assert isinstance(part, Message)
            name = str(part.get_param("name", header="Content-Disposition"))
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            if name == "content":
                content = data
            else:
                fields[name] = data.decode()
        return fields, content

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


Does = Callable[[Office, list[str], dict[str, str], Callable[[], Any], Callable[[], Any]], tuple[int, Any]]


def _listed(office: Office, _ids: list[str], query: dict[str, str], _json: Any, _form: Any) -> tuple[int, Any]:
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
    mails = [mail.entity() for mail in office.mails.values() if not mail.deleted]
    return 200, {"data": mails[offset : offset + limit], "metadata": {"total": len(mails)}}


def _attachments(office: Office, ids: list[str], query: dict[str, str], _json: Any, _form: Any) -> tuple[int, Any]:
    found = office.attachments(ids[0])
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
    return 200, {"data": found[offset : offset + limit], "metadata": {"total": len(found)}}


def _withdrawn(office: Office, ids: list[str], query: dict[str, str], _json: Any, _form: Any) -> tuple[int, Any]:
    office.withdraw(ids[0], query["id:in"].split(","))
    return 200, {}


def _deleted(office: Office, ids: list[str], _query: Any, _json: Any, _form: Any) -> tuple[int, Any]:
    office.delete(ids[0])
    return 204, None


def _aborted(office: Office, ids: list[str], _query: Any, _json: Any, _form: Any) -> tuple[int, Any]:
    office.abort(int(ids[0]))
    return 204, None


def _uploaded(office: Office, ids: list[str], _query: Any, _json: Any, form: Any) -> tuple[int, Any]:
    return 201, office.chunk(int(ids[0]), *form())


ROUTES: list[tuple[str, list[str], Does]] = [
    ("GET", ["rest", "mail"], _listed),
    ("POST", ["rest", "mail", "actions", "sendFile"], lambda o, _i, _q, body, _f: (201, o.create_mail(body()))),
    ("GET", ["rest", "mail", "*"], lambda o, i, _q, _b, _f: (200, o.mail(i[0]).entity())),
    ("DELETE", ["rest", "mail", "*"], _deleted),
    (
        "POST",
        ["rest", "mail", "*", "actions", "initiateUpload"],
        lambda o, i, _q, body, _f: (201, o.initiate_upload(i[0], body())),
    ),
    ("PUT", ["rest", "mail", "*", "actions", "sendFile"], lambda o, i, _q, body, _f: (200, o.send(i[0], body()))),
    ("GET", ["rest", "mail", "*", "scanStatus"], lambda o, i, _q, _b, _f: (200, o.scan(i[0]))),
    ("GET", ["rest", "mail", "*", "attachments"], _attachments),
    (
        "GET",
        ["rest", "mail", "*", "attachments", "report"],
        lambda o, i, _q, _b, _f: (200, {"data": o.downloads.get(o.mail(i[0]).id, [])}),
    ),
    ("POST", ["rest", "mail", "*", "actions", "withdrawFiles"], _withdrawn),
    ("GET", ["rest", "uploads", "*"], lambda o, i, _q, _b, _f: (200, o.upload(int(i[0])).entity())),
    ("POST", ["rest", "uploads", "*"], _uploaded),
    ("DELETE", ["rest", "uploads", "*"], _aborted),
]
