"""The signature of an aggregated package: it binds the tables to the disclosure record that reviewed them.

The manifest holds every file's SHA-256 and the record's; the signature is over the manifest. So whoever has the package
and BLS's public key sees that these tables left under that record, and BLS, who keeps the record, can be held to it.
The record itself never leaves (security.md, "Permissions").
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CONTEXT = b"wage records: aggregated package, 1\n"  # a signature means this and nothing else
MANIFEST = "manifest.json"
SIGNATURE = "signature"

Sign = Callable[[Mapping[str, Any]], dict[str, str]]


def signer(key: Ed25519PrivateKey, fingerprint: str) -> Sign:
    """Return what signs a manifest; the same manifest and key give the same signature."""

    def sign(manifest: Mapping[str, Any]) -> dict[str, str]:
        return {"key": fingerprint, "value": base64.b64encode(key.sign(signed_bytes(manifest))).decode()}

    return sign


def signed_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return what the signature is over: everything in the manifest but itself, in one order."""
    body = {name: value for name, value in manifest.items() if name != SIGNATURE}
    return CONTEXT + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def manifest_of(package: bytes) -> dict[str, Any]:
    """Return the manifest of a package. Raises ValueError where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            found = json.loads(archive.read(MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValueError) as wrong:
        raise ValueError("This is no package: it has no manifest that can be read.") from wrong
    if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
        raise ValueError("This is no package: its manifest names no files.")
    return found


def problems(package: bytes, keys: Mapping[str, Ed25519PublicKey]) -> list[str]:
    """Return what is wrong with a package: a file that is not as signed, missing or added, or the signature itself."""
    manifest = manifest_of(package)
    return [*_wrong_files(package, manifest["files"]), *_wrong_signature(manifest, keys)]


def _wrong_files(package: bytes, named: Mapping[str, Any]) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        held = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != MANIFEST}
    missing = [f"{name} is missing." for name in sorted(set(named) - set(held))]
    added = [f"{name} is not named in the manifest." for name in sorted(set(held) - set(named))]
    changed = [f"{name} is not as it was signed." for name in sorted(set(held) & set(named))
               if held[name] != named[name].get("sha256")]  # fmt: skip
    return missing + added + changed


def _wrong_signature(manifest: Mapping[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> list[str]:
    signature = manifest.get(SIGNATURE)
    if not isinstance(signature, dict):
        return ["The manifest is not signed."]
    key = keys.get(str(signature.get("key")))
    if key is None:
        return [f"The manifest is signed with a key that is not known ({signature.get('key')})."]
    try:
        key.verify(base64.b64decode(str(signature.get("value")), validate=True), signed_bytes(manifest))
    except (InvalidSignature, ValueError):
        return ["The signature is not of this manifest: it was changed, or signed by somebody else."]
    return []
