"""A cohort file that arrives in parts: begun, taken part by part, finished; resumable from the last whole part.

A part is sealed while it streams in and remembered together with how far the file has come, so a connection cut, or a
web process killed, costs the part on its way. One upload a person at a time; who comes back later with the same file
goes on, which the marks of its parts prove (upload_marks.py).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortUpload
from matching.services import cohort_files, upload_marks
from requests_app import sealed_files, sealed_parts
from requests_app.models import DataRequest, Person
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.sealed_files import CHUNK_BYTES, Sealed, Unreadable
from requests_app.sealed_parts import PART_BYTES, PartSealer, SealedPart
from requests_app.services.life.workflow import Conflict

TOO_LARGE = "The file is larger than the limit. Split the cohort, or ask BLS."
EMPTY = "The file is empty. Choose the CSV file to send."
ANOTHER = "You are sending another file just now. Wait until it has arrived, or half a minute if it was broken off."
ENDED = "This upload has ended. Send the file again from its beginning."
TOO_SLOW = "The file did not arrive in time. Send it again from a faster connection, or split the cohort."
NOT_WHOLE = "The part did not arrive as it was sent. Send it again."
# So long after its last part an upload counts as broken off, and its person may begin another.
QUIET_AFTER = timedelta(seconds=30)


class BadPart(Exception):
    """The part is not what it says it is; nothing of it was kept. The message says what to do."""


@dataclass(frozen=True)
class Part:
    """What a caller says of the part it sends; `read` gives its bytes, at most so many."""

    offset: int
    length: int
    digest: bytes
    read: Callable[[int], bytes]


def digest_from(header: str) -> bytes:
    """The SHA-256 of a `Content-Digest` header (RFC 9530); `BadPart` where it has none."""
    for member in header.split(","):
        name, _, value = member.strip().partition("=")
        if name == "sha-256" and value.startswith(":") and value.endswith(":") and len(value) > 1:
            try:
                return base64.b64decode(value[1:-1], validate=True)
            except ValueError:
                break
    raise BadPart("Send the header Content-Digest with the part's sha-256.")


@transaction.atomic
def begin(
    request: DataRequest,
    cohort: str,
    quarter: int,
    total_bytes: int,
    *,
    actor: Person,
    parts: Sequence[bytes] = (),
) -> CohortUpload:
    """Opens an upload, or goes on with the one this person broke off, where `parts` (the SHA-256 of each part of the
    file) prove that it is of the same file; any other of theirs ends. `Conflict` while they are sending another file.
    """
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    cohort_files.check_upload(actor, locked)
    cohort_files.check_asked_for(locked, cohort, quarter)
    if total_bytes > settings.COHORT_MAX_BYTES:
        raise Denied(TOO_LARGE)
    if total_bytes < 1:
        raise Denied(EMPTY)
    Person.objects.select_for_update().get(pk=actor.pk)  # two at once, one after the other
    now = timezone.now()
    for earlier in CohortUpload.objects.filter(started_by=actor, ended_at=None):
        same_place = (earlier.request_id, earlier.cohort, earlier.quarter) == (locked.pk, cohort, quarter)
        if same_place and earlier.total_bytes == total_bytes and _can_go_on(earlier, parts):
            return earlier
        if not same_place and earlier.last_part_at > now - QUIET_AFTER:
            raise Conflict(ANOTHER)
        _end(earlier)
    return CohortUpload.objects.create(
        request=locked,
        cohort=cohort,
        quarter=quarter,
        total_bytes=total_bytes,
        started_at=now,
        started_by=actor,
        last_part_at=now,
    )


def _can_go_on(earlier: CohortUpload, parts: Sequence[bytes]) -> bool:
    marks = bytes(earlier.marks)
    return (
        earlier.received_bytes == upload_marks.count(marks) * PART_BYTES
        and upload_marks.tell_the_same(marks, earlier.pk, parts)
        and _ended_because(earlier) == ""
        and sealed_parts.is_there(earlier.pk, earlier.sealed_bytes)
    )


def take_part(upload: CohortUpload, part: Part, *, actor: Person) -> CohortUpload:
    """Seals the next part while it streams in, and remembers it. Nobody's lock is held while the network is waited for.

    `Conflict` where the upload ended or another part is next; `BadPart` where the bytes are not those announced.
    """
    cohort_files.check_upload(actor, upload.request)
    _check_open(upload)
    _check_next(upload, part.offset)
    length = min(PART_BYTES, upload.total_bytes - part.offset)
    if part.length != length or not length:
        raise BadPart(f"The next part has {length} bytes.")
    sealed = _seal(upload, part, last=part.offset + length == upload.total_bytes)
    with transaction.atomic():
        locked = CohortUpload.objects.select_for_update().get(pk=upload.pk)
        _check_open(locked)
        _check_next(locked, part.offset)
        try:
            locked.sealed_bytes = sealed_parts.append(locked.pk, locked.sealed_bytes, sealed)
        except Unreadable:
            raise Conflict(ENDED) from None
        locked.wrapped_keys = bytes(locked.wrapped_keys) + sealed.wrapped_key
        if length == PART_BYTES:  # less could be guessed
            locked.marks = bytes(locked.marks) + upload_marks.mark(locked.pk, part.digest)
        locked.received_bytes, locked.last_part_at = part.offset + length, timezone.now()
        locked.save(update_fields=["sealed_bytes", "wrapped_keys", "marks", "received_bytes", "last_part_at"])
    return locked


def _seal(upload: CohortUpload, part: Part, *, last: bool) -> SealedPart:
    bound = sealed_files.bound_to(FileKind.COHORT, upload.request_id)
    pem = bytes(cohort_files.key_of(upload.request).public_pem)
    sealer, digest, left = PartSealer(upload.pk, pem, bound, offset=part.offset), hashlib.sha256(), part.length
    while left and (piece := part.read(min(left, CHUNK_BYTES))):
        sealer.write(piece)
        digest.update(piece)
        left -= len(piece)
    if left or not hmac.compare_digest(digest.digest(), part.digest):
        raise BadPart(NOT_WHOLE)
    return sealer.finish(last=last)


def finish(upload: CohortUpload, *, actor: Person) -> CohortFile:
    """Hands the whole file over to be checked; finished before, it is the same file."""
    if found := CohortFile.objects.filter(file_id=upload.pk).first():
        return found
    _check_open(upload)
    if upload.received_bytes < upload.total_bytes:
        raise Conflict(f"{upload.total_bytes - upload.received_bytes} bytes are still missing.")
    try:
        _note_address(upload)
        return _hand_over(upload, actor)
    except Unreadable:
        raise Conflict(ENDED) from None
    except Denied:
        sealed_files.shred(upload.sealed_sha256)
        raise


def _note_address(upload: CohortUpload) -> None:
    """Remembered before the file is moved there, so that a kill between the two is no loss."""
    if not upload.sealed_sha256:
        upload.sealed_sha256 = sealed_parts.address_of(upload.pk, upload.sealed_bytes)
        CohortUpload.objects.filter(pk=upload.pk).update(sealed_sha256=upload.sealed_sha256)


@transaction.atomic
def _hand_over(upload: CohortUpload, actor: Person) -> CohortFile:
    request = DataRequest.objects.select_for_update().get(pk=upload.request_id)
    locked = CohortUpload.objects.select_for_update().get(pk=upload.pk)
    if found := CohortFile.objects.filter(file_id=locked.pk).first():
        return found
    _check_open(locked)
    sealed_parts.adopt(locked.pk, locked.sealed_sha256)
    bound = sealed_files.bound_to(FileKind.COHORT, request.pk)
    sealed = Sealed(locked.pk, bytes(locked.wrapped_keys), locked.sealed_sha256, locked.total_bytes, bound)
    row = cohort_files.receive(request, locked.cohort, locked.quarter, sealed, actor=actor)
    locked.ended_at, locked.marks = timezone.now(), b""
    locked.save(update_fields=["ended_at", "marks"])
    return row


@transaction.atomic
def give_up(upload: CohortUpload) -> None:
    """What arrived is destroyed; an upload that has ended stays as it is."""
    locked = CohortUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.ended_at is None:
        _end(locked)


def _end(upload: CohortUpload) -> None:
    CohortUpload.objects.filter(pk=upload.pk).update(ended_at=timezone.now(), wrapped_keys=b"", marks=b"")
    transaction.on_commit(lambda: sealed_parts.discard(upload.pk))


def _check_open(upload: CohortUpload) -> None:
    why = _ended_because(upload)
    if why == TOO_SLOW:
        give_up(upload)
    if why:
        raise Conflict(why)


def _ended_because(upload: CohortUpload) -> str:
    """Why nothing more can be sent; empty while it is open, not too slow, and begun for the request's key of now."""
    if upload.ended_at is not None or cohort_files.key_of(upload.request).made_at > upload.started_at:
        return ENDED
    too_slow = timezone.now() - upload.started_at > timedelta(seconds=settings.COHORT_MAX_SECONDS)
    return TOO_SLOW if too_slow else ""


def _check_next(upload: CohortUpload, offset: int) -> None:
    if offset != upload.received_bytes:
        raise Conflict(f"{upload.received_bytes} bytes have arrived; the next part begins there.")
