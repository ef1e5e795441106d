"""The signature binds a package's files to the disclosure record: any other byte, key or record is found."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disclosure.core.package import signature as package_signature
from disclosure.core.package.zip_file import Table, build
from tests.unit.disclosure.core.test_aggregate_package import FORM, protected

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"worker": KEY.public_key()}


@pytest.fixture(scope="module")
def package() -> bytes:
    """A signed package."""
    table = Table("wages", "Wages by county", protected())
    sign = package_signature.signer(KEY, "worker")
    once, twice = (build([table], request="WR-2026-000001", form=FORM, seal="secret", sign=sign).zip for _ in range(2))
    assert once == twice
    return once


def changed(package: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """The package with something done to its files."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def manifest(files: dict[str, bytes], **other: object) -> None:
    """Other entries in the manifest."""
    files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | other).encode()


def test_package_as_signed_holds(package: bytes) -> None:
    assert package_signature.problems(package, KEYS) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.update({"tables/wages.csv": b"quarter\n"}), "tables/wages.csv is not as it was signed."),
        (lambda files: files.pop("codebook.md"), "codebook.md is missing."),
        (lambda files: files.update({"more.csv": b""}), "more.csv is not named in the manifest."),
        (lambda files: manifest(files, disclosure_record_sha256="0" * 64), "The signature is not of this manifest"),
        (lambda files: manifest(files, request="WR-2026-000002"), "The signature is not of this manifest"),
        (lambda files: manifest(files, signature={"key": "worker", "value": "?"}), "The signature is not of this"),
        (lambda files: manifest(files, signature={"key": "other", "value": ""}), "a key that is not known (other)"),
        (lambda files: manifest(files, signature=None), "The manifest is not signed."),
    ],
)
def test_whatever_is_changed_is_named(package: bytes, change: Callable[[dict[str, bytes]], Any], words: str) -> None:
    [problem] = package_signature.problems(changed(package, change), KEYS)
    assert words in problem


def test_another_workers_signature_does_not_hold(package: bytes) -> None:
    other = {"worker": Ed25519PrivateKey.generate().public_key()}
    assert package_signature.problems(package, other) == [
        "The signature is not of this manifest: it was changed, or signed by somebody else."
    ]


@pytest.mark.parametrize("data", [b"", b"PK no archive"])
def test_what_is_no_package_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="no package"):
        package_signature.problems(data, KEYS)
