"""The token is a keyed permutation of the SSN column."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from matching.core.tokens import WrongKey, key_fingerprint, ssns, tokens

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
COLUMN = np.arange(900_010_000, 900_020_000, dtype=np.uint32)


def test_tokens_turned_back_give_the_column():
    assert np.array_equal(ssns(tokens(COLUMN, KEY), KEY), COLUMN)


def test_tokens_agree_with_a_per_row_reference():
    def one(ssn: int) -> bytes:
        encryptor = Cipher(algorithms.AES256(KEY), modes.ECB()).encryptor()  # noqa: S305
        return encryptor.update(b"WR-SSN\0\1" + ssn.to_bytes(8, "big"))

    assert tokens(COLUMN[:200], KEY).tobytes() == b"".join(one(int(ssn)) for ssn in COLUMN[:200])


def test_tokens_are_unique_and_change_with_the_key():
    column = tokens(COLUMN, KEY)
    assert len(np.unique(column.view("V16"))) == len(COLUMN)
    assert not np.any(column == tokens(COLUMN, OTHER_KEY))


def test_tokens_turned_back_with_another_key_are_refused():
    with pytest.raises(WrongKey):
        ssns(tokens(COLUMN, KEY), OTHER_KEY)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_key_of_wrong_length_is_refused(size):
    with pytest.raises(WrongKey):
        tokens(COLUMN, bytes(size))


def test_empty_column_gives_no_token():
    assert tokens(COLUMN[:0], KEY).shape == (0, 2)


def test_fingerprint_tells_keys_apart():
    assert key_fingerprint(KEY) != key_fingerprint(OTHER_KEY)
