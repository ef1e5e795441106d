"""Downloading a paper."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from requests_app.models import Document
from requests_app.selectors.holdings.documents import get_readable
from requests_app.services.packages import documents
from requests_app.views.people.access import person_of


def document(request: HttpRequest, document_id: str) -> HttpResponseBase:
    """The PDF as an attachment that no cache keeps; 404 for whom it is not."""
    person = person_of(request)
    try:
        found = get_readable(person, document_id)
    except Document.DoesNotExist as unseen:
        raise Http404 from unseen
    response = HttpResponse(documents.open_document(found, actor=person), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["Cache-Control"] = "no-store"
    return response
