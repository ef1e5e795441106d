"""The certificate of a destruction: a tagged PDF of the statement, kept with its hash (NIST SP 800-88, Certificate of
Sanitization; the media's own numbers are the agency's to keep)."""

import hashlib
from datetime import datetime

from requests_app.models import DataRequest, DestructionStatement, Document, Person
from requests_app.papers.paper import Paper, Part, pdf_of
from requests_app.templatetags import formats

ATTESTED = "The person named attests that no copy of these data is left with the agency or anyone it gave them to."


def issue(statement: DestructionStatement, request: DataRequest, *, actor: Person, now: datetime) -> Document:
    """Makes and keeps the certificate; in the transaction of the statement, whose event names its hash."""
    content = pdf_of(paper_of(statement, request))
    return Document.objects.create(
        name=f"{request.number}-certificate-{statement.pk}.pdf",
        content=content,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by=actor,
    )


def paper_of(statement: DestructionStatement, request: DataRequest) -> Paper:
    """The certificate as data."""
    duty = statement.destruction
    rows = [
        ("What was destroyed or returned", statement.what),
        ("Copies", formats.count(statement.copies)),
        ("Backups", statement.backups),
        ("Method (NIST SP 800-88)", statement.get_method_display()),
        ("Technique and tool", statement.technique or "Not named"),
        ("How it was verified", statement.verified or "Not named"),
        ("Day", formats.day(statement.destroyed_on)),
        ("Done by", statement.destroyed_by or statement.confirmed_by.name),
    ]
    confirmed = statement.confirmed_by
    said_by = f"{confirmed.name}, {confirmed.title}" if confirmed.title else confirmed.name
    return Paper(
        title=f"Certificate of destruction: {request.number}",
        subtitle=f"{duty.subject.capitalize()} of “{request.title}”",
        facts=[
            ("Agency", request.agency.name),
            ("To be destroyed by", formats.day(duty.due_on)),
            ("SHA-256 of the package", duty.package.sha256 if duty.package else "Made by the agency"),
        ],
        parts=[
            Part("Statement", rows=[(title, value.splitlines() or [""]) for title, value in rows]),
            Part("Attestation", note=ATTESTED, rows=[("Stated by", [said_by, formats.moment(statement.confirmed_at)])]),
        ],
        footer=f"{request.number}, statement {statement.pk}",
    )
