"""Start-up refusals: a production process with weak or demo settings does not start (security.md, "Operations")."""

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# Which key files a process may hold; holding another's is a broken trust boundary, in every mode.
FORBIDDEN_KEYS = {
    "web": ("WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "KEY_ROOT"),
    "scheduler": ("WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "KEY_ROOT", "MFA_KEY_FILE"),
    "worker": ("MFA_KEY_FILE",),
    "loader": ("WORKER_PRIVATE_KEY_FILE", "KEY_ROOT", "MFA_KEY_FILE"),
}
DEMO_MARKER = "demo-secret"


@register()
def keys_stay_in_their_process(**_kwargs: object) -> list[CheckMessage]:
    """No process is started with a key that belongs to another one."""
    return [
        Error(f"The {settings.WR_PROCESS} process must not be given {name}.", id="wr.E001")
        for name in FORBIDDEN_KEYS.get(settings.WR_PROCESS, ())
        if getattr(settings, name)
    ]


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


@register(deploy=True)
def production_is_strict(**_kwargs: object) -> list[CheckMessage]:
    """Production has a long secret, hosts, and no key that the demo made."""
    if settings.WR_MODE != "production":
        return []
    problems = []
    if len(settings.SECRET_KEY) < 50:
        problems.append(Error("SECRET_KEY must have at least 50 characters.", id="wr.E004"))
    if not settings.ALLOWED_HOSTS:
        problems.append(Error("Set ALLOWED_HOSTS to the site's host names.", id="wr.E005"))
    for name in ("WORKER_PUBLIC_KEY_FILE", "WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "MFA_KEY_FILE"):
        path: Path | None = getattr(settings, name)
        if path and (path.parent / DEMO_MARKER).exists():
            problems.append(Error(f"{name} was made by the demonstration; make a new key.", id="wr.E006"))
    return problems
