"""Papers (PDF only): the one place where one is checked, kept and opened. Never wage data: those are sealed files."""

import hashlib
import re
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from requests_app.models import Document, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events

NAME_LENGTH = 120
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9 ._()-]+")
HEADER = re.compile(rb"%PDF-[12]\.\d[\r\n \t]")
# Where the cross-reference starts is said in the last lines, before the end mark (ISO 32000-2, 7.5.5).
TRAILER = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
TRAILER_BYTES = 1024
CROSS_REFERENCE = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
NOT_A_PDF = "This is not a whole PDF file. Save or scan the document as PDF and choose that file."


def problem_of(upload: "UploadedFile[bytes]") -> str:
    """Why the upload cannot be kept, in words; empty where it can. By its content: a name proves nothing."""
    if not upload.size:
        return "The file is empty. Choose the PDF."
    if upload.size > settings.DOCUMENT_MAX_BYTES:
        megabytes = settings.DOCUMENT_MAX_BYTES // 1_000_000
        return f"The file is larger than {megabytes} MB. Scan it with fewer dots per inch, or leave out attachments."
    return "" if is_pdf(_content_of(upload)) else NOT_A_PDF


def is_pdf(content: bytes) -> bool:
    """A PDF header at the start, an end mark at the end, and the cross-reference where the end says it is."""
    trailer = TRAILER.search(content[-TRAILER_BYTES:].rstrip(b"\x00\r\n \t"))
    if not HEADER.match(content) or trailer is None:
        return False
    return CROSS_REFERENCE.match(content, int(trailer[1])) is not None


def _content_of(upload: "UploadedFile[bytes]") -> bytes:
    upload.seek(0)
    content: bytes = upload.read()
    upload.seek(0)
    return content


def plain_name(name: str) -> str:
    """A file's name without folders, and without anything a file system or a header could misread."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = NOT_IN_A_NAME.sub(" ", last.removesuffix(".pdf").removesuffix(".PDF"))
    return f"{' '.join(stem.split()).strip('. ')[:NAME_LENGTH] or 'document'}.pdf"


def store_pdf(upload: "UploadedFile[bytes]", *, actor: Person) -> Document:
    """Keeps a PDF as it was uploaded; `Denied` with what to do where it is none.

    Call it in the transaction of the record that the paper belongs to, before that record's event: the event names
    the paper with `named(document)`, so keeping one is no event of its own.
    """
    if problem := problem_of(upload):
        raise Denied(problem)
    content = _content_of(upload)
    return Document.objects.create(
        name=plain_name(upload.name or ""),
        content=content,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=timezone.now(),
        uploaded_by=actor,
    )


def named(document: Document | None) -> dict[str, str]:
    """What an event says of the paper it is about: which one, and the hash of its bytes."""
    return {"document": document.pk, "document_sha256": document.sha256} if document else {}


def open_document(document: Document, *, actor: Person) -> bytes:
    """The paper's bytes, for somebody whom `selectors.documents` let through; every opening is an event."""
    events.record(
        "document.open",
        actor=actor,
        subject=f"document {document.pk}",
        detail={"name": document.name, "sha256": document.sha256},
    )
    return bytes(document.content)
