"""The upload form is guarded like any other, although its body is read by a handler of its own."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortKey
from requests_app import keys
from requests_app.models import DataRequest, Person
from requests_app.states import State
from tests import factories
from tests.pages import hold_quarters, signed_in

KEY_BITS = 2048


@pytest.fixture
def awaiting(people: dict[str, Person], tmp_path: Path, settings: pytest.FixtureRequest) -> DataRequest:
    """A request that waits for its files, with a vault of its own."""
    settings.VAULT_ROOT = tmp_path  # type: ignore[attr-defined]
    hold_quarters()
    request = factories.draft(people)
    public_pem, _ = keys.new_pair(KEY_BITS)
    CohortKey.objects.create(request=request, public_pem=public_pem, made_at=timezone.now())
    factories.place(request, State.AWAITING_COHORT)
    return request


def send(client: Client, request: DataRequest) -> int:
    """The status of the answer to a file sent with no token."""
    page = reverse("cohort_file", args=[request.number, 1, 20161])
    return client.post(page, {"file": SimpleUploadedFile("cohort.csv", b"44,20161\n")}).status_code


def test_upload_without_a_token_is_refused(people: dict[str, Person], awaiting: DataRequest) -> None:
    client = signed_in(people["coordinator"])
    client.handler.enforce_csrf_checks = True

    assert send(client, awaiting) == 403
    assert not CohortFile.objects.exists()


def test_upload_of_another_state_is_refused_before_its_body_is_read(
    people: dict[str, Person], awaiting: DataRequest, tmp_path: Path
) -> None:
    assert send(signed_in(people["coordinator_de"]), awaiting) == 404
    assert list(tmp_path.rglob("*")) == []


def test_upload_is_kept_as_ciphertext_only(people: dict[str, Person], awaiting: DataRequest, tmp_path: Path) -> None:
    assert send(signed_in(people["coordinator"]), awaiting) == 302

    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert CohortFile.objects.get().file.plain_bytes == len(b"44,20161\n")
    assert len(kept) == 1
    assert b"44,20161" not in kept[0]
