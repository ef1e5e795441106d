"""Production refuses weak and demo settings, and every process refuses what belongs to another."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from config import checks, hardening, launch
from config.embedded.place import CHECKOUT
from requests_app import hooks
from requests_app.states import TRANSITIONS

GOOD = {
    "WR_MODE": "production",
    "WR_PROCESS": "web",
    "SSN_WORLD": "real",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": ["records.example"],
    "SITE_URL": "https://records.example",
    "DEBUG": False,
    "WORKER_PUBLIC_KEY_FILE": None,
    "WORKER_PRIVATE_KEY_FILE": None,
    "SSN_KEY_FILE": None,
    "SSN_KEY_FILE_NEXT": None,
    "MFA_KEY_FILE": None,
    "KEY_ROOT": None,
    "SEGMENT_ROOT": None,
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
    "ANCHOR_KEY_FILE": None,
    "ANCHOR_PUBLIC_KEY_FILE": None,
    "DELIVERY_CHANNELS": ["kiteworks"],
    "MICRO_DELIVERY_CHANNELS": ["sftp"],
    "DELIVERY_PLACES_FILE": None,
}


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a production web process that nothing is wrong with."""
    for name, value in GOOD.items():
        setattr(settings, name, value)
    monkeypatch.setattr(hardening, "RULES", {})  # tried line by line in test_hardening.py
    for name in (*checks.ADDRESSES, "SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEB_DATABASE_URL", "postgresql://wr_web@db.example/wage_records")
    monkeypatch.setitem(settings.DATABASES["default"], "USER", "wr_web")
    return settings


def found() -> list[str]:
    """The ids of all errors, each check asked once."""
    every = (checks.keys_stay_in_their_process, checks.worlds_do_not_mix, checks.production_is_strict)
    return [message.id for check in every for message in check()]


@pytest.mark.usefixtures("production")
def test_production_with_good_settings_starts() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "x" * 49, "wr.E004"),
        ("ALLOWED_HOSTS", [], "wr.E005"),
        ("ALLOWED_HOSTS", ["*"], "wr.E005"),
        ("DEBUG", True, "wr.E009"),
        ("SITE_URL", "http://records.example", "wr.E011"),
        ("SSN_WORLD", "specimen", "wr.E003"),
        ("SSN_WORLD", "both", "wr.E002"),
        ("SESSION_LOCK_MINUTES", 16, "wr.E020"),
        ("SESSION_LOCK_MINUTES", 0, "wr.E020"),
        ("SESSION_END_MINUTES", 31, "wr.E020"),
        ("SESSION_END_MINUTES", 15, "wr.E020"),
        ("SESSION_HOURS", 13, "wr.E020"),
        ("ACCOUNT_IDLE_DAYS", 91, "wr.E020"),
        ("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", True, "wr.E020"),
        ("MFA_WEBAUTHN_USER_VERIFICATION", "preferred", "wr.E020"),
        ("OIDC_PROVIDERS", [{"provider_id": "ri", "settings": {"server_url": "http://ri.example"}}], "wr.E020"),
    ],
)
def test_production_refuses_each_weak_setting(production: Settings, name: str, value: object, expected: str) -> None:
    setattr(production, name, value)
    assert found() == [expected]


@pytest.mark.parametrize("role", ["wr_owner", "wr_worker", "postgres"])
@pytest.mark.usefixtures("production")
def test_production_refuses_another_database_role(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, role: str
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "USER", role)
    assert found() == ["wr.E012"]


@pytest.mark.parametrize("name", ["SECRET_KEY_FILE", *checks.KEY_FILES])
def test_production_refuses_each_key_the_demonstration_made(
    production: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    key = tmp_path / "key"
    if name == "SECRET_KEY_FILE":
        monkeypatch.setenv(name, str(key))
    else:
        setattr(production, name, key)
    assert "wr.E006" not in found()
    (tmp_path / checks.DEMO_MARKER).touch()
    assert "wr.E006" in found()


def test_demonstration_refuses_the_real_world(production: Settings) -> None:
    production.WR_MODE = "demo"
    assert found() == ["wr.E003"]


@pytest.mark.parametrize("mode", ["production", "demo", "test"])
@pytest.mark.parametrize("process", checks.FORBIDDEN_KEYS)
def test_process_refuses_every_key_of_another(production: Settings, mode: str, process: str, tmp_path: Path) -> None:
    production.WR_MODE, production.WR_PROCESS = mode, process
    names = checks.FORBIDDEN_KEYS[process]
    for name in names:
        setattr(production, name, tmp_path / name)
    said = [message.msg for message in checks.keys_stay_in_their_process()]
    assert all(any(sentence.endswith(f"{name}.") for sentence in said) for name in names)


@pytest.mark.parametrize("ending", ["", "_FILE"])
@pytest.mark.parametrize("process", checks.ROLE_OF_PROCESS)
def test_process_refuses_the_address_of_every_other_role(
    production: Settings, monkeypatch: pytest.MonkeyPatch, process: str, ending: str
) -> None:
    production.WR_PROCESS = process
    for name in checks.ADDRESSES:
        monkeypatch.setenv(f"{name}{ending}", "postgresql://somebody@db.example/wage_records")
    refused = {message.msg.split()[-1].rstrip(".") for message in checks.keys_stay_in_their_process()}
    assert refused == checks.ADDRESSES - {production.DATABASE_URL_OF_PROCESS[process]}


def test_transition_table_finds_every_guard_and_effect() -> None:
    assert checks.transitions_find_what_they_name() == []


@pytest.mark.parametrize("name", sorted({name for transition in TRANSITIONS for name in transition.holds}))
def test_missing_guard_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delitem(hooks.guards, name)
    assert [message.msg for message in checks.transitions_find_what_they_name()] == [
        f"No app registers the guard {name}."
    ]


def test_guard_and_effect_without_a_transition_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hooks.guards, "misspelt_guard", lambda _request, _person: [])
    monkeypatch.setitem(hooks.effects, "misspelt_step", [])
    said = " ".join(message.msg for message in checks.transitions_find_what_they_name())
    assert "misspelt_guard" in said
    assert "misspelt_step" in said


WRONG_KEY = {"web": "KEY_ROOT", "worker": "MFA_KEY_FILE"}  # gunicorn, and Celery's signals


def test_real_processes_end_where_they_hold_another_key(environment_of: Callable[[str], dict[str, str]]) -> None:
    started = {}
    for kind, name in WRONG_KEY.items():
        command = launch.command(kind, os.environ | {"PORT": "0"})
        environment = environment_of(kind) | {name: "/nowhere"}
        pipe = subprocess.PIPE
        started[kind] = subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=pipe, stderr=subprocess.STDOUT)
    for kind, process in started.items():
        said = process.communicate(timeout=400)[0].decode()
        assert process.returncode != 0
        assert f"The {kind} process must not be given {WRONG_KEY[kind]}." in said
