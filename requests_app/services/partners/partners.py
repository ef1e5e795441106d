"""State agencies as partners: the agency itself, its contacts, its yearly Statements of Assurance.

Their MOUs are in mous.py, Section II.G in section_ii_g.py. Everything is kept by BLS's Administrators, dated, and never
edited in place.
"""

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from requests_app import policies
from requests_app.fips import STATES
from requests_app.models import Agency, AgencyContact, Person, StatementOfAssurance
from requests_app.policies import Denied
from requests_app.selectors.holdings.partners import about
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.packages import documents
from requests_app.states import Role

NAMES = {fips: (postal, name) for fips, postal, name in STATES}
EARLIEST_YEAR = 2000
# Who at BLS is told what becomes of a partner.
TOLD_AT_BLS = (Role.ADMINISTRATOR, Role.PROGRAM_ANALYST)


def lock(agency: Agency) -> Agency:
    """The agency's row, held to commit: whoever changes its MOUs or lists waits here. New requests do not."""
    return Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)


def tell(agency: Agency, text: str, now: datetime) -> None:
    """A notice to the agency's coordinators, and to those at BLS who look after partners."""
    notices.tell_roles(text, TOLD_AT_BLS, now, path=f"/partners/{agency.postal}/")
    for coordinator in notices.holders(Role.COORDINATOR).filter(agency=agency):
        notices.tell_person(coordinator, text, now, path="/home/")


@transaction.atomic
def add_agency(fips: str, name: str, *, actor: Person) -> Agency:
    """The agency of a state, which becomes a partner with its MOU. One for each state."""
    policies.check_keep_partners(actor)
    if fips not in NAMES:
        raise Denied("Choose one of the 53 states.")
    if not name.strip():
        raise Denied("Give the agency's name.")
    postal, state_name = NAMES[fips]
    agency, made = Agency.objects.get_or_create(
        fips=fips, defaults={"postal": postal, "state_name": state_name, "name": name.strip()}
    )
    if not made:
        raise Denied(f"{state_name} has an agency already: {agency.name}.")
    events.record("agency.add", actor=actor, subject=about(agency), detail={"fips": fips, "words": agency.name})
    return agency


@transaction.atomic
def add_contact(agency: Agency, *, actor: Person, purpose: str, name: str, email: str, phone: str) -> AgencyContact:
    """Whom BLS calls about incidents, or about subpoenas and other legal demands."""
    policies.check_keep_partners(actor)
    now = timezone.now()
    contact = AgencyContact.objects.create(
        agency=agency,
        purpose=AgencyContact.Purpose(purpose),
        name=name,
        email=email,
        phone=phone,
        added_at=now,
        added_by=actor,
    )
    said = f"{name}: {contact.get_purpose_display()}"
    events.record(
        "agency.add_contact",
        actor=actor,
        subject=about(agency),
        detail={"contact": contact.pk, "words": said},
        at=now,
    )
    return contact


@transaction.atomic
def end_contact(contact: AgencyContact, *, actor: Person) -> AgencyContact:
    """The contact is no longer called; the row stays."""
    policies.check_keep_partners(actor)
    locked = AgencyContact.objects.select_for_update(of=("self",)).select_related("agency").get(pk=contact.pk)
    if locked.ended_at:
        raise Denied(f"{locked.name} was ended already.")
    locked.ended_at, locked.ended_by = now, _ = timezone.now(), actor
    locked.save(update_fields=["ended_at", "ended_by"])
    said = f"{locked.name}: {locked.get_purpose_display()}"
    events.record(
        "agency.end_contact",
        actor=actor,
        subject=about(locked.agency),
        detail={"contact": locked.pk, "words": said},
        at=now,
    )
    return locked


@transaction.atomic
def record_statement(
    agency: Agency, *, actor: Person, year: int, signed_by: str, signed_on: date, upload: "UploadedFile[bytes]"
) -> StatementOfAssurance:
    """The Statement of Assurance of a year, signed outside. A corrected one is added; the newest of a year counts."""
    policies.check_keep_partners(actor)
    now = timezone.now()
    today = timezone.localdate(now)
    problems = []
    if not EARLIEST_YEAR <= year <= today.year + 1:
        problems.append(f"Choose a year from {EARLIEST_YEAR} to {today.year + 1}.")
    if signed_on > today:
        problems.append("The day of the signature cannot lie in the future.")
    if problems:
        raise Denied(*problems)
    document = documents.store_pdf(upload, actor=actor)
    statement = StatementOfAssurance.objects.create(
        agency=agency,
        year=year,
        signed_by=signed_by,
        signed_on=signed_on,
        document=document,
        recorded_at=now,
        recorded_by=actor,
    )
    events.record(
        "agency.record_statement",
        actor=actor,
        subject=about(agency),
        detail={"year": year, "words": f"{year}, signed by {signed_by}", **documents.named(document)},
        at=now,
    )
    return statement
