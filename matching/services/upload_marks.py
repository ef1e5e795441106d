"""What an upload remembers of the parts that arrived, so that its sender can prove to go on with the same file.

A mark is an HMAC-SHA256 of the part's SHA-256, bound to the upload, under a key derived from web's secret key (Django's
`salted_hmac`). Only whole parts of 8 MiB have one, which nobody guesses; the marks go when the upload ends.
"""

import hmac
from collections.abc import Sequence

from django.utils.crypto import salted_hmac

MARK_BYTES = 32
_SALT = "matching.services.upload_marks"


def mark(upload_id: str, digest: bytes) -> bytes:
    """The mark of a part with this SHA-256."""
    return salted_hmac(_SALT, f"{upload_id} {digest.hex()}", algorithm="sha256").digest()


def count(marks: bytes) -> int:
    """How many parts they are of."""
    return len(marks) // MARK_BYTES


def tell_the_same(marks: bytes, upload_id: str, digests: Sequence[bytes]) -> bool:
    """True where the parts that arrived are those that a file with these parts begins with; at least one arrived."""
    arrived = count(marks)
    told = b"".join(mark(upload_id, digest) for digest in digests[:arrived])
    return arrived > 0 and hmac.compare_digest(told, marks)
