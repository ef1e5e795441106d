"""Which numbers a load's units get: a run of its own, and what was dropped gives its run back.

The whole country has some 12 million units a quarter, so thirty years take two thirds of the numbers of an int4;
corrected files would use up the rest, were the numbers of dropped versions not used again.
"""

from matching.core.load_files.rejects import LoadRefused
from matching.models import Load, Status

LAST = 2**31 - 2  # a partition's bound is one more, and an int4 too


def first_free(count: int) -> int:
    """The first number of the lowest run of `count` that no load has; call it under the lock of the loads.

    Raises LoadRefused where there is none.
    """
    kept = Load.objects.filter(first_unit__isnull=False).exclude(status=Status.DROPPED).order_by("first_unit")
    free = 1
    for first, last in kept.values_list("first_unit", "last_unit").iterator():
        if first - free >= count:
            break
        free = last + 1
    if free + count - 1 > LAST:
        raise LoadRefused(f"No run of {count:,} numbers is left for the units of this file; drop versions out of use.")
    return free
