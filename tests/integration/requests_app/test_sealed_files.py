"""Encrypted files: what was sealed comes back, what was touched does not, and nothing is left where a stream breaks."""

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pytest_django.fixtures import Settings

from requests_app import keys, sealed_files
from requests_app.models.ids import new_ulid
from requests_app.sealed_files import CHUNK_BYTES, Sealed, Sealer, Unreadable

FRAME = 4 + CHUNK_BYTES + 16
PUBLIC, PRIVATE = keys.new_pair(2048)
BOUND = sealed_files.bound_to("package", 1)


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Settings) -> Path:
    settings.VAULT_ROOT = tmp_path / "vault"
    return settings.VAULT_ROOT


def seal(data: bytes, *, piece: int = 300_000) -> Sealed:
    with Sealer(new_ulid(), PUBLIC, BOUND) as sealer:
        for start in range(0, len(data), piece):
            sealer.write(data[start : start + piece])
        return sealer.finish()


def read(sealed: Sealed, *, private: rsa.RSAPrivateKey = PRIVATE, file_id: str = "") -> bytes:
    data_key = sealed_files.unwrap(sealed.wrapped_key, private, sealed.label)
    return b"".join(sealed_files.read_sealed(file_id or sealed.file_id, sealed.sealed_sha256, data_key))


def stored(vault: Path) -> list[Path]:
    return [path for path in vault.rglob("*") if path.is_file()]


def change(sealed: Sealed, data: bytes) -> None:
    sealed_files.path_of(sealed.sealed_sha256).write_bytes(data)


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7]
)
@pytest.mark.parametrize("piece", [65_536, CHUNK_BYTES, 10 * CHUNK_BYTES])
def test_round_trip_at_sizes_around_the_chunk(vault: Path, size: int, piece: int) -> None:
    data = os.urandom(size)
    sealed = seal(data, piece=piece)
    assert read(sealed) == data
    assert sealed.plain_bytes == size
    (path,) = stored(vault)
    assert path.name == sealed.sealed_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert size < 16 or data[:64] not in path.read_bytes()  # a byte or two stands in any ciphertext


def test_same_content_sealed_twice_shares_neither_key_nor_bytes() -> None:
    first, second = seal(b"the same"), seal(b"the same")
    assert first.sealed_sha256 != second.sealed_sha256
    keys_of_both = [sealed_files.unwrap(one.wrapped_key, PRIVATE, one.label) for one in (first, second)]
    assert keys_of_both[0] != keys_of_both[1]


CHUNKS = 3
TOUCHED = {
    "cut to nothing": lambda data: b"",
    "cut inside the first length": lambda data: data[:2],
    "cut inside the last chunk": lambda data: data[:-1],
    "cut at a chunk's end": lambda data: data[: 2 * FRAME],
    "cut after a length": lambda data: data[: 2 * FRAME + 4],
    "first chunk gone": lambda data: data[FRAME:],
    "chunks swapped": lambda data: data[FRAME : 2 * FRAME] + data[:FRAME] + data[2 * FRAME :],
    "chunk repeated": lambda data: data[:FRAME] + data,
    "more behind it": lambda data: data + b"\0",
    "a chunk behind it": lambda data: data + data[:FRAME],
    "flipped bit of the content": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    "flipped bit of the tag": lambda data: data[: FRAME - 1] + bytes([data[FRAME - 1] ^ 0x80]) + data[FRAME:],
    "length too small": lambda data: (100).to_bytes(4, "big") + data[4:],
    "length far too large": lambda data: b"\xff\xff\xff\xff" + data[4:],
}


@pytest.mark.parametrize("touch", TOUCHED.values(), ids=TOUCHED)
def test_touched_file_is_unreadable(vault: Path, touch: object) -> None:
    sealed = seal(os.urandom(2 * CHUNK_BYTES + 100))
    assert callable(touch)
    (path,) = stored(vault)
    whole = path.read_bytes()
    assert len(whole) == 2 * FRAME + 4 + 100 + 16
    change(sealed, touch(whole))
    with pytest.raises(Unreadable):
        read(sealed)


