"""Direct dependencies are exactly the ones docs/dependencies.md explains, and the only ones the code imports."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings

NAME = re.compile(r"^([A-Za-z0-9_.-]+)")
SECTION_OF = {
    "requirements.in": "The application",
    "requirements-embedded.in": "Servers of the demonstration and the tests",
    "requirements-dev.in": "Tests, lint and types",
}
PRODUCT = ("requests_app", "matching", "disclosure", "config", "manage.py")
TESTS = ("tests", "bench")
OURS = {"requests_app", "matching", "disclosure", "config", "manage", "tests", "bench"}


def named(text: str) -> str:
    """A distribution's name as registries compare them."""
    return re.sub(r"[-_.]+", "-", text.strip()).lower()


def direct(file: str) -> set[str]:
    """The names a requirements file asks for."""
    lines = (settings.BASE_DIR / file).read_text().splitlines()
    return {named(found[0]) for line in lines if not line.startswith(("#", "-")) and (found := NAME.match(line))}


def explained(section: str) -> set[str]:
    """The names in the first column of a section's table; versions and extras are words beside a name."""
    text = (settings.BASE_DIR / "docs" / "dependencies.md").read_text().partition(f"\n## {section}\n")[2]
    rows = [line.split("|")[1] for line in text.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    cells = [re.sub(r"\(.*?\)", "", row) for row in rows if row.strip() != "package"]
    return {named(found[0]) for cell in cells for name in cell.split(",") if (found := NAME.match(name.strip()))}


def imported(roots: tuple[str, ...]) -> Iterator[str]:
    """The distributions whose modules the code below `roots` imports; what is not installed is no dependency."""
    distributions = packages_distributions()
    for root in roots:
        path = settings.BASE_DIR / root
        for module in {name for file in _python_files(path) for name in _modules(file)}:
            yield from (named(name) for name in distributions.get(module, []))


def _python_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("file", SECTION_OF)
def test_every_direct_dependency_is_explained_and_nothing_else(file: str) -> None:
    assert explained(SECTION_OF[file]) == direct(file)


def test_application_imports_only_direct_dependencies() -> None:
    assert set(imported(PRODUCT)) - direct("requirements.in") == set()


def test_tests_import_only_direct_dependencies() -> None:
    asked = set().union(*map(direct, SECTION_OF))
    assert set(imported(TESTS)) - asked == set()


def test_the_imports_are_found() -> None:
    found = set(imported(PRODUCT))

    assert {"django", "kombu", "python-ulid", "cryptography", "numpy"} <= found
    assert not OURS & found
