"""Checks a kept package against its disclosure record, its signature and its sign-offs: BLS's own side of the promise.

Outside BLS the package alone is checked, with the public key (`verify_disclosure_record FILE`). Run by the owner at the
keyboard, who holds the worker's key; an event says that it was done.
"""

import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from disclosure.core.package import signature as package_signature
from disclosure.core.package.record import record_hash
from requests_app.models import Package
from requests_app.services.event_log import events
from requests_app.services.packages import files


def check(package: Package, keys: Mapping[str, Ed25519PublicKey]) -> list[str]:
    """What does not hold of a kept package; empty where all does. The check is an event with what it found."""
    if package.workbench is None or package.workbench.shredded_at or package.file.shredded_at:
        return ["The package or its disclosure record is not kept any more."]
    data, record = (b"".join(files.read(file)) for file in (package.file, package.workbench))
    found = [
        *package_signature.problems(data, keys),
        *_of_hashes(package, data, record),
        *_of_record(package, record),
        *_of_signatures(package),
    ]
    events.record(
        "package.verify",
        actor=None,
        request_number=package.request.number,
        subject=package.pk,
        outcome="failed" if found else "done",
        detail={"version": package.version, "problems": found},
    )
    return found


def _of_hashes(package: Package, data: bytes, record: bytes) -> list[str]:
    manifest = package_signature.manifest_of(data)
    held = {
        "The package is not the one that was kept.": hashlib.sha256(data).hexdigest() == package.sha256,
        "The disclosure record is not the one that was kept.": record_hash(record) == package.record_sha256,
        "The package was made under another disclosure record.": manifest.get("disclosure_record_sha256")
        == record_hash(record),
        "The package is of another request.": manifest.get("request") == package.request.number,
    }
    return [words for words, holds in held.items() if not holds]


def _of_record(package: Package, record: bytes) -> list[str]:
    kept = json.loads(record)
    unclean = [name for name, table in kept["tables"].items() if any(table["audit"].values())]
    found = [f"The final audit of {name} is not clean." for name in unclean]
    return found if kept["request"] == package.request.number else [*found, "The record is of another request."]


def _of_signatures(package: Package) -> list[str]:
    """A package that went on was signed by one analyst and confirmed by another, both for these bytes."""
    request = package.request
    confirmed = request.decisions.filter(transition__in=["send_to_partners", "clear_for_release"])
    went_on = confirmed.filter(decided_at__gte=package.built_at)
    following = request.packages.filter(version=package.version + 1).first()
    if following:
        went_on = went_on.filter(decided_at__lt=following.built_at)
    signers = set(package.sign_offs.filter(package_sha256=package.sha256).values_list("person_id", flat=True))
    return [
        "It went on without a signature of another analyst."
        for decision in went_on
        if not signers - {decision.decided_by_id}
    ]
