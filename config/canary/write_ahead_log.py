"""PostgreSQL's write-ahead log as the records in it: a record that goes on over a page's end is whole again.

Every page of 8 KiB begins with a header, which would stand in the middle of what is looked for. Source: PostgreSQL,
src/include/access/xlog_internal.h (XLogPageHeaderData; the first page of a segment has the long form).
"""

from collections.abc import Iterator
from typing import BinaryIO

PAGE = 8192
AT_ONCE = 512
SHORT_HEADER, LONG_HEADER = 24, 40
IS_LONG = 0x0002


def records(segment: BinaryIO) -> Iterator[bytes]:
    """The bytes of each page without its header, in order, some megabytes at a time."""
    while pages := segment.read(PAGE * AT_ONCE):
        yield b"".join(_content(pages[start : start + PAGE]) for start in range(0, len(pages), PAGE))


def _content(page: bytes) -> bytes:
    flags = int.from_bytes(page[2:4], "little")
    return page[LONG_HEADER if flags & IS_LONG else SHORT_HEADER :]
