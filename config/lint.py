"""Every check of `./run lint`, one after the other, also after one failed; a summary at the end."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.embedded.place import CHECKOUT

APPS = ("requests_app", "matching", "disclosure")
# Strictly typed (house-style.md); views, forms and models are read by mypy for their types but not reported on.
TYPED = (
    "states.py", "hooks.py", "policies.py", "policies", "services", "selectors", "core", "charts", "tabulation",
    "sealed_files.py",
)  # fmt: skip
SCRIPTS = ("run", ".ci/run", "docker/roles.sh", "docker/make-secrets.sh", "docs/scripts/draft-and-send.sh")


def run() -> int:
    """1 if any check failed. What cannot run yet, because the code it reads is not there, is said and is no failure."""
    missing = [app for app in APPS if not (CHECKOUT / app / "apps.py").exists()]
    outcomes = [_outcome(name, command) for name, command in _checks().items()]
    if missing:
        outcomes.append(("mypy, import contract, migrations", f"NOT RUN: {', '.join(missing)} not there yet"))
    else:
        outcomes += [_outcome(name, command) for name, command in _whole_project_checks().items()]
    print("\n".join(f"{result:8} {name}" for name, result in outcomes))
    return int(any(result == "failed" for _, result in outcomes))


def _checks() -> dict[str, Sequence[str | Path]]:
    python = sys.executable
    templates = [CHECKOUT / "templates"] if (CHECKOUT / "templates").is_dir() else []
    checks: dict[str, Sequence[str | Path]] = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "shellcheck": [shutil.which("shellcheck", path=Path(python).parent) or "shellcheck", *SCRIPTS],
    }
    if templates:
        checks["djlint"] = [python, "-m", "djlint", "--quiet", "--lint", *templates]
    return checks


def _whole_project_checks() -> dict[str, Sequence[str | Path]]:
    typed = [path for app in APPS for name in TYPED if (path := CHECKOUT / app / name).exists()]
    return {
        "mypy": [sys.executable, "-m", "mypy", "config", *typed],
        "import contract": [Path(sys.executable).parent / "lint-imports"],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    }


def _outcome(name: str, command: Sequence[str | Path]) -> tuple[str, str]:
    print(f"-- {name}", flush=True)
    status = subprocess.run(command, cwd=CHECKOUT, env=_environment(), check=False).returncode
    return name, "failed" if status else "ok"


def _environment() -> dict[str, str]:
    """Settings can be imported; nothing is connected, no server runs for a lint."""
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "WR_MODE": "test", "WR_PROCESS": "owner"}
    return dict(os.environ) | nowhere
