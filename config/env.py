"""Settings come from the environment, or from files it names (Docker secrets); nothing secret is in the repository."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable `name`, or the text of the file that `name`_FILE names; an error says what to set if neither."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    if default is None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE (see docs/operations.md).")
    return default


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on mean yes."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def numbers(name: str) -> dict[str, int]:
    """A variable such as "in_review=15,recommended=3" as a table; empty where it is not set."""
    try:
        return {key.strip(): int(value) for key, _, value in (word.partition("=") for word in words(name))}
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must read like in_review=15,recommended=3 (see docs/operations.md)."
        ) from None


def file(name: str) -> Path | None:
    """A file or folder that only some processes have; None where it is not set."""
    return Path(os.environ[name]) if os.environ.get(name) else None


def folder(name: str, default: Path) -> Path:
    """A folder named by the environment, or its default."""
    return Path(os.environ.get(name) or default)


def database(url: str) -> dict[str, object]:
    """A Django database entry from postgresql://user:password@host:port/name."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("The database URL must start with postgresql:// (see docs/operations.md).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
