"""Settings come from variables or from the files they name, and say what to set where they are missing."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

NAME = "WR_TEST_OF_ENV"


def test_text_prefers_the_variable_then_its_file_then_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the file\n")
    assert env.text(NAME, "default") == "default"
    monkeypatch.setenv(f"{NAME}_FILE", str(secret))
    assert env.text(NAME, "default") == "from the file"
    monkeypatch.setenv(NAME, "from the variable")
    assert env.text(NAME) == "from the variable"


def test_text_missing_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")
    with pytest.raises(ImproperlyConfigured, match=f"Set {NAME} or {NAME}_FILE"):
        env.text(NAME)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("0", False),
        ("no", False),
        ("", False),
        ("off", False),
    ],
)
def test_flag_means_yes_only_for_the_four_words(monkeypatch: pytest.MonkeyPatch, said: str, meant: bool) -> None:
    monkeypatch.setenv(NAME, said)
    assert env.flag(NAME, default=True) is meant


def test_words_are_stripped_and_empty_ones_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " a.example, ,b.example,")
    assert env.words(NAME) == ["a.example", "b.example"]
    monkeypatch.delenv(NAME)
    assert env.words(NAME, "localhost,127.0.0.1") == ["localhost", "127.0.0.1"]


def test_path_is_none_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.file(NAME) is None
    monkeypatch.setenv(NAME, "/a/file")
    assert env.folder(NAME, Path("/other")) == Path("/a/file")


def test_database_url_becomes_an_entry_with_its_special_characters() -> None:
    entry = env.database("postgresql://a%40b:p%2Fw%3A@db.example:5433/wage_records")
    assert (entry["USER"], entry["PASSWORD"]) == ("a@b", "p/w:")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", "5433", "wage_records")


@pytest.mark.parametrize("url", ["sqlite:///file.db", "mysql://a@b/c", "wage_records"])
def test_database_url_of_another_kind_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://") as refused:
        env.database(url)
    assert url not in str(refused.value)
