"""When and by whom are set together: the CHECK that every `_at`/`_by` pair carries."""

from django.db.models import CheckConstraint, Q


def both_or_neither(name: str, first: str, second: str) -> CheckConstraint:
    """The constraint `name`: `first` and `second` are both empty or both set."""
    return CheckConstraint(
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=name,
    )
