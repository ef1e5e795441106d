"""The clearance letter: a tagged PDF that names every file by its hash, so that nothing else is cleared by it."""

import hashlib
from datetime import datetime

from requests_app.models import Document, Output, Person
from requests_app.papers.paper import Paper, Part, Table, pdf_of
from requests_app.services.outputs import reviewing
from requests_app.templatetags import formats

CLEARED = (
    "The Bureau of Labor Statistics clears the files named below, and no others, to leave the agency as described. "
    "The individual records they were made from stay confidential."
)


def issue(output: Output, *, actor: Person | None, now: datetime) -> Document:
    """Makes and keeps the letter; in the transaction of the clearance."""
    content = pdf_of(paper_of(output, actor, now))
    return Document.objects.create(
        name=f"{output.request.number}-clearance-{output.pk}.pdf",
        content=content,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=now,
        uploaded_by=actor,
    )


def paper_of(output: Output, actor: Person | None, now: datetime) -> Paper:
    """The letter as data."""
    files = output.files.filter(removed_at__isnull=True)
    rows = [[file.name, file.get_kind_display(), file.sha256] for file in files]
    answers = [
        [one.agency.state_name, one.get_verdict_display(), formats.moment(one.answered_at)]
        for one in reviewing.of(output)
    ]
    states = Table("The states' answers", ["State", "Answer", "When"], answers) if answers else None
    return Paper(
        title=f"Clearance of an output: {output.request.number}",
        subtitle=output.title,
        facts=[
            ("Agency", output.request.agency.name),
            ("Cleared", formats.moment(now)),
            ("By", actor.name if actor else ""),
            ("SHA-256 of all files", output.files_sha256),
        ],
        parts=[
            Part("Clearance", note=CLEARED, table=Table("The files", ["File", "Kind", "SHA-256"], rows)),
            Part(
                "What it is",
                rows=[
                    ("Description", output.description.splitlines()),
                    ("To be shared with", output.shared_with.splitlines()),
                ],
            ),
            Part("Review", note="" if states else "No other state's records are in it.", table=states),
        ],
        footer=output.request.number,
    )
