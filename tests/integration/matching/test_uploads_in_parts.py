"""A cohort file sent in parts, by page and by program: resumed, refused where wrong, kept as ciphertext only."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from matching.models.cohorts import CohortFile, CohortKey, CohortUpload
from matching.services import uploads
from requests_app import sealed_files, sealed_parts
from requests_app.models import DataRequest, Person
from requests_app.services.packages import files
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import State
from tests import factories
from tests.integration.matching.sent_parts import (
    MEGABYTE,
    PRIVATE,
    WAYS,
    Sender,
    Way,
    by_page,
    by_program,
    left,
    read_back,
    some_bytes,
)


@WAYS
def test_file_of_any_size_arrives_as_it_was_sent(
    way: Way, people: dict[str, Person], awaiting: DataRequest, vault: Path
) -> None:
    sender = way(awaiting, people["coordinator"])
    for size in (1, MEGABYTE, 8 * MEGABYTE, 8 * MEGABYTE + 1, 17 * MEGABYTE + 5):
        data = some_bytes(size)
        answer = sender.whole(data)
        assert (answer.status_code, answer.json()["state"]) == (200, "received")
        row = CohortFile.objects.get(state="received")
        assert read_back(row) == data
        assert (row.file.plain_bytes, row.uploaded_by) == (size, people["coordinator"])
        sealed = sealed_files.path_of(row.file.sealed_sha256)
        assert size == 1 or data[:100] not in sealed.read_bytes()
        assert awaiting.jobs.filter(kind="check_cohort", subject=row.pk).exists()
    assert not list((vault / "incoming").iterdir())
    assert CohortFile.objects.filter(state="replaced").count() == 4


def test_part_of_another_place_is_not_opened(people: dict[str, Person], awaiting: DataRequest) -> None:
    by_page(awaiting, people["coordinator"]).whole(some_bytes(17 * MEGABYTE))
    file = CohortFile.objects.get().file
    size = PRIVATE.key_size // 8
    wrapped = bytes(file.wrapped_key)
    file.wrapped_key = wrapped[size : 2 * size] + wrapped[:size] + wrapped[2 * size :]
    with pytest.raises(sealed_files.Unreadable):
        list(sealed_files.read_sealed(file.pk, file.sealed_sha256, *files.data_keys(file, PRIVATE)))


@WAYS
def test_cut_connection_costs_one_part(way: Way, people: dict[str, Person], awaiting: DataRequest) -> None:
    sender, data = way(awaiting, people["coordinator"]), some_bytes(9 * MEGABYTE)
    upload = sender.begin(len(data)).json()
    first, second = data[: 8 * MEGABYTE], data[8 * MEGABYTE :]
    assert sender.part(upload["id"], first, 0).json()["received"] == len(first)
    cut = sender.part(upload["id"], second, len(first), digest_of=b"something else")
    assert (cut.status_code, cut.json()["reasons"]) == (400, [uploads.NOT_WHOLE])
    again = sender.part(upload["id"], first, 0)  # a repeat of what had arrived
    assert again.status_code == 409
    assert sender.finish(upload["id"]).status_code == 409
    assert sender.look(upload["id"]).json()["received"] == len(first)
    assert sender.part(upload["id"], second, len(first)).status_code == 200
    assert sender.finish(upload["id"]).status_code == 200
    assert read_back(CohortFile.objects.get()) == data
    assert sender.finish(upload["id"]).json()["id"] == CohortFile.objects.get().pk


def test_what_a_killed_process_left_is_cut_off(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    sender, data = by_page(awaiting, people["coordinator"]), some_bytes(9 * MEGABYTE)
    upload = sender.begin(len(data)).json()
    sender.part(upload["id"], data[: 8 * MEGABYTE], 0)
    with sealed_files.incoming_path(upload["id"]).open("ab") as torn:
        torn.write(b"half a frame")
    sender.part(upload["id"], data[8 * MEGABYTE :], 8 * MEGABYTE)
    with sealed_files.incoming_path(upload["id"]).open("ab") as torn:
        torn.write(b"half a frame")
    assert sender.finish(upload["id"]).status_code == 200
    assert read_back(CohortFile.objects.get()) == data


def test_kill_between_moving_the_file_and_its_row_loses_nothing(
    people: dict[str, Person], awaiting: DataRequest, vault: Path
) -> None:
    sender, data = by_page(awaiting, people["coordinator"]), some_bytes(100)
    upload = sender.begin(len(data)).json()["id"]
    sender.part(upload, data, 0)
    kept = CohortUpload.objects.get()
    address = sealed_parts.address_of(upload, kept.sealed_bytes)
    CohortUpload.objects.update(sealed_sha256=address)
    sealed_parts.adopt(upload, address)
    assert sender.finish(upload).status_code == 200
    assert read_back(CohortFile.objects.get()) == data


def test_what_arrived_is_gone(people: dict[str, Person], awaiting: DataRequest, vault: Path) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(9 * MEGABYTE).json()["id"]
    sender.part(upload, bytes(8 * MEGABYTE), 0)
    for path in left(vault):
        sealed_files.destroy(path)
    answer = sender.part(upload, bytes(MEGABYTE), 8 * MEGABYTE)
    assert (answer.status_code, answer.json()["reasons"]) == (409, [uploads.ENDED])


@pytest.mark.parametrize("size", [0, 100, 8 * MEGABYTE + 1])
def test_part_of_another_size_is_refused(
    size: int, people: dict[str, Person], awaiting: DataRequest, vault: Path
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(20 * MEGABYTE).json()["id"]
    assert sender.part(upload, bytes(size), 0).status_code == 400
    assert left(vault) == []


@pytest.mark.parametrize(
    "headers", [{}, {"Upload-Offset": "0"}, {"Upload-Offset": "x", "Content-Digest": "sha-256=:x:"}]
)
def test_part_without_its_headers_is_refused(
    headers: dict[str, str], people: dict[str, Person], awaiting: DataRequest
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(3).json()["id"]
    answer = sender.call("put", "upload", upload, data=b"abc", content_type="application/octet-stream", headers=headers)
    assert answer.status_code == 400
    assert "header" in answer.json()["reasons"][0]


@pytest.mark.parametrize(("size", "reason"), [(10_000_000, uploads.TOO_LARGE), (0, uploads.EMPTY)])
def test_size_is_judged_before_anything_is_sent(
    size: int, reason: str, people: dict[str, Person], awaiting: DataRequest, settings: Settings
) -> None:
    settings.COHORT_MAX_BYTES = MEGABYTE
    answer = by_program(awaiting, people["coordinator"]).begin(size)
    assert (answer.status_code, answer.json()["reasons"]) == (403, [reason])


def test_place_that_was_not_asked_for_is_refused(people: dict[str, Person], awaiting: DataRequest) -> None:
    answer = by_page(awaiting, people["coordinator"]).begin(10, quarter=20164)
    assert answer.status_code == 403


def test_upload_that_takes_too_long_ends(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(9 * MEGABYTE).json()["id"]
    sender.part(upload, bytes(8 * MEGABYTE), 0)
    CohortUpload.objects.update(started_at=timezone.now() - timedelta(hours=2))
    CohortKey.objects.update(made_at=timezone.now() - timedelta(hours=3))
    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.part(upload, bytes(MEGABYTE), 8 * MEGABYTE)
    assert (answer.status_code, answer.json()["reasons"]) == (409, [uploads.TOO_SLOW])
    assert left(vault) == []


def test_one_file_at_a_time_and_a_broken_off_one_gives_way(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    first = sender.begin(9 * MEGABYTE).json()["id"]
    sender.part(first, bytes(8 * MEGABYTE), 0)
    busy = sender.begin(100, quarter=20162)
    assert (busy.status_code, busy.json()["reasons"]) == (409, [uploads.ANOTHER])
    CohortUpload.objects.update(last_part_at=timezone.now() - 2 * uploads.QUIET_AFTER)
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.begin(100, quarter=20162).status_code == 201
    assert left(vault) == []
    assert sender.part(first, bytes(MEGABYTE), 8 * MEGABYTE).json()["reasons"] == [uploads.ENDED]


def test_given_up_upload_leaves_nothing(
    people: dict[str, Person], awaiting: DataRequest, vault: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(9 * MEGABYTE).json()["id"]
    sender.part(upload, bytes(8 * MEGABYTE), 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.call("delete", "upload", upload).status_code == 204
    assert left(vault) == []
    assert sender.look(upload).json()["ended"]


def test_match_begun_meanwhile_refuses_the_file_and_leaves_nothing(
    people: dict[str, Person], awaiting: DataRequest, vault: Path
) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(10).json()["id"]
    sender.part(upload, bytes(10), 0)
    factories.place(awaiting, State.MATCHING)
    answer = sender.finish(upload)
    assert (answer.status_code, CohortFile.objects.count(), left(vault)) == (403, 0, [])


def test_new_key_ends_an_upload(people: dict[str, Person], awaiting: DataRequest) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(10).json()["id"]
    CohortKey.objects.update(made_at=timezone.now())
    assert sender.part(upload, bytes(10), 0).json()["reasons"] == [uploads.ENDED]


def test_nobody_sees_the_upload_of_another(people: dict[str, Person], awaiting: DataRequest) -> None:
    upload = by_page(awaiting, people["coordinator"]).begin(10).json()["id"]
    agent = by_page(awaiting, people["agent"])
    assert [agent.look(upload).status_code, agent.part(upload, bytes(10), 0).status_code] == [404, 404]
    assert agent.begin(10).status_code == 403  # the coordinator has not delegated it
    assert by_page(awaiting, people["coordinator_de"]).begin(10).status_code == 404


def test_forged_call_is_refused(people: dict[str, Person], awaiting: DataRequest) -> None:
    sender = by_page(awaiting, people["coordinator"])
    upload = sender.begin(10).json()["id"]
    sender.headers = {}
    answers = [sender.begin(10), sender.part(upload, bytes(10), 0), sender.finish(upload)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_token_that_may_only_read_sends_nothing(people: dict[str, Person], awaiting: DataRequest) -> None:
    _, secret = create_token(actor=people["coordinator"], name="reads", scopes=[Scope.READ])
    sender = Sender(awaiting, Client(), "api_", {"Authorization": f"Bearer {secret}"})
    answer = sender.begin(10)
    assert (answer.status_code, "scope “upload”" in answer.json()["reasons"][0]) == (403, True)
    places = sender.call("get", "cohort_files").json()
    assert {(place["quarter"], place["state"], place["file"]) for place in places} == {
        (20161, "missing", None), (20162, "missing", None)
    }  # fmt: skip
