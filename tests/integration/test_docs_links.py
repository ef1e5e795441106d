"""What the documentation points at exists: files, commands of ./run, management commands, demonstration roles."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from requests_app.demo.cast import PLAYERS

ROOT = settings.BASE_DIR
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
CODE = re.compile(r"`([^`\n]+)`")
REPOSITORY_PATH = re.compile(r"(?:requests_app|matching|disclosure|config|tests|docs|data|docker|templates)/[\w./-]*")
MANAGE = re.compile(r"(?:\./run manage|manage\.py|\bloader) ([a-z]+_[a-z_]+\w)(?![\w.])")
ROLE = re.compile(r"demo_signin ([a-z_]+)")


def found(pattern: re.Pattern[str], page: Path) -> Iterator[str]:
    yield from (match.group(match.lastindex or 0) for match in pattern.finditer(page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    linked = [target for target in found(LINK, page) if not (page.parent / target).exists()]
    named = [code for code in found(CODE, page) if REPOSITORY_PATH.fullmatch(code) and not (ROOT / code).exists()]

    assert linked + named == []


def test_commands_exist() -> None:
    unknown = {(page.name, name) for page in PAGES for name in found(MANAGE, page) if name not in get_commands()}

    assert unknown == set()


def test_roles_of_the_demonstration_exist() -> None:
    named = {role for page in PAGES for role in found(ROLE, page)}

    assert named
    assert named <= {player.key for player in PLAYERS}


def test_commands_are_found_in_the_text() -> None:
    named = {name for page in PAGES for name in found(MANAGE, page)}

    assert {"load_wage_records", "verify_events", "generate_docs"} <= named
