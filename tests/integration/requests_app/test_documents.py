"""Papers: a PDF by its content, a name that harms nobody, read by whom it is for, and nothing on disk."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from requests_app.forms.documents import PdfField
from requests_app.models import Document, Event, Person
from requests_app.policies import Denied
from requests_app.services.packages import documents
from tests.pages import signed_in
from tests.papers import pdf, upload

NOT_PDFS = {
    "empty": b"",
    "text": b"hello",
    "a page that says it is one": b"<html>%PDF-1.7</html>",
    "cut off": pdf()[:-20],
    "header only": b"%PDF-1.7\n",
    "no cross-reference where the end says": pdf().replace(b"startxref\n", b"startxref\n1"),
    "something in front": b"GIF89a" + pdf(),
    "something behind": pdf() + b"<script>",
}


@pytest.mark.parametrize("name", NOT_PDFS)
def test_what_is_no_pdf_is_refused_by_its_content(name: str, people: dict[str, Person]) -> None:
    with pytest.raises(Denied):
        documents.store_pdf(SimpleUploadedFile("signed.pdf", NOT_PDFS[name]), actor=people["administrator"])
    assert not Document.objects.exists()


def test_pdf_is_kept_as_it_is(people: dict[str, Person]) -> None:
    kept = documents.store_pdf(upload("../../Rhode Island: MOU.PDF"), actor=people["administrator"])
    kept.refresh_from_db()
    assert bytes(kept.content) == pdf()
    assert (kept.name, kept.bytes, kept.uploaded_by) == ("Rhode Island MOU.pdf", len(pdf()), people["administrator"])


@given(st.text(max_size=300))
def test_plain_name_is_safe_whatever_was_typed(name: str) -> None:
    plain = documents.plain_name(name)
    assert plain.endswith(".pdf")
    assert len(plain) <= documents.NAME_LENGTH + len(".pdf")
    assert not set(plain) & set('/\\"\r\n\0;')
    assert not plain.startswith(".")


def test_larger_than_the_limit_is_refused_in_words(people: dict[str, Person], settings: Settings) -> None:
    settings.DOCUMENT_MAX_BYTES = 100
    with pytest.raises(Denied, match="larger than"):
        documents.store_pdf(upload(), actor=people["administrator"])


def test_field_refuses_a_name_with_a_persons_number() -> None:
    field = PdfField()
    with pytest.raises(Exception, match="looks like a Social Security number"):
        field.clean(upload("statement 900-12-3456.pdf"))


@pytest.mark.parametrize(("size", "arrives"), [(1_000, 1_000), (200_000, 0)])
def test_only_a_small_file_is_held_in_memory(
    size: int, arrives: int, people: dict[str, Person], settings: Settings, tmp_path: Path
) -> None:
    settings.DOCUMENT_MAX_BYTES, settings.FILE_UPLOAD_TEMP_DIR = 100_000, str(tmp_path)
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.pdf", b"x" * size)})
    request.user = people["administrator"]
    found = request.FILES["file"]
    assert (found.size, len(found.read())) == (size, arrives)
    assert list(tmp_path.iterdir()) == []


def test_several_files_share_the_limit_and_strangers_have_none(people: dict[str, Person], settings: Settings) -> None:
    from django.contrib.auth.models import AnonymousUser

    settings.DOCUMENT_MAX_BYTES = 1_500
    sent = {f"file{n}": SimpleUploadedFile("a.pdf", b"x" * 1_000) for n in range(3)}
    for user, held in ((people["administrator"], 1_000), (AnonymousUser(), 0)):
        request = RequestFactory().post(
            "/", {name: SimpleUploadedFile(file.name, b"x" * 1_000) for name, file in sent.items()}
        )
        request.user = user  # type: ignore[assignment]
        assert sum(len(file.read()) for file in request.FILES.values()) == held


def test_download_is_an_attachment_nobody_keeps_and_an_event(people: dict[str, Person]) -> None:
    kept = documents.store_pdf(upload("MOU.pdf"), actor=people["administrator"])
    response = signed_in(people["program_analyst"]).get(reverse("document", args=[kept.pk]))
    assert response.content == pdf()
    assert response["Content-Disposition"] == 'attachment; filename="MOU.pdf"'
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "no-store")
    assert response["X-Content-Type-Options"] == "nosniff"
    opened = Event.objects.get(kind="document.open")
    assert (opened.actor_id, opened.subject) == (people["program_analyst"].pk, f"document {kept.pk}")


def test_paper_is_there_for_its_readers_only(people: dict[str, Person]) -> None:
    own = documents.store_pdf(upload(), actor=people["agent"])
    readers = {"administrator", "program_analyst", "approving_official", "agent"}
    answers = {
        key: signed_in(person).get(reverse("document", args=[own.pk])).status_code for key, person in people.items()
    }
    assert answers == {key: 200 if key in readers else 404 for key in people}
