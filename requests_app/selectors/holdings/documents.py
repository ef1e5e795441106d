"""Which papers a person may read."""

from requests_app.models import Document, Person
from requests_app.standing import roles_of
from requests_app.states import Role

# Who keeps and reads the records of partners and people at BLS.
READERS = frozenset({Role.ADMINISTRATOR, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})


def get_readable(person: Person, document_id: str) -> Document:
    """The paper, for BLS's readers and for who uploaded it; `Document.DoesNotExist` for everybody else."""
    found = Document.objects.all()
    if not READERS & roles_of(person):
        found = found.filter(uploaded_by=person)
    return found.get(pk=document_id)