def test_chunk_of_another_file_is_unreadable_even_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = os.urandom(32)
    monkeypatch.setattr(AESGCM, "generate_key", staticmethod(lambda bit_length: key))
    first, second = seal(b"a" * 100), seal(b"b" * 100)
    change(first, sealed_files.path_of(second.sealed_sha256).read_bytes())
    with pytest.raises(Unreadable):
        read(first)
    assert read(second) == b"b" * 100
    with pytest.raises(Unreadable):
        read(second, file_id=first.file_id)


def test_other_data_key_reads_nothing() -> None:
    sealed = seal(b"x" * 1000)
    with pytest.raises(Unreadable):
        b"".join(sealed_files.read_sealed(sealed.file_id, sealed.sealed_sha256, os.urandom(32)))


def test_other_private_key_unwraps_nothing() -> None:
    sealed = seal(b"x")
    with pytest.raises(ValueError, match=r"[Dd]ecryption|[Ee]ncryption"):
        read(sealed, private=keys.new_pair(2048)[1])


@pytest.mark.parametrize(
    ("file_id", "kind", "request_id"), [("another", "package", 1), ("", "match_result", 1), ("", "package", 2)]
)
def test_key_does_not_open_as_another_file_kind_or_request(file_id: str, kind: str, request_id: int) -> None:
    sealed = seal(b"x")
    other = sealed_files.label(file_id or sealed.file_id, sealed_files.bound_to(kind, request_id))
    with pytest.raises(ValueError, match=r"[Dd]ecryption|[Ee]ncryption"):
        sealed_files.unwrap(sealed.wrapped_key, PRIVATE, other)


def test_file_is_wrapped_for_rsa_keys_only() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TypeError, match="RSA"):
        Sealer(new_ulid(), pem, BOUND)


def test_broken_stream_leaves_nothing_behind(vault: Path) -> None:
    def receive() -> None:
        with Sealer(new_ulid(), PUBLIC, BOUND) as sealer:
            sealer.write(os.urandom(3 * CHUNK_BYTES))
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive()
    assert stored(vault) == []


def test_stream_left_without_finishing_leaves_nothing_behind(vault: Path) -> None:
    with Sealer(new_ulid(), PUBLIC, BOUND) as sealer:
        sealer.write(b"x" * 3 * CHUNK_BYTES)
        assert len(stored(vault)) == 1
        assert b"xxxxxxxx" not in stored(vault)[0].read_bytes()
    assert stored(vault) == []


def test_memory_stays_flat_for_two_hundred_megabytes() -> None:
    data, megabytes = os.urandom(CHUNK_BYTES), 200
    tracemalloc.start()
    try:
        with Sealer(new_ulid(), PUBLIC, BOUND) as sealer:
            for _ in range(megabytes):
                sealer.write(data)
            sealed = sealer.finish()
        data_key = sealed_files.unwrap(sealed.wrapped_key, PRIVATE, sealed.label)
        chunks = sealed_files.read_sealed(sealed.file_id, sealed.sealed_sha256, data_key)
        assert sum(len(chunk) for chunk in chunks) == megabytes * CHUNK_BYTES
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    sealed_files.path_of(sealed.sealed_sha256).unlink()
    assert peak < 12 * CHUNK_BYTES


def test_shredded_file_is_gone_and_shredding_twice_is_no_error(vault: Path) -> None:
    sealed = seal(b"x" * 5000)
    whole = sealed_files.path_of(sealed.sealed_sha256)
    kept = vault / "hard-link"  # what the file's blocks hold afterwards
    kept.hardlink_to(whole)
    before = kept.read_bytes()
    assert sealed_files.shred(sealed.sealed_sha256) is True
    assert sealed_files.shred(sealed.sealed_sha256) is False
    assert kept.read_bytes()[: len(before)] != before
    assert before[1000:1032] not in kept.read_bytes()
    with pytest.raises(Unreadable, match="no longer here"):
        read(sealed)


def test_two_sealers_of_one_file_id_never_write_into_each_other() -> None:
    with Sealer("one-id", PUBLIC, BOUND), pytest.raises(FileExistsError):
        Sealer("one-id", PUBLIC, BOUND)
