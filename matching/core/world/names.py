"""Pools of common names for made-up people; the layouts have room for names, which the system reads past."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class NamePool:
    """The same names as Arrow `text` and as a blank-filled byte table `fixed` (names, width)."""

    text: pa.Array
    fixed: NDArray[np.uint8]


def _pool(names: str, width: int) -> NamePool:
    listed = ["" if name == "-" else name for name in names.split()]
    filled = b"".join(name.encode("ascii").ljust(width) for name in listed)
    return NamePool(pa.array(listed), np.frombuffer(filled, dtype=np.uint8).reshape(len(listed), width))


FIRST_NAMES: Final = _pool(
    "ALEX ANA ANTHONY BARBARA CARLOS CHARLES DANIEL DAVID DEBORAH ELENA EMILY ERIC FATIMA GRACE HENRY IRENE JAMES JOHN "
    "JOSE KAREN KEVIN LAURA LINDA MARIA MARK MARY MEI MICHAEL NANCY OMAR PATRICIA PAUL PRIYA ROBERT ROSA SAMUEL SARAH "
    "SOFIA SUSAN THOMAS VICTOR WILLIAM",
    15,
)
MIDDLE_INITIALS: Final = _pool("- - - - - - A B C D E F G H J K L M N P R S T W", 1)
LAST_NAMES: Final = _pool(
    "ADAMS ALLEN ANDERSON BAKER BROWN CAMPBELL CARTER CHEN CLARK COHEN COSTA DAVIS DIAZ EVANS FERREIRA GARCIA GREEN "
    "HALL HARRIS HERNANDEZ HILL HUGHES JACKSON JOHNSON JONES KELLY KHAN KIM KING LEE LEWIS LOPEZ MARTIN MARTINEZ "
    "MILLER MITCHELL MOORE MORALES MURPHY NELSON NGUYEN OLIVEIRA PATEL PEREZ PHILLIPS RAMIREZ REED RIVERA ROBERTS "
    "ROBINSON RODRIGUEZ ROGERS SANCHEZ SCOTT SILVA SINGH SMITH STEWART SULLIVAN TAYLOR THOMAS THOMPSON TORRES "
    "TURNER WALKER WANG WHITE WILLIAMS WILSON WRIGHT YOUNG",
    20,
)
