"""An upload that broke off goes on where it was when the same file is chosen again, and only then."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortKey, CohortUpload
from matching.services import upload_marks
from requests_app import sealed_files
from requests_app.models import DataRequest, Person
from tests.integration.matching.sent_parts import MEGABYTE, WAYS, Way, by_page, by_program, digests_of, left, read_back


@WAYS
def test_same_file_chosen_again_goes_on_where_it_was(
    way: Way, people: dict[str, Person], awaiting: DataRequest, broken_off: tuple[str, bytes]
) -> None:
    """What has arrived is proven; the rest is what the file says now."""
    upload, data = broken_off
    sender, now = way(awaiting, people["coordinator"]), data[:-1] + b"x"
    again = sender.begin(len(now), parts=digests_of(now)).json()
    assert (again["id"], again["received"]) == (upload, 8 * MEGABYTE)
    assert sender.part(upload, now[8 * MEGABYTE :], 8 * MEGABYTE).status_code == 200
    assert sender.finish(upload).status_code == 200
    assert read_back(CohortFile.objects.get()) == now
    assert bytes(CohortUpload.objects.get().marks) == b""


def test_another_file_begins_anew(
    people: dict[str, Person],
    awaiting: DataRequest,
    broken_off: tuple[str, bytes],
    django_capture_on_commit_callbacks: Any,
    vault: Path,
) -> None:
    upload, data = broken_off
    other = digests_of(b"x" + data[1:])
    with django_capture_on_commit_callbacks(execute=True):
        begun = by_page(awaiting, people["coordinator"]).begin(len(data), parts=other).json()
    assert (begun["id"] != upload, begun["received"]) == (True, 0)
    earlier = CohortUpload.objects.get(pk=upload)
    assert (earlier.ended_at is not None, bytes(earlier.marks), left(vault)) == (True, b"", [])


ENDS: dict[str, Callable[[Path], object]] = {
    "too slow": lambda _vault: (
        CohortUpload.objects.update(started_at=timezone.now() - timedelta(hours=2))
        and CohortKey.objects.update(made_at=timezone.now() - timedelta(hours=3))
    ),
    "new key": lambda _vault: CohortKey.objects.update(made_at=timezone.now()),
    "gone from the vault": lambda vault: [sealed_files.destroy(path) for path in left(vault)],
    "whole, its last part without a mark": lambda _vault: CohortUpload.objects.update(received_bytes=8 * MEGABYTE + 50),
}


@pytest.mark.parametrize("end", ENDS)
def test_upload_that_can_not_go_on_begins_anew(
    end: str, people: dict[str, Person], awaiting: DataRequest, broken_off: tuple[str, bytes], vault: Path
) -> None:
    upload, data = broken_off
    ENDS[end](vault)
    begun = by_page(awaiting, people["coordinator"]).begin(len(data), parts=digests_of(data)).json()
    assert (begun["id"] != upload, begun["received"]) == (True, 0)


ONE, TWO, THREE = (hashlib.sha256(bytes([n])).digest() for n in range(3))


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ([ONE, TWO, THREE], True),
        ([ONE, TWO], True),
        ([ONE], False),
        ([], False),
        ([TWO, ONE, THREE], False),
        ([ONE, THREE, TWO], False),
    ],
)
def test_marks_tell_whether_a_file_begins_with_what_arrived(told: list[bytes], same: bool) -> None:
    marks = upload_marks.mark("A", ONE) + upload_marks.mark("A", TWO)
    assert upload_marks.tell_the_same(marks, "A", told) is same
    assert not upload_marks.tell_the_same(marks, "B", told)
    assert not upload_marks.tell_the_same(b"", "A", told)
    assert ONE not in marks


def test_small_part_leaves_no_mark(people: dict[str, Person], awaiting: DataRequest) -> None:
    sender = by_page(awaiting, people["coordinator"])
    sender.part(sender.begin(100).json()["id"], bytes(100), 0)
    upload = CohortUpload.objects.get()
    assert (upload.received_bytes, bytes(upload.marks)) == (100, b"")


@pytest.mark.parametrize("parts", [["x"], ["A" * 43 + "=="], "A", [["A"]]])
def test_parts_that_are_no_hashes_are_refused(parts: Any, people: dict[str, Person], awaiting: DataRequest) -> None:
    answer = by_program(awaiting, people["coordinator"]).begin(9 * MEGABYTE, parts=parts)
    assert (answer.status_code, CohortUpload.objects.count()) == (400, 0)
