"""Opening a package: its facts on a page, then the download, each opening asked for and recorded."""

import re

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from requests_app.models import Package
from requests_app.selectors.holdings.packages import PackageLine, get_package
from requests_app.services.event_log import openings
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor

NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]")


def _seen_package(request: HttpRequest, number: str, package_id: str) -> PackageLine:
    try:
        return get_package(seen_request(request, number), person_of(request), package_id)
    except Package.DoesNotExist as unseen:
        raise Http404 from unseen


@fresh_second_factor()
def package(request: HttpRequest, number: str, package_id: str) -> HttpResponseBase:
    """What the package is, and the button that opens it."""
    line = _seen_package(request, number, package_id)
    context = page_frame(seen_request(request, number), person_of(request)) | {"line": line}
    return render(request, "requests/package.html", context)


@fresh_second_factor(back="package")
def package_download(request: HttpRequest, number: str, package_id: str) -> HttpResponseBase:
    """The package in the clear, streamed; the worker grants this one opening and records it."""
    line = _seen_package(request, number, package_id)
    file = line.package.file
    chunks = openings.open_file(file, person=person_of(request), purpose="download")
    name = NOT_IN_A_FILE_NAME.sub("_", file.name)
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(file.plain_bytes)
    response["Cache-Control"] = "no-store"
    return response
