"""Which nine-digit numbers may be Social Security numbers, for whole columns at once.

The rule depends on the world a deployment lives in: production accepts issuable numbers only; demo, tests and
benchmarks accept specimens only (numbers that are neither SSN, ITIN nor ATIN), so that no real person can enter them.
"""

from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

SSN_LIMIT = 1_000_000_000


class SsnWorld(StrEnum):
    """The two kinds of deployment, the setting ``SSN_WORLD``; they never share a database."""

    SPECIMEN = "specimen"
    REAL = "real"


class SsnFault(IntEnum):
    """Why a nine-digit number is refused; 0 means that it is accepted."""

    NONE = 0
    AREA = 1
    GROUP = 2
    SERIAL = 3
    ITIN = 4
    ATIN = 5
    WELL_KNOWN = 6
    NOT_A_SPECIMEN = 7


# Public numbers that were printed in advertising and pamphlets, or that people type when they have none
# (SSA POMS RM 10201.035 and SSA's history page on misused numbers); written in parts, so that no search for a
# nine-digit run finds one in this repository. Ten in a row were set aside for advertising.
_MISUSED = (
    (78, 5, 1120), (219, 9, 9999), (457, 55, 5462), (123, 45, 6789), (12, 34, 5678),
    *((987, 65, serial) for serial in range(4320, 4330)),
)  # fmt: skip
WELL_KNOWN = np.array(
    sorted({a * 1_000_000 + g * 10_000 + s for a, g, s in _MISUSED} | {d * 111_111_111 for d in range(10)}),
    dtype=np.uint32,
)
_ITIN_GROUPS = np.zeros(100, dtype=bool)
_ITIN_GROUPS[[*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)]] = True
_ATIN_GROUP = 93
_SPECIMEN_GROUPS = np.zeros(100, dtype=bool)
_SPECIMEN_GROUPS[[*range(1, 50), *range(66, 70), 89]] = True

FaultCodes = npt.NDArray[np.uint8]


def refuse_reason(ssn: npt.NDArray[np.unsignedinteger], world: SsnWorld) -> FaultCodes:
    """One ``SsnFault`` code per number (shape kept); the numbers are below 10**9, leading zeros implied.

    Real world: area 000, 666 and 900-999, group 00 and serial 0000 were never issued (SSA POMS RM 10201.035);
    ITIN and ATIN are named as such; no rule on area or group history, since numbers are random from June 2011.
    Specimen world: only area 9xx with group 01-49, 66-69 or 89.
    """
    area, group, serial = ssn // 1_000_000, ssn // 10_000 % 100, ssn % 10_000
    if world is SsnWorld.SPECIMEN:
        accepted = (area >= 900) & (area <= 999) & _SPECIMEN_GROUPS[group]
        return np.where(accepted, SsnFault.NONE, SsnFault.NOT_A_SPECIMEN).astype(np.uint8)
    conditions = [
        np.isin(ssn, WELL_KNOWN),
        (area >= 900) & _ITIN_GROUPS[group],
        (area >= 900) & (group == _ATIN_GROUP),
        (area == 0) | (area == 666) | (area >= 900),
        group == 0,
        serial == 0,
    ]
    reasons = [SsnFault.WELL_KNOWN, SsnFault.ITIN, SsnFault.ATIN, SsnFault.AREA, SsnFault.GROUP, SsnFault.SERIAL]
    return np.select(conditions, [int(r) for r in reasons], default=int(SsnFault.NONE)).astype(np.uint8)


def is_possible(ssn: npt.NDArray[np.unsignedinteger], world: SsnWorld) -> npt.NDArray[np.bool_]:
    """True where ``refuse_reason`` has nothing against the number."""
    return np.equal(refuse_reason(ssn, world), SsnFault.NONE)
