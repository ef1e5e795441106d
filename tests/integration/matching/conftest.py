"""Requests that wait for cohort files, and a vault of the test's own."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Person
from tests.integration.matching.sent_parts import MEGABYTE, by_page, digests_of, request_awaiting_files, some_bytes


@pytest.fixture
def vault(tmp_path: Path, settings: Settings) -> Path:
    settings.VAULT_ROOT = tmp_path / "vault"
    return settings.VAULT_ROOT


@pytest.fixture
def awaiting(people: dict[str, Person], vault: Path) -> DataRequest:
    """A request that waits for its files."""
    return request_awaiting_files(people)


@pytest.fixture
def broken_off(people: dict[str, Person], awaiting: DataRequest) -> tuple[str, bytes]:
    """An upload of two parts of which one arrived, and what was to be sent."""
    sender, data = by_page(awaiting, people["coordinator"]), some_bytes(8 * MEGABYTE + 50)
    upload = sender.begin(len(data), parts=digests_of(data)).json()["id"]
    assert sender.part(upload, data[: 8 * MEGABYTE], 0).status_code == 200
    return upload, data
