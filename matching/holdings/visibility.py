"""Who sees which holdings: what is held is open to everybody signed in, from the official release on.

How good a load is concerns those at BLS who work with the data; the pages of a load are the Data Steward's. Quarters
before their official release are there for people on the pre-release list only. Source: CIPSEA, pre-release policy.
"""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from matching.models import Holding
from requests_app.models import Person
from requests_app.standing import on_pre_release_list, roles_of
from requests_app.states import Role

READS_QUALITY = frozenset({Role.DATA_STEWARD, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.DISCLOSURE_ANALYST})


def reads_quality(person: Person) -> bool:
    """The person sees how good loads are, and the versions that came before."""
    return bool(roles_of(person) & READS_QUALITY)


def is_steward(person: Person) -> bool:
    """The person sees the pages of loads."""
    return Role.DATA_STEWARD in roles_of(person)


def before_release(today: date) -> Q:
    """Holdings whose official release is still to come; one without a date counts as released."""
    return Q(release_date__gt=today)


def seen_by(person: Person, today: date | None = None) -> QuerySet[Holding]:
    """Every version of every holding that the person may see today."""
    day = today or timezone.localdate()
    found = Holding.objects.all()
    return found if on_pre_release_list(person, day) else found.exclude(before_release(day))


def hidden_from(person: Person, today: date | None = None) -> int:
    """How many holdings the person does not see yet; told to the Data Steward, who loaded them."""
    day = today or timezone.localdate()
    if on_pre_release_list(person, day):
        return 0
    return Holding.objects.filter(before_release(day), status="visible").count()
