"""The OpenID Connect providers of agencies and Login.gov, from the JSON file OIDC_PROVIDERS_FILE names.

What each entry may hold is said in docs/operations.md. Secrets are read from files it names, never from the entry.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

NEEDED = frozenset({"id", "name", "server_url", "client_id"})
SECRETS = frozenset({"client_secret_file", "private_key_file"})
CHOICES = frozenset({"agency", "verified_domains", "scope", "auth_params", "form_origins", "pkce"})
SCOPE = ["openid", "email"]


def read(file: Path | None) -> list[dict[str, Any]]:
    """The providers as django-allauth wants its apps; none where no file is named."""
    if file is None:
        return []
    try:
        entries = json.loads(file.read_text())
    except (OSError, ValueError) as problem:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS_FILE cannot be read as JSON: {problem}") from problem
    apps = [_app(entry, file.parent) for entry in entries]
    if len({app["provider_id"] for app in apps}) != len(apps):
        raise ImproperlyConfigured("Two entries of OIDC_PROVIDERS_FILE have the same id.")
    return apps


def form_origins(apps: list[dict[str, Any]]) -> list[str]:
    """Where the sign-in form may lead: browsers hold a form's redirects to the page's content security policy."""
    urls = [url for app in apps for url in (app["settings"]["server_url"], *app["settings"]["form_origins"])]
    return sorted({"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls})


def _app(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    _refuse_strange(entry)
    secret_file, key_file = entry.get("client_secret_file"), entry.get("private_key_file")
    choices = {
        "server_url": entry["server_url"].rstrip("/"),
        "agency": entry.get("agency", ""),
        "verified_domains": [domain.lower() for domain in entry.get("verified_domains", [])],
        "scope": entry.get("scope", SCOPE),
        "auth_params": entry.get("auth_params", {}),
        "form_origins": entry.get("form_origins", []),
        "private_key": (folder / key_file).read_text() if key_file else "",
        "oauth_pkce_enabled": entry.get("pkce", True),
    }
    secret = (folder / secret_file).read_text().strip() if secret_file else ""
    return {
        "provider_id": entry["id"],
        "name": entry["name"],
        "client_id": entry["client_id"],
        "secret": secret,
        "settings": choices,
    }


def _refuse_strange(entry: Mapping[str, Any]) -> None:
    name = entry.get("id", "an entry without id")
    if missing := sorted(NEEDED - set(entry)):
        raise ImproperlyConfigured(f"OIDC_PROVIDERS_FILE: {name} lacks {', '.join(missing)}.")
    if strange := sorted(set(entry) - NEEDED - SECRETS - CHOICES):
        raise ImproperlyConfigured(f"OIDC_PROVIDERS_FILE: {name} has unknown settings: {', '.join(strange)}.")
    if len(SECRETS & set(entry)) != 1:
        raise ImproperlyConfigured(
            f"OIDC_PROVIDERS_FILE: {name} needs either a client_secret_file or a private_key_file."
        )
    if not entry.get("pkce", True) and "private_key_file" not in entry:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS_FILE: {name} may do without PKCE only with a private_key_file.")
    if entry.get("verified_domains") and not entry.get("agency"):
        raise ImproperlyConfigured(
            f"OIDC_PROVIDERS_FILE: {name} vouches for domains, so it must be bound to an agency."
        )
