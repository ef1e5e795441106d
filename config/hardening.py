"""What the web process must be set to in production: one table, asked at start-up, tested line by line.

Django's own deployment checks warn of some of it; here each weak setting refuses the start. Source: security.md,
"Sessions and people" and "Bad input".
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

YEAR = 365 * 24 * 3600
HASHERS = ("Argon2PasswordHasher", "PBKDF2PasswordHasher")
LARGEST_FORM = 10_000_000
# Sources that would let in what an attacker wrote, or what others serve.
UNSAFE_SOURCES = {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:", "blob:"}


def _is_true(value: Any) -> bool:
    return value is True


def _is_strict_policy(policy: Mapping[str, Any]) -> bool:
    directives: Mapping[str, list[str]] = policy.get("DIRECTIVES", {})
    sources = {source for given in directives.values() for source in given}
    must_be_none = ("default-src", "base-uri", "frame-ancestors")
    return not sources & UNSAFE_SOURCES and all(list(directives.get(name, [])) == ["'none'"] for name in must_be_none)


def _are_https(origins: list[str]) -> bool:
    return all(origin.startswith("https://") and "*" not in origin for origin in origins)


def _lies_in_the_database(caches: Mapping[str, Any]) -> bool:
    return all(cache["BACKEND"] == "django.core.cache.backends.db.DatabaseCache" for cache in caches.values())


def _hash_slowly(hashers: list[str]) -> bool:
    return bool(hashers) and all(name.rpartition(".")[2] in HASHERS for name in hashers)


# setting -> what it must be, and the sentence where it is not
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "SESSION_COOKIE_NAME": (lambda name: name.startswith("__Host-"), "must begin with __Host-."),
    "CSRF_COOKIE_NAME": (lambda name: name.startswith("__Host-"), "must begin with __Host-."),
    "SESSION_COOKIE_DOMAIN": (lambda domain: domain is None, "must not be set: a __Host- cookie has no domain."),
    "CSRF_COOKIE_DOMAIN": (lambda domain: domain is None, "must not be set: a __Host- cookie has no domain."),
    "SESSION_COOKIE_PATH": (lambda path: path == "/", "must be /: a __Host- cookie has no other path."),
    "CSRF_COOKIE_PATH": (lambda path: path == "/", "must be /: a __Host- cookie has no other path."),
    "SESSION_COOKIE_SECURE": (_is_true, "must be True."),
    "CSRF_COOKIE_SECURE": (_is_true, "must be True."),
    "SESSION_COOKIE_HTTPONLY": (_is_true, "must be True."),
    "CSRF_COOKIE_HTTPONLY": (_is_true, "must be True."),
    "SESSION_COOKIE_SAMESITE": (lambda same: same in {"Lax", "Strict"}, "must be Lax or Strict."),
    "CSRF_COOKIE_SAMESITE": (lambda same: same in {"Lax", "Strict"}, "must be Lax or Strict."),
    "SESSION_COOKIE_AGE": (lambda seconds: 0 < seconds <= 12 * 3600, "must be at most 12 hours."),
    "SESSION_EXPIRE_AT_BROWSER_CLOSE": (_is_true, "must be True."),
    "CSRF_TRUSTED_ORIGINS": (_are_https, "must name whole https:// origins."),
    "ALLOWED_HOSTS": (lambda hosts: not any("*" in h or h.startswith(".") for h in hosts), "must name whole hosts."),
    "SECURE_SSL_REDIRECT": (_is_true, "must be True."),
    "SECURE_HSTS_SECONDS": (lambda seconds: seconds >= YEAR, "must be a year or longer."),
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": (_is_true, "must be True."),
    "SECURE_CONTENT_TYPE_NOSNIFF": (_is_true, "must be True."),
    "SECURE_REFERRER_POLICY": (
        lambda policy: policy in {"no-referrer", "same-origin"},
        "must tell other sites nothing.",
    ),
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": (lambda policy: policy == "same-origin", "must be same-origin."),
    "X_FRAME_OPTIONS": (lambda option: option == "DENY", "must be DENY."),
    "CONTENT_SECURITY_POLICY": (_is_strict_policy, "must begin with nothing allowed, and name no unsafe source."),
    "PASSWORD_HASHERS": (_hash_slowly, "must be Argon2 or PBKDF2."),
    "ACCOUNT_RATE_LIMITS": (lambda limits: bool(limits) and "login_failed" in limits, "must not be switched off."),
    "CACHES": (_lies_in_the_database, "must lie in the database: limits and failure counts are kept there."),
    "DATA_UPLOAD_MAX_MEMORY_SIZE": (lambda size: bool(size) and size <= LARGEST_FORM, "must limit what a form sends."),
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": (lambda count: bool(count) and count <= 1000, "must limit the fields of a form."),
    "FILE_UPLOAD_HANDLERS": (
        lambda names: not any("Temporary" in name for name in names),
        "must not lay uploads down in files.",
    ),
    "USE_X_FORWARDED_HOST": (lambda used: not used, "must be off: the Host header is the site's."),
}


def weak_settings() -> list[str]:
    """A sentence for each setting that is weaker than production allows."""
    return [f"{name} {why}" for name, (is_strong, why) in RULES.items() if not is_strong(getattr(settings, name))]
