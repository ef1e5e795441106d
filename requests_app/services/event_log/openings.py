"""Opening a sealed file: a one-time grant. Web asks and waits; the worker checks the right again and seals the file's
one key to a key pair made for this opening. Web never holds a key that opens more than what it was asked to open.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction
from django.utils import timezone

from requests_app import form, keys, output_policies, policies, sealed_files
from requests_app.models import Delivery, Event, Opening, Person, SealedFile
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.pre_release import check_pre_release, unreleased_quarters
from requests_app.services.event_log import events
from requests_app.services.life import queue
from requests_app.services.packages import files

WAIT_SECONDS = 15.0
POLL_SECONDS = 0.05
OPENING_KEY_BITS = 2048
OPENINGS_AN_HOUR = 120
VALID_FOR = timedelta(minutes=2)

CHECKS: dict[str, Callable[[Person, SealedFile], None]] = {
    FileKind.PACKAGE: policies.check_open_released,
    FileKind.TABLES: policies.check_open_tables,
    FileKind.WORKBENCH: lambda person, file: policies.check_disclosure_work(person, file.request),
    FileKind.ANALYSIS: lambda person, file: policies.check_disclosure_work(person, file.request),
    FileKind.OUTPUT_VIEW: output_policies.check_open_view,
    FileKind.FORECAST: lambda person, file: policies.check_forecast(person, file.request),
}


def check(person: Person, file: SealedFile) -> None:
    """The person may open this file now; cohort files and match results are opened by nobody."""
    if file.kind not in CHECKS or file.shredded_at:
        raise Denied("This file cannot be opened by anyone.")
    CHECKS[file.kind](person, file)
    check_pre_release(person, unreleased_quarters(file.request))
    if opened_lately(person) >= OPENINGS_AN_HOUR:
        raise Denied("You have opened many files in the last hour; try again later.")


def opened_lately(person: Person) -> int:
    """How many files were opened in the person's name in the last hour: by the events, which web cannot remove."""
    since = timezone.now() - timedelta(hours=1)
    return Event.objects.filter(kind="file.open", outcome="done", actor_id=person.pk, occurred_at__gte=since).count()


def open_file(file: SealedFile, *, person: Person, purpose: str) -> Iterator[bytes]:
    """The file in the clear, chunk by chunk, for `person`, once. `Denied` where the right or an answer is missing."""
    try:
        check(person, file)
    except Denied as denied:
        _record_refusal(file, person, purpose, denied)
        raise
    public_pem, private = keys.new_pair(OPENING_KEY_BITS)
    opening = _ask(file, person, purpose, public_pem)
    data_key = _take_answer(opening, private)
    return sealed_files.read_sealed(file.pk, file.sealed_sha256, data_key)


def _record_refusal(file: SealedFile, person: Person, purpose: str, denied: Denied) -> None:
    """An opening refused before the worker was asked is an event too."""
    denied.recorded = True
    events.record(
        "file.open",
        actor=person,
        request_number=file.request.number,
        subject=file.pk,
        outcome="refused",
        detail={"kind": file.kind, "purpose": purpose, "reasons": denied.reasons},
    )


def _ask(file: SealedFile, person: Person, purpose: str, public_pem: bytes) -> Opening:
    opening = Opening.objects.create(
        file=file, person=person, purpose=purpose, public_key=public_pem, asked_at=timezone.now()
    )
    transaction.on_commit(lambda: queue.send("requests_app.tasks.seal_for_opening", opening.pk))
    return opening


def _take_answer(opening: Opening, private: rsa.RSAPrivateKey) -> bytes:
    """Waits for the worker within this request; the answer can be taken once."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        opening.refresh_from_db()
        if opening.refused_reason:
            raise Denied(opening.refused_reason)
        if opening.sealed_key:
            sealed_key = bytes(opening.sealed_key)
            if not Opening.objects.filter(pk=opening.pk, used_at=None).update(used_at=timezone.now(), sealed_key=None):
                raise Denied("This opening was already used.")
            return sealed_files.unwrap(sealed_key, private)
        time.sleep(POLL_SECONDS)
    raise Denied("The file could not be opened just now: no worker answered. Try again in a minute.")


@transaction.atomic
def answer(opening_id: str) -> None:
    """The worker's side: checks the right for itself, seals the one key, records the accounting of disclosure."""
    opening = (
        Opening.objects.select_for_update(of=("self",))
        .select_related("file__request__agency", "person__agency")
        .get(pk=opening_id)
    )
    if opening.answered_at or opening.asked_at < timezone.now() - VALID_FOR:
        return
    opening.answered_at = timezone.now()
    try:
        check(opening.person, opening.file)
        data_key = _key_of(opening.file)
        opening.sealed_key = sealed_files.wrap(data_key, bytes(opening.public_key))
    except Denied as denied:
        opening.refused_reason = " ".join(denied.reasons)
    opening.save(update_fields=["answered_at", "sealed_key", "refused_reason"])
    if not opening.refused_reason and opening.file.kind == FileKind.PACKAGE:
        Delivery.objects.filter(package__file=opening.file, first_opened_at=None).update(
            first_opened_at=opening.answered_at
        )
    refused = [opening.refused_reason] if opening.refused_reason else []
    _record(opening.file, opening.person, opening.purpose, refused=refused, opening=opening.pk)


def _key_of(file: SealedFile) -> bytes:
    try:
        return files.data_key(file, keys.worker_private_key())
    except sealed_files.Unreadable:
        raise Denied("This file is not what it is kept as; BLS has been told.") from None


def _record(file: SealedFile, person: Person, purpose: str, *, refused: list[str], opening: str = "") -> None:
    """The accounting of disclosure: who opened what, which states' data it holds, and why; refusals too."""
    detail = {"kind": file.kind, "purpose": purpose, "states": form.read(file.request).states}
    events.record(
        "file.open",
        actor=person,
        request_number=file.request.number,
        subject=file.pk,
        outcome="refused" if refused else "done",
        detail=detail | ({"opening": opening} if opening else {}) | ({"reasons": refused} if refused else {}),
    )
