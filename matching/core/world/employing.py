"""Establishment files of a small world without the many employers nobody of it works for, so that they load quickly."""

from collections.abc import Collection
from pathlib import Path

from matching.core.world.writing import WorldFile

_UIN = slice(47, 57)  # of a line in fixed width


def keep_employers(files: Collection[WorldFile]) -> None:
    """Take the accounts that no wage record of `files` names, in any of their quarters, out of the establishment files.

    Rewrites those files; their `rows` and `wages` then say what was written first.
    """
    named = set[str]().union(*(_accounts(file) for file in files if file.kind == "wage_records"))
    for file in files:
        if file.kind == "establishments":
            _rewrite(file.path, named)


def _accounts(file: WorldFile) -> set[str]:
    lines = file.path.read_text(encoding="latin-1").splitlines()
    if file.layout == "fixed":
        return {line[_UIN] for line in lines}
    place = lines[0].split(",").index("uin")
    return {line.split(",")[place] for line in lines[1:]}


def _rewrite(path: Path, accounts: Collection[str]) -> None:
    header, *lines = path.read_text().splitlines()
    place = header.split(",").index("uin")
    kept = [line for line in lines if line.split(",")[place] in accounts]
    path.write_text("\n".join([header, *kept]) + "\n")
