"""Which incidents a person sees, and which requests they can name in a report."""

from django.db.models import Q, QuerySet

from requests_app.incident_policies import HANDLES_INCIDENTS
from requests_app.models import DataRequest, Incident, Person
from requests_app.selectors.life.requests import visible_to
from requests_app.standing import roles_of
from requests_app.states import ENDED, Role


def incidents_of(person: Person) -> QuerySet[Incident]:
    """All for who handles them at BLS; else one's own reports, those about a request of one's agency, and those of
    which BLS told one's state."""
    found = Incident.objects.select_related("request", "reported_by__agency")
    roles = roles_of(person)
    if roles & HANDLES_INCIDENTS:
        return found
    seen = Q(reported_by=person)
    if Role.COORDINATOR in roles:
        seen |= Q(request__agency=person.agency)
    if roles & {Role.COORDINATOR, Role.OUTPUT_REVIEWER}:
        seen |= Q(pk__in=Incident.concerned.through.objects.filter(agency=person.agency_id).values("incident"))
    return found.filter(seen)


def reportable(person: Person) -> QuerySet[DataRequest]:
    """What the person sees and what still goes on, newest first."""
    return visible_to(person).exclude(state__in=ENDED).order_by("-number")
