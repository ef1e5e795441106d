"""Who may do what about an incident. Reporting one, and saying more about it, is stopped by nothing."""

from requests_app.models import Incident, Person
from requests_app.policies import Denied, permitted
from requests_app.standing import roles_of
from requests_app.states import Role

HANDLES_INCIDENTS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR})
OF_BLS_ONLY = frozenset({"inspection", "notice"})


def check_say_more(person: Person, incident: Incident, kind: str = "") -> None:
    """Who reported it, their agency's coordinators, those of the request's agency, and who handles incidents at BLS."""
    if incident.closed_at:
        raise Denied("This incident is closed. Report a new one if there is more to say.")
    roles = roles_of(person)
    if roles & HANDLES_INCIDENTS:
        return
    if kind in OF_BLS_ONLY:
        raise Denied("Inspections and notices to states are recorded by BLS.")
    agencies = {incident.reported_by.agency_id, incident.request.agency_id if incident.request else None}
    if person != incident.reported_by and not (Role.COORDINATOR in roles and person.agency_id in agencies):
        raise Denied("Only the agency it happened at, and BLS, add to this incident.")


def check_close(person: Person, incident: Incident) -> None:
    """An Approving Official, once the written report is there and nothing it suspended is left hanging."""
    if Role.APPROVING_OFFICIAL not in roles_of(person):
        raise Denied("Only BLS's Approving Officials close an incident.")
    if incident.closed_at:
        raise Denied("This incident was closed already.")
    problems = []
    if not incident.reports.exists():
        problems.append("The written report has not come in yet.")
    open_ones = incident.suspensions.filter(lifted_at__isnull=True).select_related("request")
    problems += [f"Lift the suspension of {one.request.number} first." for one in open_ones]
    if problems:
        raise Denied(*problems)


can_say_more = permitted(check_say_more)
