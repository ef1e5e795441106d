"""Start-up refusals: weak or demo settings, another process's keys, a transition table that names what is not there.

Management commands run these checks by themselves; web, worker and scheduler call `refuse_to_start` (neither gunicorn
nor Celery looks at the answers of Django's checks). Source: security.md, "Operations".
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from config import hardening
from requests_app import channels, hooks
from requests_app.channels import places
from requests_app.states import BY_NAME, TRANSITIONS

# Which key files a process may hold; holding another's is a broken trust boundary, in every mode.
FORBIDDEN_KEYS = {
    "web": (
        "WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "SSN_KEY_FILE_NEXT", "KEY_ROOT", "SEGMENT_ROOT", "ANCHOR_KEY_FILE",
        "DELIVERY_PLACES_FILE",
    ),
    "scheduler": (
        "WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "SSN_KEY_FILE_NEXT", "KEY_ROOT", "SEGMENT_ROOT", "MFA_KEY_FILE",
        "ANCHOR_KEY_FILE", "OIDC_PROVIDERS_FILE", "DELIVERY_PLACES_FILE",
    ),
    "worker": ("MFA_KEY_FILE", "OIDC_PROVIDERS_FILE"),
    "loader": (
        "WORKER_PRIVATE_KEY_FILE", "KEY_ROOT", "MFA_KEY_FILE", "ANCHOR_KEY_FILE", "OIDC_PROVIDERS_FILE",
        "DELIVERY_PLACES_FILE",
    ),
}  # fmt: skip
ADDRESSES = frozenset({*settings.DATABASE_URL_OF_PROCESS.values(), "SUPERUSER_DATABASE_URL"})
ROLE_OF_PROCESS = {"web": "wr_web", "scheduler": "wr_web", "worker": "wr_worker", "loader": "wr_loader"}
DEMO_MARKER = "demo-secret"
SECRET_KEY_LENGTH = 50
# security.md, "Sessions and people"
LONGEST = {"SESSION_LOCK_MINUTES": 15, "SESSION_END_MINUTES": 30, "SESSION_HOURS": 12, "ACCOUNT_IDLE_DAYS": 90}
KEY_FILES = (
    "WORKER_PUBLIC_KEY_FILE", "WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "SSN_KEY_FILE_NEXT", "MFA_KEY_FILE",
    "ANCHOR_KEY_FILE", "ANCHOR_PUBLIC_KEY_FILE",
)  # fmt: skip


def refuse_to_start() -> None:
    """ImproperlyConfigured with every reason at once where a check finds an error; production is asked all of them."""
    found = run_checks(include_deployment_checks=settings.WR_MODE == "production")
    if reasons := [f"{message.id}: {message.msg}" for message in found if message.is_serious()]:
        raise ImproperlyConfigured("\n".join([f"The {settings.WR_PROCESS} process does not start:", *reasons]))


@register()
def keys_stay_in_their_process(**_kwargs: object) -> list[CheckMessage]:
    """No process is started with a key, or the address of a database role, that belongs to another one."""
    names = [name for name in FORBIDDEN_KEYS.get(settings.WR_PROCESS, ()) if getattr(settings, name)]
    if settings.WR_PROCESS in ROLE_OF_PROCESS:
        others = ADDRESSES - {settings.DATABASE_URL_OF_PROCESS[settings.WR_PROCESS]}
        names += sorted(name for name in others if os.environ.get(name) or os.environ.get(f"{name}_FILE"))
    return [Error(f"The {settings.WR_PROCESS} process must not be given {name}.", id="wr.E001") for name in names]


@register()
def worlds_do_not_mix(**_kwargs: object) -> list[CheckMessage]:
    """Real SSNs only in production, specimens only outside it."""
    expected = "real" if settings.WR_MODE == "production" else "specimen"
    if settings.SSN_WORLD not in {"real", "specimen"}:
        return [Error("SSN_WORLD must be real or specimen.", id="wr.E002")]
    if settings.WR_MODE == "demo" and expected != settings.SSN_WORLD:
        return [Error("A demonstration accepts never-issued numbers only: unset SSN_WORLD.", id="wr.E003")]
    if settings.WR_MODE == "production" and expected != settings.SSN_WORLD:
        return [Error("Production needs SSN_WORLD=real.", id="wr.E003")]
    return []


@register()
def transitions_find_what_they_name(**_kwargs: object) -> list[CheckMessage]:
    """Every guard the table names is registered, and no guard or effect is registered that the table does not name."""
    guards = {name for transition in TRANSITIONS for name in transition.holds}
    missing = [
        Error(f"No app registers the guard {name}.", id="wr.E007") for name in sorted(guards - set(hooks.guards))
    ]
    unused = [f"The guard {name} stands in no transition." for name in sorted(set(hooks.guards) - guards)]
    unused += [
        f"An effect waits for {name}, which is no transition." for name in sorted(set(hooks.effects) - set(BY_NAME))
    ]
    return [*missing, *(Error(sentence, id="wr.E008") for sentence in unused)]


@register()
def every_route_has_a_row(**_kwargs: object) -> list[CheckMessage]:
    """The table of routes and the resolver name the same addresses."""
    from config.routes import ROUTES

    named = set(route_names())
    problems = [f"The address {name} has no row in config/routes.py." for name in sorted(named - set(ROUTES))]
    problems += [f"config/routes.py has a row for {name}, which is no address." for name in sorted(set(ROUTES) - named)]
    return [Error(sentence, id="wr.E013") for sentence in problems]


def route_names(patterns: Sequence[URLPattern | URLResolver] | None = None) -> Iterator[str]:
    """The name of every address the resolver knows, a nameless one by its pattern."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            yield from route_names(one.url_patterns)
        else:
            yield one.name or str(one.pattern)


