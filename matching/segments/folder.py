"""The folder of the segments: where files are, how one comes into being, and how those of nobody go."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_SCRATCH = "scratch"
_HASH_BYTES = 1 << 22


def root() -> Path:
    """`SEGMENT_ROOT`, mode 700. Raises ImproperlyConfigured in a process that has none."""
    if settings.SEGMENT_ROOT is None:
        raise ImproperlyConfigured("This process has no segments (SEGMENT_ROOT, see docs/operations.md).")
    folder = Path(settings.SEGMENT_ROOT)
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one piece of work, empty at first and gone afterwards; a killed one is swept."""
    (root() / _SCRATCH).mkdir(mode=0o700, exist_ok=True)
    with TemporaryDirectory(dir=root() / _SCRATCH) as folder:
        yield Path(folder)


def keep(unnamed: Path, stem: str) -> tuple[str, int, str]:
    """Moves a finished scratch file to its place, on disk before anything names it; gives name, bytes, SHA-256."""
    digest = sha256(unnamed)
    name = f"{stem}-{digest[:16]}.arrow"
    with unnamed.open("rb") as file:
        os.fsync(file.fileno())
    unnamed.chmod(0o600)
    unnamed.rename(root() / name)
    _sync_folder(root())
    return name, (root() / name).stat().st_size, digest


def sha256(path: Path) -> str:
    """The hash of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256", _bufsize=_HASH_BYTES).hexdigest()


def sweep(named: Collection[str]) -> int:
    """Removes every file that is not `named`, and all scratch; gives their number. Only while no load is under way."""
    shutil.rmtree(root() / _SCRATCH, ignore_errors=True)
    orphans = [path for path in root().glob("*.arrow") if path.name not in named]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
