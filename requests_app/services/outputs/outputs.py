"""An output from its first file to its clearance letter: one place that moves it, by the table in output_states."""

import hashlib
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from requests_app import output_policies
from requests_app.models import DataRequest, Output, OutputDecision, OutputFile, Person
from requests_app.models.files import FileKind
from requests_app.output_states import BY_NAME, OutputState, OutputStep
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import jobs, notices
from requests_app.services.life.workflow import Conflict
from requests_app.services.outputs import letters, reviewing
from requests_app.services.packages import files
from requests_app.services.packages.documents import plain_name
from requests_app.states import Role

MOST_BYTES = 10_000_000
MOST_FILES = 20
STARTS = {b"%PDF-": "pdf", b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpg", b"PK\x03\x04": "xlsx"}
TOLD: dict[OutputState, tuple[Role, ...]] = {
    OutputState.BLS_CHECK: (Role.DISCLOSURE_ANALYST,),
    OutputState.CLEARED: (Role.COORDINATOR,),
    OutputState.RETURNED: (Role.COORDINATOR,),
    OutputState.REFUSED: (Role.COORDINATOR,),
}


@transaction.atomic
def start(request: DataRequest, *, actor: Person, title: str, description: str, shared_with: str) -> Output:
    """A draft: what it is, and with whom it is to be shared."""
    output_policies.check_start_output(actor, request)
    now = timezone.now()
    output = Output.objects.create(
        request=request, title=title, description=description, shared_with=shared_with, state_since=now,
        started_at=now, started_by=actor,
    )  # fmt: skip
    _record("output.start", output, actor, now)
    return output


def kind_of(content: bytes) -> str:
    """What a file is, told by its content; anything that is none of the others is looked at as CSV."""
    return next((kind for start, kind in STARTS.items() if content.startswith(start)), "csv")


@transaction.atomic
def add_file(output: Output, *, actor: Person, upload: "UploadedFile[bytes]") -> OutputFile:
    """Seals the file at once for the worker, which alone opens it."""
    locked = _lock(output)
    output_policies.check_change_output(actor, locked)
    if not upload.size or upload.size > MOST_BYTES:
        raise Denied(f"Choose a file that is not empty and not larger than {MOST_BYTES // 1_000_000} MB.")
    if locked.files.filter(removed_at__isnull=True).count() >= MOST_FILES:
        raise Denied(f"An output has at most {MOST_FILES} files. Submit the others as another output.")
    upload.seek(0)
    content, now = upload.read(), timezone.now()
    name = plain_name(upload.name or "")[: -len(".pdf")]
    sealed = files.seal_bytes(content, locked.request, FileKind.OUTPUT)
    added = OutputFile.objects.create(
        output=locked,
        file=files.remember(sealed, locked.request, FileKind.OUTPUT, name, now),
        name=name,
        kind=kind_of(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_at=now,
        added_by=actor,
    )
    _record("output.add_file", locked, actor, now, file=added.file_id, sha256=added.sha256)
    return added


@transaction.atomic
def remove_file(file: OutputFile, *, actor: Person) -> None:
    """Takes a file out again; its row stays, its content does not."""
    locked = _lock(file.output)
    output_policies.check_change_output(actor, locked)
    now = timezone.now()
    if not OutputFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=now, removed_by=actor):
        raise Conflict("This file was taken out already.")
    for sealed in filter(None, (file.file, file.view)):
        files.shred(sealed, at=now, why="taken out of the output")
    _record("output.remove_file", locked, actor, now, file=file.file_id)


def take(output: Output, name: str, *, actor: Person | None, reason: str = "", files_sha256: str = "") -> Output:
    """Takes a step of the table. `files_sha256`: the files the person looked at, if they say so. Raises `Denied` with
    what stands in the way, `Conflict` where the output has moved or its files are others."""
    with transaction.atomic():
        return _take(_lock(output), BY_NAME[name], actor, reason.strip(), files_sha256)


def _take(output: Output, step: OutputStep, actor: Person | None, reason: str, seen: str) -> Output:
    if output.status not in step.sources:
        raise Conflict(f"The output is “{output.status.label}” now, so “{step.label}” no longer applies. Reload.")
    if seen and seen != output.files_sha256:
        raise Conflict("The files of this output are others now. Look at them first.")
    output_policies.check_take(actor, output, step, reason)
    now, came_from = timezone.now(), output.state
    BEFORE.get(step.name, _nothing)(output, actor, now)
    output.state, output.state_since = step.target, now
    output.save(update_fields=["state", "state_since", "files_sha256", "letter"])
    OutputDecision.objects.create(
        output=output, step=step.name, from_state=came_from, to_state=output.state, reason=reason,
        files_sha256=output.files_sha256, decided_at=now, decided_by=actor,
    )  # fmt: skip
    words = f"{output.request.number}: an output is now “{output.status.label}”."
    notices.tell_about(output.request, words, TOLD.get(output.status, ()), now)
    AFTER.get(step.name, _nothing)(output, actor, now)
    _record(f"output.{step.name}", output, actor, now, files_sha256=output.files_sha256, reason=reason)
    return output


def _nothing(_output: Output, _actor: Person | None, _now: datetime) -> None:
    """Most steps do nothing else."""


def _fix_files(output: Output, _actor: Person | None, _now: datetime) -> None:
    """The hash of all files, in order: it is what everybody decides about."""
    kept = list(output.files.filter(removed_at__isnull=True).order_by("added_at").values_list("sha256", flat=True))
    if not kept:
        raise Denied("Add the files that are to leave first.")
    output.files_sha256 = hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _order_check(output: Output, _actor: Person | None, _now: datetime) -> None:
    jobs.enqueue("check_output", output.request, _inputs(output), subject=output.pk)


def _inputs(output: Output) -> dict[str, Any]:
    return {"output": output.pk, "files": output.files_sha256, "since": output.state_since}


def check_inputs(output: Output) -> str:
    """The hash of the job that checks the output as it stands submitted."""
    return jobs.input_hash(_inputs(output))


def _all_agreed(output: Output, _actor: Person | None, _now: datetime) -> None:
    waiting = [review.agency.state_name for review in reviewing.of(output) if not review.agrees]
    if waiting:
        raise Denied(*(f"{state} has not agreed." for state in waiting))


def _write_letter(output: Output, actor: Person | None, now: datetime) -> None:
    output.letter = letters.issue(output, actor=actor, now=now)
    output.save(update_fields=["letter"])


def _ask_states(output: Output, _actor: Person | None, now: datetime) -> None:
    reviewing.ask(output, now)


BEFORE = {"submit": _fix_files, "clear": _all_agreed}
AFTER = {"submit": _order_check, "pass": _ask_states, "clear": _write_letter}


def _lock(output: Output) -> Output:
    rows = Output.objects.select_for_update(of=("self",)).select_related("request__agency")
    return rows.get(pk=output.pk)


def _record(kind: str, output: Output, actor: Person | None, now: datetime, **detail: Any) -> None:
    """Every step of an output is told with the hash of the files it was about."""
    number = output.request.number
    events.record(kind, actor=actor, request_number=number, subject=f"output {output.pk}", detail=detail, at=now)
