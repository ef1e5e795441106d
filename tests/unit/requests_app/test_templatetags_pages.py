"""All templates and style sheets as text: nothing inline (the CSP would block it), nothing that is not there."""

import re
from pathlib import Path

import pytest

TEMPLATES = sorted(Path("templates").rglob("*.html"))
STYLE_SHEETS = sorted(Path("static").rglob("*.css"))
SPRITE = Path("static/vendor/uswds/img/sprite.svg").read_text(encoding="utf-8")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(\ssrc=|application/json))|javascript:")


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_template_has_nothing_inline(template: Path) -> None:
    markup = re.sub(r"{%.*?%}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not INLINE.search(markup)


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_template_names_icons_that_exist(template: Path) -> None:
    names = re.findall(r'components/icon.html" with name="(\w+)"', template.read_text(encoding="utf-8"))
    assert [name for name in names if f'id="{name}"' not in SPRITE] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_template_prints_no_comment(template: Path) -> None:
    lines = template.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "{#" in line and "#}" not in line] == []


@pytest.mark.parametrize("template", sorted(Path("templates/components").glob("*.html")), ids=str)
def test_component_is_used(template: Path) -> None:
    used = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    assert f'"components/{template.name}"' in used


@pytest.mark.parametrize("sheet", STYLE_SHEETS, ids=str)
def test_style_sheet_names_files_that_exist(sheet: Path) -> None:
    names = re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8"))
    assert [name for name in names if not (sheet.parent / name.strip("\"'")).is_file()] == []


@pytest.mark.parametrize("path", [*STYLE_SHEETS, *sorted(Path("static").rglob("*.js"))], ids=str)
def test_asset_names_no_source_map_and_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in text
    assert not re.search(r"url\([\"']?(https?:)?//|@import", text)
