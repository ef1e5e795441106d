"""The rule on possible SSNs, in both worlds, over whole ranges rather than examples."""

import numpy as np
import pytest

from matching.core.ssn import WELL_KNOWN, SsnFault, SsnWorld, refuse_reason


def number(area: int, group: int, serial: int) -> np.ndarray:
    return np.array([area * 1_000_000 + group * 10_000 + serial], dtype=np.uint32)


@pytest.mark.parametrize(
    ("area", "group", "serial", "fault"),
    [
        (0, 12, 17, SsnFault.AREA),
        (666, 12, 17, SsnFault.AREA),
        (900, 12, 17, SsnFault.AREA),
        (999, 49, 17, SsnFault.AREA),
        (901, 50, 17, SsnFault.ITIN),
        (901, 88, 17, SsnFault.ITIN),
        (901, 89, 17, SsnFault.AREA),
        (901, 93, 17, SsnFault.ATIN),
        (901, 99, 17, SsnFault.ITIN),
        (12, 0, 17, SsnFault.GROUP),
        (12, 17, 0, SsnFault.SERIAL),
        (700, 1, 1, SsnFault.NONE),
        (899, 99, 9998, SsnFault.NONE),
    ],
)
def test_real_world_names_the_reason(area, group, serial, fault):
    assert refuse_reason(number(area, group, serial), SsnWorld.REAL)[0] == fault


def test_real_world_refuses_well_known_numbers():
    assert set(refuse_reason(WELL_KNOWN, SsnWorld.REAL)) == {SsnFault.WELL_KNOWN}


def test_specimen_world_accepts_fifty_four_million_numbers_and_no_issuable_one():
    groups = np.arange(100_000, dtype=np.uint32) * 10_000 + 1
    accepted = groups[refuse_reason(groups, SsnWorld.SPECIMEN) == SsnFault.NONE]
    assert len(accepted) * 10_000 == 54_000_000
    assert np.all(refuse_reason(accepted, SsnWorld.REAL) != SsnFault.NONE)


def test_worlds_accept_no_number_in_common():
    every = np.arange(0, 1_000_000_000, 997, dtype=np.uint32)
    both = (refuse_reason(every, SsnWorld.REAL) == 0) & (refuse_reason(every, SsnWorld.SPECIMEN) == 0)
    assert not both.any()


def test_specimen_world_refuses_nine_nines():
    assert refuse_reason(number(999, 99, 9999), SsnWorld.SPECIMEN)[0] == SsnFault.NOT_A_SPECIMEN
