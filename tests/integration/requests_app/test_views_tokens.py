"""My API tokens: shown once, kept as a hash, ended by their person or an Administrator; and the pages of help."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.models import ApiToken, Event, Person
from requests_app.policies import Denied
from requests_app.services.sign_in.tokens import MOST_TOKENS, Scope, TokenRefused, create_token, use_token
from requests_app.states import TRANSITIONS, Role
from tests import factories
from tests.pages import signed_in

SECRET = re.compile(r"wrt_[\w-]{40,}")
ASKED = {"name": "nightly draft", "scope": "draft", "days": "90"}
People = dict[str, Person]


def test_token_is_shown_once_works_and_only_its_hash_is_kept(people: People) -> None:
    client = signed_in(people["coordinator"])
    made = client.post(reverse("api_tokens"), ASKED)
    secret = SECRET.findall(made.content.decode())[0]
    assert made["Cache-Control"] == "no-store"
    assert not SECRET.search(client.get(reverse("api_tokens")).content.decode())
    token = ApiToken.objects.get()
    assert token.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert (token.expires_at - token.created_at, token.scopes) == (timedelta(days=90), ["draft", "read"])
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert [event.subject for event in Event.objects.filter(kind="token.create")] == [f"token {token.pk}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workflow.requests_app_apitoken t WHERE t::text LIKE %s", [f"%{secret}%"])
        assert cursor.fetchone() == (0,)


def test_token_needs_a_fresh_second_factor_and_what_was_typed_waits(people: People) -> None:
    client = signed_in(people["coordinator"], minutes_ago=10)
    asked = client.post(reverse("api_tokens"), ASKED)
    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    assert ApiToken.objects.count() == 0
    assert "nightly draft" in client.get(reverse("api_tokens")).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"name": ""}, "Say what the token is for."), ({"days": "366"}, "366"), ({"scope": "sign"}, "sign")],
)
def test_token_that_cannot_be_is_refused_with_what_to_do(changed: dict[str, str], said: str, people: People) -> None:
    refused = signed_in(people["coordinator"]).post(reverse("api_tokens"), ASKED | changed)
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert ApiToken.objects.count() == 0


def test_nobody_has_more_than_ten_tokens_in_use(people: People) -> None:
    person = people["coordinator"]
    for _ in range(MOST_TOKENS):
        create_token(actor=person, name="one more", scopes=[])
    with pytest.raises(Denied, match="Revoke one first"):
        create_token(actor=person, name="too many", scopes=[])
    factories.lapse(person.api_tokens.all(), expires_at=timezone.now())
    create_token(actor=person, name="again", scopes=[])


def test_token_is_revoked_by_its_person_or_an_administrator_and_by_nobody_else(people: People) -> None:
    token, secret = create_token(actor=people["coordinator"], name="x", scopes=[Scope.READ])
    address = reverse("revoke_token", args=[token.pk])
    assert signed_in(people["program_analyst"]).post(address).status_code == 404
    assert use_token(secret).pk == token.pk
    administrator = signed_in(people["administrator"])
    assert people["coordinator"].name in administrator.get(reverse("all_tokens")).content.decode()
    assert administrator.post(address)["Location"] == reverse("all_tokens")
    with pytest.raises(TokenRefused, match="revoked"):
        use_token(secret)
    token.refresh_from_db()
    assert token.revoked_by == people["administrator"]
    assert signed_in(people["coordinator"]).post(address)["Location"] == reverse("api_tokens")
    assert Event.objects.filter(kind="token.revoke").count() == 1


@pytest.mark.parametrize("ended", ["expired", "not active"])
def test_token_ends_by_itself(ended: str, people: People) -> None:
    token, secret = create_token(actor=people["coordinator"], name="x", scopes=[])
    if ended == "expired":
        factories.lapse(ApiToken.objects.filter(pk=token.pk), expires_at=timezone.now())
    else:
        Person.objects.filter(pk=token.person_id).update(is_active=False)
    with pytest.raises(TokenRefused, match=ended):
        use_token(secret)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_help_tells_every_step_of_a_role_from_the_table(role: Role, people: People) -> None:
    page = signed_in(people["program_analyst"]).get(reverse("help_role", args=[role])).content.decode()
    mine = {step.label for step in TRANSITIONS if role in step.roles}
    others = {step.label for step in TRANSITIONS} - mine
    assert [label for label in mine if f"<strong>{label}</strong>" not in page] == []
    assert [label for label in others if f"<strong>{label}</strong>" in page] == []
    assert "/requests/&lt;number&gt;/" in page or role in {Role.DATA_STEWARD, Role.ADMINISTRATOR, Role.AUDITOR}
    assert ("/events/" in page) == (role is Role.AUDITOR)


def test_help_begins_with_ones_own_roles_and_knows_no_other(people: People) -> None:
    client = signed_in(people["auditor"])
    page = client.get(reverse("help"))
    assert [row["label"] for row in page.context["mine"]] == ["Auditor"]
    assert len(page.context["others"]) == len(Role) - 2
    assert client.get(reverse("help_role", args=["system"])).status_code == 404
    assert reverse("help") in client.get(reverse("home")).content.decode()
