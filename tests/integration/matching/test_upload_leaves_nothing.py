"""An upload that is not kept leaves nothing on disk: no token, too large, too slow, two files, too late, broken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import UnreadablePostError
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from matching.cohorts import uploads
from matching.models.cohorts import CohortFile
from matching.services import cohort_files
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.states import State
from tests import factories
from tests.pages import signed_in

MEGABYTE = 1_000_000


def file(size: int = 2 * MEGABYTE) -> SimpleUploadedFile:
    return SimpleUploadedFile("../../cohort.csv", b"x" * size)


def address(request: DataRequest) -> str:
    return reverse("cohort_file", args=[request.number, 1, 20161])


def send(client: Client, request: DataRequest, **fields: Any) -> Any:
    return client.post(address(request), fields)


def left(vault: Path) -> list[Path]:
    return [path for path in vault.rglob("*") if path.is_file()]


def test_without_a_token(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    client = signed_in(people["coordinator"])
    client.handler.enforce_csrf_checks = True
    assert send(client, awaiting, file=file()).status_code == 403
    assert left(vault) == []


def test_larger_than_the_limit(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, settings: Settings
) -> None:
    settings.COHORT_MAX_BYTES = MEGABYTE
    response = send(signed_in(people["coordinator"]), awaiting, file=file())
    assert response.status_code == 422
    page = response.content.decode()
    assert uploads.TOO_LARGE in page
    assert "Choose the CSV file" not in page
    assert left(vault) == []


def test_far_larger_than_the_limit_is_not_even_read(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COHORT_MAX_BYTES = 1000
    monkeypatch.setattr(uploads.SealingUploadHandler, "new_file", lambda *_: pytest.fail("the body was read"))
    response = send(signed_in(people["coordinator"]), awaiting, file=file())
    assert response.status_code == 403
    assert uploads.TOO_LARGE in response.content.decode()


def test_slower_than_the_limit(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, settings: Settings
) -> None:
    settings.COHORT_MAX_SECONDS = -1
    response = send(signed_in(people["coordinator"]), awaiting, file=file())
    assert (response.status_code, left(vault)) == (422, [])
    assert uploads.TOO_SLOW in response.content.decode()


@pytest.mark.parametrize("names", [("file", "file2"), ("file2", "file")])
def test_two_files(people: dict[str, Person], awaiting: DataRequest, vault: Path, names: tuple[str, str]) -> None:
    response = send(signed_in(people["coordinator"]), awaiting, **{name: file() for name in names})
    assert (response.status_code, left(vault)) == (422, [])
    assert uploads.ONE_AT_A_TIME in response.content.decode()
    assert not CohortFile.objects.exists()


def test_file_under_another_name(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    response = send(signed_in(people["coordinator"]), awaiting, other=file())
    assert (response.status_code, left(vault)) == (422, [])


def test_empty_file_and_wrong_content_type(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    client = signed_in(people["coordinator"])
    assert send(client, awaiting, file=file(0)).status_code == 422
    response = client.post(address(awaiting), b"44,20161\n1,2\n", content_type="text/csv")
    assert (response.status_code, left(vault)) == (422, [])


def test_agent_without_delegation_is_refused_before_the_body(
    people: dict[str, Person], awaiting: DataRequest, vault: Path
) -> None:
    response = send(signed_in(people["agent"]), awaiting, file=file())
    assert response.status_code == 403
    assert "has not delegated uploading" in response.content.decode()
    assert left(vault) == []


def test_matching_started_while_the_file_was_on_its_way(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = cohort_files.receive

    def too_late(request: DataRequest, *args: Any, **more: Any) -> CohortFile:
        factories.place(request, State.MATCHING)
        return receive(request, *args, **more)

    monkeypatch.setattr(cohort_files, "receive", too_late)
    response = send(signed_in(people["coordinator"]), awaiting, file=file())
    assert (response.status_code, left(vault)) == (403, [])
    assert "until matching starts" in response.content.decode()


class Breaking:
    """A body whose connection breaks in the middle of the file."""

    def __init__(self) -> None:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="c.csv"\r\n\r\n'
        self._parts = [head + b"x" * MEGABYTE, b"y" * MEGABYTE]

    def read(self, _size: int = -1) -> bytes:
        if not self._parts:
            raise UnreadablePostError("connection reset")
        return self._parts.pop(0)

    readline = read


def test_connection_that_breaks(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    client = signed_in(people["coordinator"])
    client.raise_request_exception = False
    more = {
        "wsgi.input": Breaking(),
        "CONTENT_LENGTH": str(3 * MEGABYTE),
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
    }
    client.generic("POST", address(awaiting), **more)
    assert left(vault) == []
    assert not CohortFile.objects.exists()


def test_one_upload_of_a_person_at_a_time(
    people: dict[str, Person], awaiting: DataRequest, other_session: Callable[[str], Any]
) -> None:
    person = people["coordinator"]
    other_session(f"SELECT pg_advisory_lock({uploads.SLOTS}, {person.pk})")
    with pytest.raises(Denied, match="another file just now"), uploads._slot(person):
        pytest.fail("the slot was taken")
    other_session("SELECT pg_advisory_unlock_all()")
    with uploads._slot(person):
        pass


def test_file_that_is_kept_stays(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    assert send(signed_in(people["coordinator"]), awaiting, file=file()).status_code == 302
    assert [path.name for path in left(vault)] == [CohortFile.objects.get().file.sealed_sha256]


@pytest.fixture
def other_session(db: None) -> Any:
    from tests.security.roles import connected

    with connected("wr_owner") as own:
        yield own.execute
