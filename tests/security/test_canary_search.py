"""Positive control of the search for canaries: planted in files, mail and queue, they are found, and only they."""

import dataclasses
import gzip
import logging
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from config.canary import Canary, Sinks, search
from matching.services.cohort_persons import KEY_FILE as FINGERPRINT_KEY
from requests_app.models.ids import new_ulid
from tests.security.canaries import as_bytes, fresh, names, zipped

pytestmark = pytest.mark.django_db  # the database is made; what is planted goes through connections of its own


# As much as is read at once: what stands behind it lies across two readings. Without digits: four beside a fifth are
# not somebody's last four.
NOISE = os.urandom(4 << 20).translate(bytes.maketrans(b"0123456789", b"g" * 10))
FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a file": (lambda data: data, ""),
    "a log": (lambda data: b'{"event": "' + data + b'"}\n', ""),
    "a ZIP": (zipped, "!inside.csv"),
    "a ZIP in a ZIP": (lambda data: zipped(zipped(data)), "!inside.csv!inside.csv"),
    "a GZIP": (gzip.compress, "!unpacked"),
    "a GZIP in a ZIP": (lambda data: zipped(gzip.compress(data)), "!inside.csv!unpacked"),
    "far inside": (lambda data: NOISE[: -len(data) // 2] + data, ""),
}


@pytest.mark.parametrize("kind", FILES)
def test_file_with_each_form_is_found(tmp_path: Path, canary: Canary, kind: str) -> None:
    write, inside = FILES[kind]
    for number, data in enumerate(as_bytes(canary).values()):
        (tmp_path / f"{number}").write_bytes(write(data))
    hits = search([canary, fresh()], Sinks(folders=(tmp_path,)))
    assert {hit.form for hit in hits} == names(as_bytes(canary))
    assert {hit.place for hit in hits} == {f"{tmp_path}/{number}{inside}" for number in range(len(as_bytes(canary)))}
    assert search([fresh()], Sinks(folders=(tmp_path,))) == []


def test_file_name_is_found_and_not_repeated(tmp_path: Path, canary: Canary) -> None:
    (tmp_path / f"{canary.ssn}.csv").touch()
    (hit,) = search([canary], Sinks(folders=(tmp_path,)))
    assert (hit.form, hit.place) == ("plain", f"name of {tmp_path}")


def test_mail_body_and_attachment_are_found(tmp_path: Path, canary: Canary, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    EmailMessage("Your request", f"É: {canary.ssn}", "a@b.example", ["c@d.example"]).send()
    other = fresh()
    mail = EmailMessage("Your package", "Attached.", "a@b.example", ["c@d.example"])
    mail.attach("package.zip", zipped(b"x" * 1000 + other.ssn.encode()), "application/zip")
    mail.send()
    assert {hit.form for hit in search([canary], Sinks(folders=(tmp_path,)))} >= {"plain"}
    assert [hit.place.split("!")[1:] for hit in search([other], Sinks(folders=(tmp_path,)))] == [
        ["application/zip", "inside.csv"]
    ]
    assert search([fresh()], Sinks(folders=(tmp_path,))) == []


def test_blob_of_memory_is_found(canary: Canary) -> None:
    blobs = {f"GET /{number}": data for number, data in enumerate(as_bytes(canary).values())}
    hits = search([canary], Sinks(blobs=blobs | {"package": zipped(canary.ssn.encode())}))
    assert {hit.form for hit in hits} == names(as_bytes(canary))
    assert {hit.place for hit in hits} == {*blobs, "package!inside.csv"}
    assert search([fresh()], Sinks(blobs=blobs)) == []


REDIS: dict[str, Callable[["redis.Redis", str, bytes], object]] = {
    "string": lambda client, key, data: client.set(key, data),
    "list": lambda client, key, data: client.rpush(key, b"first", data),
    "hash": lambda client, key, data: client.hset(key, "field", data),
    "set": lambda client, key, data: client.sadd(key, data),
    "zset": lambda client, key, data: client.zadd(key, {data: 1}),
    "stream": lambda client, key, data: client.xadd(key, {"field": data}),
}


@pytest.mark.parametrize("kind", REDIS)
def test_redis_value_with_each_form_is_found(canary: Canary, kind: str) -> None:
    url = os.environ["REDIS_URL"]
    sent = as_bytes(canary)
    keys = {f"canary:{kind}:{number}": data for number, data in enumerate(sent.values())}
    with redis.from_url(url) as client:
        try:
            for key, data in keys.items():
                REDIS[kind](client, key, data)
            hits = search([canary], Sinks(redis_url=url))
            assert search([fresh()], Sinks(redis_url=url)) == []
        finally:
            client.delete(*keys)
    assert {hit.form for hit in hits} == names(sent)
    assert {hit.place for hit in hits} == {f"{kind} {key}" for key in keys}


def test_redis_key_is_found_and_not_repeated(canary: Canary) -> None:
    url = os.environ["REDIS_URL"]
    with redis.from_url(url) as client:
        client.set(f"lock:{canary.ssn}", "1", ex=20)
        hits = search([canary], Sinks(redis_url=url))
        client.delete(f"lock:{canary.ssn}")
    assert [(hit.place, hit.form) for hit in hits] == [("string (name withheld)", "plain")]


def test_environment_names_every_place_the_servers_make() -> None:
    folder = Path("/somewhere/else")
    sinks = Sinks.of_environment(os.environ, extra_folders=[folder], blobs={"page": b""})
    wanted = ("VAULT_ROOT", "OUTBOX_ROOT", "KEY_ROOT", "SEGMENT_ROOT", "ANCHOR_ROOT", "EMAIL_FILE_PATH", "LOG_ROOT")
    assert {Path(os.environ[name]) for name in wanted} | {folder} <= set(sinks.folders)
    assert sinks.redis_url == os.environ["REDIS_URL"]
    assert urlsplit(sinks.database_url or "").path == urlsplit(os.environ["DATABASE_URL"]).path
    assert set(sinks.blobs) == {"page"}


# What uploads and matches leave on their way: parts as they arrive, the workers' key, rows set aside in a load.
FILES_OF_A_MATCH = {
    "VAULT_ROOT": f"incoming/{new_ulid()}",
    "KEY_ROOT": FINGERPRINT_KEY,
    "SEGMENT_ROOT": "load-1/records.3",
}


@pytest.mark.parametrize("root", FILES_OF_A_MATCH)
def test_file_that_a_match_leaves_is_found(tmp_path: Path, canary: Canary, root: str) -> None:
    sinks = dataclasses.replace(
        Sinks.of_environment(os.environ | {root: str(tmp_path)}), database_url=None, data_directory=None, redis_url=None
    )
    path = tmp_path / FILES_OF_A_MATCH[root]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(os.urandom(500) + b"".join(as_bytes(canary).values()) + os.urandom(500))
    hits = [hit for hit in search([canary], sinks) if hit.place == str(path)]
    assert {hit.form for hit in hits} == names(as_bytes(canary))


def test_unreadable_file_fails_the_search(tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.write_bytes(b"x")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(str(closed))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match="closed"):
        search([canary], Sinks(folders=(tmp_path,)))


def test_search_without_canaries_is_refused() -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        search([], Sinks())


@pytest.mark.parametrize(("ssn", "identifier"), [("12345678", "R0001"), ("12345678x", "R0001"), ("900491234", "R1")])
def test_canary_that_could_not_be_found_is_refused_without_being_repeated(ssn: str, identifier: str) -> None:
    with pytest.raises(ValueError, match="canary") as refused:
        Canary(ssn, identifier)
    assert ssn not in str(refused.value)


def test_canary_and_hit_do_not_show_the_value(canary: Canary) -> None:
    hits = search([canary], Sinks(blobs={"page": canary.ssn.encode()}))
    logging.getLogger("test").info("%r", canary)
    assert canary.ssn not in repr(canary) + repr(hits)
    assert [field.name for field in dataclasses.fields(hits[0])] == ["sink", "place", "form"]


def test_last_four_inside_a_longer_number_are_no_hit() -> None:
    numbered = Canary("900490123", "000045")
    pages = {"uin": b"0000450123", "and more": b"00004501239", "alone": b"1,000045,0123,2"}
    assert [hit.place for hit in search([numbered], Sinks(blobs=pages))] == ["alone"]


@pytest.mark.parametrize(
    "text", ["{id}\n{four}", "{id}....{four}", "{id},0000", "{other},{four}", "{four}", "{id},{four}5", "5{four},{id}"]
)
def test_last_four_elsewhere_are_no_hit(canary: Canary, text: str) -> None:
    page = text.format(id=canary.temporary_id, four=canary.ssn[-4:], other=fresh().temporary_id)
    assert search([canary], Sinks(blobs={"page": page.encode()})) == []
