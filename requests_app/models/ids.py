"""Public identifiers: ULIDs for things, WR-2026-000123 for requests. No sequential key is ever in a URL."""

from ulid import ULID

ULID_LENGTH = 26


def new_ulid() -> str:
    """A new ULID as text: sortable by time, not guessable."""
    return str(ULID())
