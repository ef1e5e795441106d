"""The SQL that does the real work, read from the files beside this one; parameters are named, ``%(name)s``."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def statement(name: str) -> str:
    """The text of ``<name>.sql`` without its closing semicolon, so that it can stand inside COPY."""
    return (FOLDER / f"{name}.sql").read_text().strip().removesuffix(";")
