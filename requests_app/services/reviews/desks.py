"""Who of a state can answer its reviews on a day: its Output Reviewers who are cleared and not away."""

from collections.abc import Iterable
from datetime import date

from requests_app import standing
from requests_app.models import Absence, Person
from requests_app.reading import one_reading
from requests_app.services.life import notices
from requests_app.standing import in_force
from requests_app.states import Role


def able_reviewers(agencies: Iterable[int], today: date) -> list[Person]:
    """The people of these agencies who could answer today; a stand-in counts as themselves."""
    away = Absence.objects.filter(in_force(today, "starts_on", "ends_on"), taken_back_at__isnull=True)
    held = notices.holders(Role.OUTPUT_REVIEWER).filter(agency__in=list(agencies)).select_related("agency")
    people = list(held.exclude(pk__in=away.values("person")).order_by("name"))
    with one_reading():
        standing.learn_records(people, today)
        return [person for person in people if not standing.acting_problems(person, today)]
