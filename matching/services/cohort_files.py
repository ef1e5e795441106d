"""Cohort files: received as ciphertext, checked in the worker, one per named cohort and quarter, replaceable until the
match begins. What a person sees of a file is line numbers, counts and hints, never its content.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from matching.core.cohort import file as cohort_file
from matching.core.cohort.file import CohortCheck
from matching.core.ssn import SsnWorld
from matching.models.cohorts import CohortFile, CohortFileState, CohortKey, CohortPolicy
from matching.services import cohort_keys
from requests_app import form, policies, sealed_files, standing
from requests_app.hooks import guard
from requests_app.models import DataRequest, Person, RequestAgent
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.sealed_files import Sealed, Sealer
from requests_app.services.event_log import events
from requests_app.services.life import jobs
from requests_app.services.packages import files
from requests_app.states import Role, State

STATE_WORDS = {
    "missing": "missing",
    CohortFileState.RECEIVED: "being checked",
    CohortFileState.TO_CONFIRM: "waiting for you to confirm that lines are left out",
    CohortFileState.REFUSED: "refused",
}


@dataclass(frozen=True)
class Slot:
    """One place of the grid: a named cohort and a quarter, with its current or last file if there is one.

    `number` is the cohort's place on the form, from 1: what a URL says instead of its name.
    """

    number: int
    cohort: str
    quarter: int
    file: CohortFile | None

    @property
    def state(self) -> str:
        """missing, received, to_confirm, accepted or refused."""
        return self.file.state if self.file else "missing"


def grid(request: DataRequest) -> list[Slot]:
    """Every file the approved form asks for, in the form's order, with where it stands."""
    asked = form.read(request)
    newest = {(f.cohort, f.quarter): f for f in request.cohort_files.exclude(state=CohortFileState.REPLACED)}
    return [
        Slot(number, cohort.name, quarter, newest.get((cohort.name, quarter)))
        for number, cohort in enumerate(asked.cohorts, 1)
        for quarter in asked.quarters
    ]


def check_upload(person: Person, request: DataRequest) -> None:
    """The team uploads (agents where the coordinator delegated it), cleared, while the request awaits its cohort."""
    policies.check_request_team(person, request)
    if Role.COORDINATOR not in standing.roles_of(person):
        delegated = RequestAgent.objects.filter(request=request, person=person, removed_at=None, may_upload=True)
        if not delegated.exists():
            raise Denied("The coordinator has not delegated uploading to you.")
    if request.suspended_reason:
        raise Denied(f"The request is suspended: {request.suspended_reason}")
    if request.status is not State.AWAITING_COHORT:
        raise Denied("Cohort files are taken from approval until matching starts.")
    policies.check_may_act(person)


def key_of(request: DataRequest) -> CohortKey:
    """The key that this request's cohort files are sealed for now."""
    return CohortKey.objects.get(request=request, destroyed_at=None)


def sealer_for(request: DataRequest, file_id: str) -> Sealer:
    """Encrypts an upload as it streams in, for this request's cohort key."""
    pem = bytes(key_of(request).public_pem)
    return Sealer(file_id, pem, sealed_files.bound_to(FileKind.COHORT, request.pk))


def check_asked_for(request: DataRequest, cohort: str, quarter: int) -> None:
    """The approved form has this named cohort and this quarter."""
    if (cohort, quarter) not in {(slot.cohort, slot.quarter) for slot in grid(request)}:
        raise Denied("The approved form does not ask for a file of this cohort and quarter.")


@transaction.atomic
def receive(request: DataRequest, cohort: str, quarter: int, sealed: Sealed, *, actor: Person) -> CohortFile:
    """Keeps an uploaded file and orders its check; the file it replaces stays in the history."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    check_upload(actor, locked)
    check_asked_for(locked, cohort, quarter)
    now = timezone.now()
    for earlier in locked.cohort_files.filter(cohort=cohort, quarter=quarter).exclude(state=CohortFileState.REPLACED):
        earlier.state = CohortFileState.REPLACED
        earlier.save(update_fields=["state"])
        files.shred(earlier.file, at=now, why="replaced")
    row = CohortFile.objects.create(
        request=locked,
        cohort=cohort,
        quarter=quarter,
        file=files.remember(sealed, locked, FileKind.COHORT, f"{cohort} {quarter}", now),
        uploaded_at=now,
        uploaded_by=actor,
    )
    jobs.enqueue("check_cohort", locked, {"file": sealed.sealed_sha256}, subject=row.pk)
    events.record(
        "cohort.upload",
        actor=actor,
        request_number=locked.number,
        subject=row.pk,
        detail={"quarter": quarter, "bytes": sealed.plain_bytes, "sealed_sha256": sealed.sealed_sha256},
        at=now,
    )
    return row


def read(row: CohortFile) -> Iterator[bytes]:
    """The file in the clear, in a worker's memory only."""
    data_keys = files.data_keys(row.file, cohort_keys.private_key(row.request))
    return sealed_files.read_sealed(row.file_id, row.file.sealed_sha256, *data_keys)


def parse(row: CohortFile) -> CohortCheck:
    """The checker's answer for one file, against the quarter it was sent for and under the policy it is checked by."""
    return cohort_file.check(
        read(row),
        state_fips=row.request.agency.fips or "",
        quarters={row.quarter},
        world=SsnWorld(settings.SSN_WORLD),
        policy="exclude" if row.policy == CohortPolicy.EXCLUDE else "strict",
    )


@transaction.atomic
def confirm(row: CohortFile, *, actor: Person) -> CohortFile:
    """The coordinator accepts that the wrong lines of a file are left out."""
    request = DataRequest.objects.select_for_update().get(pk=row.request_id)
    check_upload(actor, request)
    if Role.COORDINATOR not in standing.roles_of(actor):
        raise Denied("The coordinator confirms that lines are left out.")
    current = CohortFile.objects.select_for_update().get(pk=row.pk)
    if current.state != CohortFileState.TO_CONFIRM:
        raise Denied("This file does not wait for a confirmation any more.")
    current.state, current.confirmed_at, current.confirmed_by = CohortFileState.ACCEPTED, timezone.now(), actor
    current.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    events.record(
        "cohort.confirm",
        actor=actor,
        request_number=request.number,
        subject=row.pk,
        detail={"quarter": row.quarter, "rows": row.rows, "excluded": row.excluded},
        at=current.confirmed_at,
    )
    return current


@guard("cohort_complete")
def cohort_complete(request: DataRequest, _person: Person | None) -> list[str]:
    """Every file the form asks for was accepted."""
    return [
        f"The file of {slot.cohort}, {slot.quarter // 10} Q{slot.quarter % 10}, is {STATE_WORDS[slot.state]}."
        for slot in grid(request)
        if slot.state != CohortFileState.ACCEPTED
    ]
