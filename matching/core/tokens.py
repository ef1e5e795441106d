"""The token of an SSN: AES-256 of the number as one 16-byte block, a whole column per call.

One block under one key is a permutation, so tokens are unique and need no salt; they are personal data, because
whoever holds the key can turn them back. The key lives outside the database (setting ``SSN_KEY_FILE``).
"""

import hashlib

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 32
_BLOCK_TAG = 0x5752_2D53_534E_0001  # "WR-SSN", version 1: the high half of every block
_BLOCK = np.dtype(">u8")

Tokens = npt.NDArray[np.uint64]  # shape (n, 2), big endian: the byte order, and the sort order, of PostgreSQL's uuid


class WrongKey(ValueError):
    """The key has the wrong length, or the tokens were made under another key."""


def tokens(ssn: npt.NDArray[np.unsignedinteger], key: bytes) -> Tokens:
    """Tokens, shape (n, 2) of big-endian 64-bit halves, of n SSNs given as numbers below 10**9."""
    blocks = np.empty((len(ssn), 2), dtype=_BLOCK)
    blocks[:, 0] = _BLOCK_TAG
    blocks[:, 1] = ssn
    encryptor = _cipher(key).encryptor()
    return _as_tokens(encryptor.update(blocks.tobytes()) + encryptor.finalize())


def ssns(token: Tokens, key: bytes) -> npt.NDArray[np.uint32]:
    """The SSNs of tokens made by ``tokens`` under the same key; needed to rotate the key. Raises WrongKey."""
    decryptor = _cipher(key).decryptor()
    blocks = _as_tokens(decryptor.update(np.ascontiguousarray(token).tobytes()) + decryptor.finalize())
    if not np.all(blocks[:, 0] == _BLOCK_TAG):
        raise WrongKey("These tokens were not made with this key.")
    return blocks[:, 1].astype(np.uint32)


def key_fingerprint(key: bytes) -> str:
    """A public mark of a key, to refuse a wrong one before any token is written; it says nothing about the key."""
    encryptor = _cipher(key).encryptor()
    block = encryptor.update(b"key fingerprint\0") + encryptor.finalize()
    return hashlib.sha256(block).hexdigest()


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    if len(key) != KEY_BYTES:
        raise WrongKey("The SSN key must be 32 random bytes.")
    # ECB is right here and only here: every message is exactly one block, and equal SSNs must give equal tokens.
    return Cipher(algorithms.AES256(key), modes.ECB())  # noqa: S305


def _as_tokens(data: bytes) -> Tokens:
    return np.frombuffer(data, dtype=_BLOCK).reshape(-1, 2)
