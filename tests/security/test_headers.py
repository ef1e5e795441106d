"""Every kind of answer carries every header: page, download, static file, error, redirect, API, health."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.models import Person
from requests_app.services.sign_in.tokens import create_token
from tests import factories
from tests.pages import hold_quarters, signed_in

POLICY = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'", "style-src 'self'"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOT_STORED = {"Cache-Control": "no-store"}


@pytest.fixture
def answers(people: dict[str, Person], client: Client) -> dict[str, Any]:
    """One answer of each kind, by its status."""
    coordinator, auditor = signed_in(people["coordinator"]), signed_in(people["auditor"])
    hold_quarters()
    request = factories.submitted(people)
    _, secret = create_token(actor=people["coordinator"], name="tests", scopes=[])
    machine = Client(headers={"authorization": f"Bearer {secret}"})
    coordinator.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("requests_app.views.life.requests.visible_to", lambda _person: 1 / 0)
        fault = coordinator.get(reverse("request_list"))
    return {
        "page 200": coordinator.get(reverse("request", args=[request.number])),
        "public page 200": client.get("/"),
        "download 200": auditor.get(reverse("event_list") + "?export=csv"),
        "redirect 302": client.get(reverse("home")),
        "static 200": _closed(client.get("/static/css/app.css")),
        "health 200": client.get("/health/live"),
        "forbidden 403": coordinator.get(reverse("event_list")),
        "unseen 404": auditor.get(reverse("request", args=[request.number])),
        "no method 405": coordinator.put(reverse("home")),
        "refused host 400": client.get("/", headers={"host": "elsewhere.example"}),
        "forged form 403": _forged(people["coordinator"]),
        "fault 500": fault,
        "API 200": machine.get("/api/v1/me"),
        "API nobody 401": client.get("/api/v1/me"),
        "API unseen 404": machine.get("/api/v1/requests/WR-2026-999999"),
        "API no method 405": machine.delete("/api/v1/me"),
    }


def _closed(answer: Any) -> Any:
    for close in answer._resource_closers:  # a static file is held open; `close` would end the test's connection too
        close()
    return answer


def _forged(person: Person) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(person).cookies
    return client.post(reverse("start_request"), headers={"origin": "https://elsewhere.example"})  # type: ignore[return-value]


def test_every_kind_of_answer_carries_every_header(answers: dict[str, Any]) -> None:
    for kind, answer in answers.items():
        assert str(answer.status_code) == kind[-3:], kind
        wanted = ALWAYS | ({} if kind.startswith("static") else NOT_STORED)
        assert {name: answer.headers.get(name) for name in wanted} == wanted, kind
        assert set(answer["Content-Security-Policy"].split("; ")) >= POLICY, kind
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "camera=()" in answer["Permissions-Policy"], kind
        assert "Server" not in answer.headers
    assert "attachment" in answers["download 200"]["Content-Disposition"]


@pytest.mark.django_db
def test_over_https_every_answer_asks_to_stay_there_and_http_is_left(settings: Any, client: Client) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 63_072_000, True
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    client = Client()  # middleware reads these settings when it is made
    for path in ("/", "/static/css/app.css", "/api/v1/me", "/nothing"):
        asked = _closed(client.get(path, secure=True))
        assert asked["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload", path
        left = client.get(path)
        assert (left.status_code, left["Location"]) == (301, f"https://testserver{path}")
        assert left["X-Content-Type-Options"] == "nosniff"
        assert left["Content-Security-Policy"]


def test_cookies_are_kept_from_scripts_and_from_other_sites(people: dict[str, Person]) -> None:
    client = signed_in(people["coordinator"])
    found = client.get(reverse("report_incident")).cookies
    assert set(found) == {settings.CSRF_COOKIE_NAME}
    cookie = found[settings.CSRF_COOKIE_NAME]
    assert (cookie["path"], cookie["domain"], cookie["samesite"], cookie["httponly"]) == ("/", "", "Lax", True)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://testserver", 302), ("https://elsewhere.example", 403), ("null", 403), ("http://testserver", 403)],
)
def test_form_over_https_counts_from_this_site_only(origin: str, status: int, people: dict[str, Person]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(people["coordinator"]).cookies
    page = client.get(reverse("request_list"), secure=True).content.decode()
    sent = {"csrfmiddlewaretoken": re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]}
    answer = client.post(reverse("start_request"), sent, secure=True, headers={"origin": origin})
    assert answer.status_code == status
