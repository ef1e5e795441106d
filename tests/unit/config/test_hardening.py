"""Production refuses to start with any setting weaker than it must be, one after the other."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config import checks, hardening
from config.embedded.place import CHECKOUT

SETTINGS_OF_PRODUCTION = """
import json, django
django.setup()
from django.conf import settings
from config import hardening
print(json.dumps({name: getattr(settings, name) for name in hardening.RULES}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a production web process is given; nothing of the tests' own site."""
    folder = tmp_path_factory.mktemp("production")
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(pem)
    (folder / "mfa").write_bytes(os.urandom(32))
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(CHECKOUT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WR_MODE": "production",
        "WR_PROCESS": "web",
        "SECRET_KEY": os.urandom(40).hex(),
        "ALLOWED_HOSTS": "records.example",
        "SITE_URL": "https://records.example",
        "BEHIND_TLS_PROXY": "1",
        "DELIVERY_CHANNELS": "kiteworks,sftp",
        "WEB_DATABASE_URL": "postgresql://wr_web:x@127.0.0.1:9/wage_records",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "WORKER_PUBLIC_KEY_FILE": str(folder / "public.pem"),
        "MFA_KEY_FILE": str(folder / "mfa"),
    }


@pytest.fixture(scope="module")
def of_production(environment: dict[str, str]) -> dict[str, Any]:
    """The settings as a production process has them, by name."""
    said = subprocess.run(
        [sys.executable, "-c", SETTINGS_OF_PRODUCTION], env=environment, capture_output=True, check=True, cwd=CHECKOUT
    )
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.fixture
def production(settings: Any, of_production: dict[str, Any]) -> Any:
    """Those settings, here."""
    for name, value in copy.deepcopy(of_production).items():
        setattr(settings, name, value)
    return settings


def test_production_itself_is_strong(production: Any) -> None:
    assert hardening.weak_settings() == []


POLICY = {"default-src": ["'none'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"]}
REDIS_CACHE = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
WEAK: dict[str, list[Any]] = {
    "SESSION_COOKIE_NAME": ["sessionid", "__Secure-sessionid"],
    "CSRF_COOKIE_NAME": ["csrftoken"],
    "SESSION_COOKIE_DOMAIN": [".records.example"],
    "CSRF_COOKIE_DOMAIN": ["records.example"],
    "SESSION_COOKIE_PATH": ["/requests"],
    "CSRF_COOKIE_PATH": ["/requests"],
    "SESSION_COOKIE_SECURE": [False],
    "CSRF_COOKIE_SECURE": [False],
    "SESSION_COOKIE_HTTPONLY": [False],
    "CSRF_COOKIE_HTTPONLY": [False],
    "SESSION_COOKIE_SAMESITE": ["None", False, None],
    "CSRF_COOKIE_SAMESITE": ["None", False],
    "SESSION_COOKIE_AGE": [12 * 3600 + 1, 0],
    "SESSION_EXPIRE_AT_BROWSER_CLOSE": [False],
    "CSRF_TRUSTED_ORIGINS": [["http://records.example"], ["https://*.example"]],
    "ALLOWED_HOSTS": [[".example"], ["*.example"]],
    "SECURE_SSL_REDIRECT": [False],
    "SECURE_HSTS_SECONDS": [0, 3600],
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": [False],
    "SECURE_CONTENT_TYPE_NOSNIFF": [False],
    "SECURE_REFERRER_POLICY": ["unsafe-url", "origin", None],
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": ["unsafe-none", None],
    "X_FRAME_OPTIONS": ["SAMEORIGIN"],
    "CONTENT_SECURITY_POLICY": [
        {},
        {"DIRECTIVES": POLICY | {"default-src": ["'self'"]}},
        {"DIRECTIVES": POLICY | {"script-src": ["'self'", "'unsafe-inline'"]}},
        {"DIRECTIVES": POLICY | {"img-src": ["data:"]}},
        {"DIRECTIVES": POLICY | {"frame-ancestors": ["'self'"]}},
    ],
    "PASSWORD_HASHERS": [["django.contrib.auth.hashers.MD5PasswordHasher"], []],
    "ACCOUNT_RATE_LIMITS": [False, {"login": "30/m/ip"}],
    "CACHES": [REDIS_CACHE],
    "DATA_UPLOAD_MAX_MEMORY_SIZE": [None, 100_000_000],
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": [None, 100_000],
    "FILE_UPLOAD_HANDLERS": [["django.core.files.uploadhandler.TemporaryFileUploadHandler"]],
    "USE_X_FORWARDED_HOST": [True],
}


def test_every_rule_is_tried() -> None:
    assert set(WEAK) == set(hardening.RULES)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WEAK.items() for value in values])
def test_weak_setting_stops_a_production_web_process(production: Any, name: str, value: Any) -> None:
    setattr(production, name, value)
    assert [sentence.partition(" ")[0] for sentence in hardening.weak_settings()] == [name]
    production.WR_MODE, production.WR_PROCESS = "production", "web"
    said = {(message.id, message.msg) for message in checks.production_is_strict()}
    assert ("wr.E020", hardening.weak_settings()[0]) in said


def deploy_check(environment: dict[str, str], **changed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, env=environment | changed, cwd=Path(CHECKOUT), capture_output=True, text=True, check=False
    )


def test_deployment_check_of_production_is_clean(environment: dict[str, str]) -> None:
    done = deploy_check(environment)
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced)."), done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ALLOWED_HOSTS": "*"}, "wr.E005"),
        ({"CSRF_TRUSTED_ORIGINS": "http://records.example"}, "wr.E020"),
        ({"SECRET_KEY": "short"}, "wr.E004"),
        ({"SITE_URL": "http://records.example"}, "wr.E011"),
    ],
)
def test_deployment_check_names_what_is_weak(environment: dict[str, str], changed: dict[str, str], said: str) -> None:
    done = deploy_check(environment, **changed)
    assert done.returncode == 1
    assert said in done.stderr
