"""The reference pages say what the code says now, and leave nothing out."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config import reference
from config.reference.events_page import kind_of, recorded
from requests_app.states import TRANSITIONS, State

FOLDER = settings.BASE_DIR / "docs" / "generated"


@pytest.mark.parametrize("name", reference.PAGES)
def test_page_is_fresh(name: str) -> None:
    written = (FOLDER / name).read_text()

    assert written == reference.PAGES[name](), "Run ./run manage generate_docs."


def test_folder_holds_only_the_pages() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(reference.PAGES)


def test_states_page_names_every_state_step_and_guard() -> None:
    text = reference.PAGES["states.md"]()

    names = {*State, *(step.name for step in TRANSITIONS), *(name for step in TRANSITIONS for name in step.holds)}
    assert [name for name in names if f"`{name}`" not in text] == []


def test_events_page_finds_events_of_every_app() -> None:
    kinds = {found.kind for found in recorded()}

    assert {"job.<job.kind>", "file.open", "cohort.upload", "<load.kind>.load"} <= kinds


@pytest.mark.parametrize("written", ["name", "prefix + name", "some.kind"])
def test_kind_of_an_event_that_cannot_be_read_from_the_code_is_refused(written: str) -> None:
    expression = ast.parse(written, mode="eval").body

    with pytest.raises(ValueError, match="must stand where it is recorded"):
        kind_of(expression)


def test_check_names_the_stale_the_missing_and_the_foreign_page(tmp_path: Path) -> None:
    reference.write_pages(tmp_path)
    (tmp_path / "states.md").write_text("old")
    (tmp_path / "events.md").unlink()
    (tmp_path / "other.md").write_text("no page")

    assert set(reference.stale_pages(tmp_path)) == {"states.md", "events.md", "other.md"}
    assert set(reference.write_pages(tmp_path)) == {"states.md", "events.md", "other.md"}
    assert reference.stale_pages(tmp_path) == []


def test_command_fails_where_a_page_is_stale(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match=r"Run \./run manage generate_docs"):
        call_command("generate_docs", "--check")
