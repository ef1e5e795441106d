"""The cast, with wage records held for both states in 2016; a simulated Kiteworks where a test asks for it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django.fixtures import Settings

from requests_app.models import Person
from tests.kiteworks.server import CLIENT, USER, Kiteworks, running
from tests.pages import hold_quarters

CHUNK_BYTES = 1000


@pytest.fixture
def people(people: dict[str, Person]) -> dict[str, Person]:
    """Everybody, and something to ask for."""
    hold_quarters()
    return people


@pytest.fixture(scope="session")
def kiteworks_key() -> rsa.RSAPrivateKey:
    """BLS's key at the simulated server."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def kiteworks(kiteworks_key: rsa.RSAPrivateKey, tmp_path: Path, settings: Settings) -> Iterator[Kiteworks]:
    """A simulated server of its own, and the worker's file that leads there."""
    public = kiteworks_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = kiteworks_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private)
    (tmp_path / "secret").write_text(CLIENT["client_secret"] + "\n")
    with running(public.decode()) as server:
        place = {
            "url": server.url, "user": USER, "client_id": CLIENT["client_id"], "client_name": CLIENT["client_name"],
            "client_secret_file": "secret", "private_key_file": "key.pem", "chunk_bytes": CHUNK_BYTES, "pause": 0.001,
        }  # fmt: skip
        (tmp_path / "places.json").write_text(json.dumps({"kiteworks": place}))
        settings.DELIVERY_PLACES_FILE = tmp_path / "places.json"
        yield server
