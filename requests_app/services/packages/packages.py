"""Packages: kept with their hash and lineage, signed off by two analysts, released. States review them: `reviews`."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from requests_app import channels, form, policies, standing
from requests_app.hooks import effect
from requests_app.models import DataRequest, Delivery, Destruction, Package, Person, SealedFile, SignOff
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.sealed_files import Sealed
from requests_app.services.event_log import events
from requests_app.services.life import workflow
from requests_app.services.packages import delivery, files
from requests_app.states import State


@dataclass(frozen=True)
class Built:
    """What a builder hands over: sealed files, hashes of the plain bytes, lineage and counts."""

    sha256: str
    package: Sealed
    states_searched: list[str]
    states_found: list[str]
    rows: int = 0
    tables: Sealed | None = None
    workbench: Sealed | None = None
    record_sha256: str = ""
    cells: int = 0
    withheld: int = 0
    audit_is_clean: bool = False


def keep_package(request: DataRequest, built: Built) -> Package:
    """The next version of the request's package; call it in the transaction that finishes the build."""
    now = timezone.now()
    version = request.packages.count() + 1
    name = f"{request.number}-package-{version}"

    def row(sealed: Sealed, kind: FileKind, ending: str) -> SealedFile:
        return files.remember(sealed, request, kind, name + ending, now)

    package = Package.objects.create(
        request=request,
        version=version,
        sha256=built.sha256,
        record_sha256=built.record_sha256,
        file=row(built.package, FileKind.PACKAGE, ".zip"),
        tables=row(built.tables, FileKind.TABLES, "-tables.json") if built.tables else None,
        workbench=row(built.workbench, FileKind.WORKBENCH, "-workbench.json") if built.workbench else None,
        states_searched=built.states_searched,
        states_found=built.states_found,
        rows=built.rows,
        cells=built.cells,
        withheld=built.withheld,
        audit_is_clean=built.audit_is_clean,
        built_at=now,
    )
    events.record(
        "package.build",
        actor=None,
        request_number=request.number,
        subject=package.pk,
        detail={"version": version, "sha256": built.sha256, "states_searched": built.states_searched},
        at=now,
    )
    return package


@transaction.atomic
def sign_off(request: DataRequest, *, actor: Person, package_sha256: str, notes: str = "") -> SignOff:
    """A Disclosure Analyst signs the current package's exact bytes."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_disclosure_work(actor, locked)
    policies.check_not_suspended(locked)
    package = current_package(locked, package_sha256)
    if not package.audit_is_clean:
        raise Denied("The final audit is not empty, so this package cannot be signed off.")
    if package.sign_offs.filter(person=actor).exists():
        raise Denied("You have signed this package off; a second Disclosure Analyst must confirm it.")
    now = timezone.now()
    signed = SignOff.objects.create(
        package=package, package_sha256=package.sha256, person=actor, notes=notes, signed_at=now
    )
    events.record(
        "package.sign_off",
        actor=actor,
        request_number=locked.number,
        subject=package.pk,
        detail={"sha256": package.sha256},
        at=now,
    )
    return signed


@transaction.atomic
def refuse_sign_off(request: DataRequest, *, actor: Person, package_sha256: str, reason: str) -> None:
    """A Disclosure Analyst says why these exact bytes must not leave; nobody confirms them while that stands."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_disclosure_work(actor, locked)
    policies.check_not_suspended(locked)
    package = current_package(locked, package_sha256)
    if locked.status is not State.DISCLOSURE_REVIEW:
        raise Denied("The disclosure review of this package is over.")
    if not reason.strip():
        raise Denied("Say why you refuse, so that the tables can be made anew.")
    now, facts = timezone.now(), {"package_sha256": package.sha256}
    workflow.decide(locked, "refuse_sign_off", actor=actor, at=now, reason=reason.strip(), facts=facts)
    events.record(
        "request.refuse_sign_off",
        actor=actor,
        request_number=locked.number,
        subject=package.pk,
        detail=facts | {"reason": reason.strip()},
        at=now,
    )


def current_package(request: DataRequest, package_sha256: str) -> Package:
    """The package these bytes are of; `Denied` where another one has taken its place."""
    package = policies.newest_package(request)
    if package is None or package.sha256 != package_sha256:
        raise Denied("The package was rebuilt while you had it open. Look at the new one first.")
    return package


@effect("release")
def deliver_released(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """A released package waits in the outbox for its channel; micro data come with the duty to destroy them."""
    package = policies.newest_package(request)
    assert package is not None  # noqa: S101  the transition's guards saw it
    mou = standing.mou_of(request.agency, timezone.localdate(now))
    channel = channels.channel_for(mou.delivery_channels, request.kind) if mou else None
    assert channel is not None  # noqa: S101  the transition's guards saw it
    Delivery.objects.get_or_create(package=package, defaults={"channel": channel, "created_at": now})
    due_on = form.read(request).destruction_on
    if request.kind == "micro" and due_on:
        Destruction.objects.get_or_create(package=package, defaults={"due_on": due_on, "due_since": now})
    transaction.on_commit(delivery.wake)
