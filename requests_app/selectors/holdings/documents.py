"""Which papers a person may read."""

from django.db.models import Q

from requests_app.models import DestructionStatement, Document, IncidentEntry, Output, Person
from requests_app.selectors.holdings.incidents import incidents_of
from requests_app.standing import roles_of
from requests_app.states import Role

# Who keeps and reads the records of partners and people at BLS.
READERS = frozenset({Role.ADMINISTRATOR, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})


def get_readable(person: Person, document_id: str) -> Document:
    """The paper, for BLS's readers and for who uploaded it; an incident's for whoever sees that; certificates of
    destruction and letters of clearance for their agency's coordinators. `Document.DoesNotExist` for everybody else."""
    found, roles = Document.objects.all(), roles_of(person)
    if not READERS & roles:
        told = IncidentEntry.objects.filter(incident__in=incidents_of(person).values("pk"))
        mine = Q(uploaded_by=person) | Q(pk__in=told.values("document"))
        if Role.COORDINATOR in roles:
            ours = DestructionStatement.objects.filter(destruction__request__agency=person.agency_id)
            letters = Output.objects.filter(request__agency=person.agency_id, letter__isnull=False)
            mine |= Q(pk__in=ours.values("certificate")) | Q(pk__in=letters.values("letter"))
        found = found.filter(mine)
    return found.get(pk=document_id)
