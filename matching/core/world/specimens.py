"""Numbers for people who do not exist: social security numbers from areas that are never issued.

Area 900-999 with group 01-49, 66-69 or 89 and serial 0001-9999: neither SSN, ITIN nor ATIN, 53,994,600 in all. A
person's index in the world and the number are one to one, so nothing has to be kept.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.randomness import Permutation, stream_key

_GROUPS: Final = np.array([*range(1, 50), *range(66, 70), 89], dtype=np.int64)
_SERIALS: Final = 9_999
_AREAS: Final = 100
SPECIMENS: Final = _AREAS * len(_GROUPS) * _SERIALS


def specimen_numbers(seed: int, persons: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The nine-digit specimen number of each person index (0 <= index < SPECIMENS), as an integer."""
    if len(persons) and (persons.min() < 0 or persons.max() >= SPECIMENS):
        raise ValueError(f"There are {SPECIMENS:,} specimen numbers; a person index lies outside.")
    place = Permutation(SPECIMENS, stream_key(seed, "ssn")).forward(persons)
    serial = place % _SERIALS + 1
    group = _GROUPS[(place // _SERIALS) % len(_GROUPS)]
    area = 900 + place // (_SERIALS * len(_GROUPS))
    return (area * 1_000_000 + group * 10_000 + serial).astype(np.uint32)
