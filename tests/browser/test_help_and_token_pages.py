"""Help, and the pages of API tokens, as people see them: axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from requests_app.models import Person
from requests_app.services.sign_in.tokens import Scope, create_token, revoke_token
from tests.browser.axe_check import chromium_path, listen, look
from tests.pages import signed_in

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=f"No browser at {chromium_path()}."),
    pytest.mark.django_db(transaction=True),
]


def test_pages_of_help_and_tokens_look_well(
    browser: Browser, live_server: LiveServer, people: dict[str, Person]
) -> None:
    administrator = people["administrator"]
    create_token(actor=administrator, name="nightly draft", scopes=[Scope.DRAFT])
    ended, _ = create_token(actor=administrator, name="first try", scopes=[])
    revoke_token(ended, actor=administrator)
    context = browser.new_context()
    cookie = signed_in(administrator).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    problems = listen(page)
    for name, path in {
        "help": reverse("help"),
        "help-coordinator": reverse("help_role", args=["coordinator"]),
        "tokens": reverse("api_tokens"),
        "tokens-all": reverse("all_tokens"),
    }.items():
        page.goto(live_server.url + path)
        problems += look(page, name, PICTURES)
    page.goto(live_server.url + reverse("api_tokens"))
    page.get_by_label("What is the token for?").fill("case system")
    page.get_by_role("button", name="Make a token").click()
    assert "wrt_" in page.inner_text("main")
    problems += look(page, "token-made", PICTURES)
    context.close()
    assert problems == []
