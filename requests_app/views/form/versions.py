"""The versions of a form: two side by side, one as a PDF, and a new request from it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from requests_app.forms.versions import CompareForm
from requests_app.papers.form_paper import form_paper
from requests_app.papers.paper import CONTENT_TYPE, pdf_of
from requests_app.selectors.form.versions import FormVersion, compared, versions_of
from requests_app.services.form.cloning import clone_request
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request


def form_versions(request: HttpRequest, number: str) -> HttpResponse:
    """All versions the person may read; the last two compared, or those asked for."""
    person, data_request = person_of(request), seen_request(request, number)
    found = {version.key: version for version in versions_of(data_request, person)}
    context = page_frame(data_request, person) | {"versions": list(found.values())}
    if len(found) > 1:
        form = CompareForm([(version.key, version.words) for version in found.values()], request.GET)
        sections = compared(*(found[key] for key in form.chosen.values()))
        context |= {"form": form, "sections": sections, "changes": sum(section.changes for section in sections)}
    return render(request, "requests/form_versions.html", context)


def form_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The newest version the person may read, or the one asked for, as a tagged PDF."""
    person, data_request = person_of(request), seen_request(request, number)
    version = _asked_for(versions_of(data_request, person), request.GET.get("version", ""))
    content = pdf_of(form_paper(data_request, version, person))
    headers = {"Content-Disposition": f'attachment; filename="{number}-form-{version.key}.pdf"'}
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


def _asked_for(found: list[FormVersion], key: str) -> FormVersion:
    wanted = [version for version in found if key in ("", version.key)]
    if not wanted:
        raise Http404
    return wanted[-1]


def clone(request: HttpRequest, number: str) -> HttpResponse:
    """A new draft with this request's answers."""
    source = seen_request(request, number)
    made = clone_request(source, actor=person_of(request))
    messages.success(request, f"{made.number} starts with the answers of {source.number}. Certify and check them anew.")
    return redirect("form", made.number)
