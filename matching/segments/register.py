"""The register of segments (`wages.segment`), and opening: a file counts only while it is what is registered."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pyarrow as pa
from django.db import connection

from matching.models import Load, Segment
from matching.segments import folder
from matching.segments.arrow_file import FORMAT, Columns, Mapped, mapped
from requests_app.services.life.jobs import JobFailed

P = ParamSpec("P")
T = TypeVar("T")
_FILES_KEPT_OPEN = 512
_LOADS_LOCK = 7263002
# what is open in this process, by what it is of: the file it was, and its bytes; longest unused first
_open: OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], Mapped]] = OrderedDict()


class SegmentUnusable(JobFailed):
    """A registered file is missing or is not what is registered; `rebuild_segments` makes it again.

    A job that meets it has failed with this sentence: people see what to do before they repeat it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} Run ./run manage rebuild_segments where the files are kept; then repeat the work.")


def one_load_at_a_time() -> None:
    """Holds the lock of everything that writes the wage store or its segments, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOADS_LOCK])


def register_of_load(kind: Segment.Kind, load: Load, unnamed: Path, rows: int) -> Segment:
    """Keeps a finished file of a load, in place of the one there was."""
    name, size, digest = folder.keep(unnamed, f"{kind}-{load.pk:06d}")
    Segment.objects.filter(load=load, kind=kind).delete()
    return Segment.objects.create(name=name, kind=kind, load=load, rows=rows, bytes=size, sha256=digest)


def register_of_vault(kind: Segment.Kind, version: int, persons: range, unnamed: Path, rows: int) -> Segment:
    """Keeps a finished file of the vault: of the tokens of `persons` under one version of the key."""
    name, size, digest = folder.keep(unnamed, f"{kind}-{version:03d}-{persons.start}-{persons.stop - 1}")
    return Segment.objects.create(
        name=name, kind=kind, key_version=version, first_person=persons.start, last_person=persons.stop - 1, rows=rows,
        bytes=size, sha256=digest,
    )  # fmt: skip


def description_of_load(kind: Segment.Kind, load_id: int) -> dict[str, str]:
    """What a file of a load says of itself, compared when it is opened."""
    return {"kind": str(kind.value), "load": str(load_id)}


def description_of_vault(kind: Segment.Kind, version: int, persons: range) -> dict[str, str]:
    """What a file of the vault says of itself, compared when it is opened."""
    return {"kind": str(kind.value), "key": str(version), "persons": f"{persons.start}-{persons.stop - 1}"}


def open_columns(segment: Segment) -> Columns:
    """The mapped columns of a registered file: read and compared with its checksum once a process, and whenever the
    file is another one than before. Raises SegmentUnusable."""
    path = folder.root() / segment.name
    try:
        found = path.stat()
    except FileNotFoundError:
        raise SegmentUnusable(f"The segment {segment.name} is missing.") from None
    seen = (segment.sha256, found.st_ino, found.st_size, found.st_mtime_ns)
    # one file for each of these: a replaced one is let go, or its place on disk would not be free while we run
    slot = (str(folder.root()), segment.kind, segment.load_id, segment.key_version, segment.first_person)
    if slot not in _open or _open[slot][0] != seen:
        _open[slot] = (seen, _checked(path, segment))
        if len(_open) > _FILES_KEPT_OPEN:
            _open.popitem(last=False)
    _open.move_to_end(slot)
    return _open[slot][1].columns


def give_back(loads: Collection[int]) -> None:
    """This process lets go of the pages it has read of some loads' files, which stay open."""
    for (_, _, load_id, *_), (_, file) in _open.items():
        if load_id in loads:
            file.give_back()


def _checked(path: Path, segment: Segment) -> Mapped:
    damaged = SegmentUnusable(f"The segment {path.name} is not what was registered.")
    try:
        if folder.sha256(path) != segment.sha256:
            raise damaged
        file = mapped(path)
    except (OSError, ValueError, pa.ArrowException):
        raise damaged from None
    if file.description != _expected(segment):
        raise damaged
    return file


def _expected(segment: Segment) -> dict[str, str]:
    kind = Segment.Kind(segment.kind)
    if segment.load_id is not None:
        description = description_of_load(kind, segment.load_id)
    else:
        persons = range(segment.first_person or 0, (segment.last_person or 0) + 1)
        description = description_of_vault(kind, segment.key_version or 0, persons)
    return {"format": FORMAT, **description}


def once_more_if_replaced(function: Callable[P, T]) -> Callable[P, T]:
    """A reader may find a name in the register whose file a load that just ended has replaced: it asks once more."""

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except SegmentUnusable:
            return function(*args, **kwargs)

    return asked


def sweep() -> int:
    """Removes files that no transaction made count. The caller holds the lock of the loads."""
    return folder.sweep(set(Segment.objects.values_list("name", flat=True)))


def of_loads(loads: Iterable[int]) -> dict[tuple[int, str], Segment]:
    """The registered files of loads, by load and kind."""
    rows = Segment.objects.filter(load__in=list(loads))
    return {(row.load_id or 0, row.kind): row for row in rows}