@register(deploy=True)
def production_is_strict(**_kwargs: object) -> list[CheckMessage]:
    """Production has its own long secrets, host names, encrypted cookies and a database role of the process's own."""
    if settings.WR_MODE != "production":
        return []
    return [*_weak_settings(), *_weak_sign_in(), *_demonstration_keys(), *_wrong_role(), *_wrong_delivery()]


def _weak_settings() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < SECRET_KEY_LENGTH:
        problems.append(Error(f"SECRET_KEY must have at least {SECRET_KEY_LENGTH} characters.", id="wr.E004"))
    if settings.WR_PROCESS == "web" and not set(settings.ALLOWED_HOSTS) - {"*"}:
        problems.append(Error("Set ALLOWED_HOSTS to the site's host names.", id="wr.E005"))
    if settings.DEBUG:
        problems.append(Error("DEBUG must be off.", id="wr.E009"))
    if urlsplit(settings.SITE_URL).scheme != "https":
        problems.append(Error("SITE_URL must begin with https://.", id="wr.E011"))
    if settings.WR_PROCESS == "web":
        problems += [Error(sentence, id="wr.E020") for sentence in hardening.weak_settings()]
    return problems


def _weak_sign_in() -> list[CheckMessage]:
    """Sessions and accounts are held at least as short as agreed, and sign-in is not open to a listener."""
    problems = [
        f"{name} must be from 1 to {longest} in production."
        for name, longest in LONGEST.items()
        if not 1 <= getattr(settings, name) <= longest
    ]
    if settings.SESSION_END_MINUTES <= settings.SESSION_LOCK_MINUTES:
        problems.append("SESSION_END_MINUTES must be more than SESSION_LOCK_MINUTES.")
    if settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN:
        problems.append("Passkeys need https: MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN must be off.")
    if settings.MFA_WEBAUTHN_USER_VERIFICATION != "required":
        problems.append("A passkey signs in alone, so MFA_WEBAUTHN_USER_VERIFICATION must be required.")
    problems += [
        f"The provider {app['provider_id']} of OIDC_PROVIDERS_FILE must be reached by https."
        for app in settings.OIDC_PROVIDERS
        if urlsplit(app["settings"]["server_url"]).scheme != "https"
    ]
    return [Error(sentence, id="wr.E020") for sentence in problems]


def _demonstration_keys() -> list[CheckMessage]:
    """A folder that the demonstration or the tests made carries a mark."""
    files = {"SECRET_KEY_FILE": os.environ.get("SECRET_KEY_FILE")} | {
        name: getattr(settings, name) for name in KEY_FILES
    }
    return [
        Error(f"{name} was made by the demonstration; make a new key.", id="wr.E006")
        for name, path in files.items()
        if path and (Path(path).parent / DEMO_MARKER).exists()
    ]


def _wrong_role() -> list[CheckMessage]:
    """The rights of a process are its role's, so the role is part of the boundary."""
    role = ROLE_OF_PROCESS.get(settings.WR_PROCESS)
    if role and settings.DATABASES["default"]["USER"] != role:
        return [Error(f"The {settings.WR_PROCESS} process must use the database role {role}.", id="wr.E012")]
    return []


def _wrong_delivery() -> list[CheckMessage]:
    """Packages leave production by a channel that delivers them, and the worker knows where to."""
    problems = _wrong_channels("DELIVERY_CHANNELS") + _wrong_channels("MICRO_DELIVERY_CHANNELS") + places.check()
    return [Error(sentence, id="wr.E021") for sentence in problems]


def _wrong_channels(setting: str) -> list[str]:
    named = getattr(settings, setting)
    problems = [] if named else [f"{setting} must name kiteworks, sftp or both."]
    problems += [f"{setting}: {name} is no channel." for name in named if name not in channels.CHANNELS]
    if channels.LOCAL_OUTBOX in named:
        problems.append(f"{setting} must not name local_outbox in production: nobody fetches from it.")
    return problems
