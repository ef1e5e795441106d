"""The pictures of the guides: there, small, described, and shown in the help of the site and in docs/."""

import re

import pytest
from django.conf import settings
from PIL import Image

from requests_app.guide import FOLDER, PICTURES, Picture

PLACE = settings.BASE_DIR / "static" / FOLDER
ALL = sorted({picture for pictures in PICTURES.values() for picture in pictures}, key=lambda one: one.name)
IN_DOCS = re.compile(r"!\[([^\]]+)\]\(\.\./static/guide/([\w-]+)\.png\)")
LARGEST = 150_000


@pytest.mark.parametrize("picture", ALL, ids=lambda one: one.name)
def test_picture_is_there_small_and_described(picture: Picture) -> None:
    file = PLACE / f"{picture.name}.png"
    with Image.open(file) as image:
        assert (image.format, image.width in (1000, 1280)) == ("PNG", True)
    assert file.stat().st_size < LARGEST
    assert picture.words.endswith(".")
    assert picture.alt.endswith(".")


def test_folder_holds_no_other() -> None:
    assert {path.stem for path in PLACE.iterdir()} == {picture.name for picture in ALL}


def test_docs_show_each_with_the_same_description() -> None:
    pages = "".join(path.read_text() for path in (settings.BASE_DIR / "docs").glob("for-*.md"))
    assert {name: alt for alt, name in IN_DOCS.findall(pages)} == {picture.name: picture.alt for picture in ALL}
