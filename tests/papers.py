"""Real little PDFs for tests."""

from django.core.files.uploadedfile import SimpleUploadedFile

OBJECTS = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
)


def pdf() -> bytes:
    """One empty page, with a cross-reference that is true."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(OBJECTS, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return body + end % (table, len(body))


def upload(name: str = "signed.pdf") -> SimpleUploadedFile:
    """The PDF as a form sends it."""
    return SimpleUploadedFile(name, pdf(), "application/pdf")
