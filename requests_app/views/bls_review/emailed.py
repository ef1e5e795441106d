"""The page on which BLS begins to enter a form that came by email."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app.forms.bls_review import EmailedFormForm
from requests_app.services.bls_review import emailed
from requests_app.views.people.access import person_of


def enter_emailed_form(request: HttpRequest) -> HttpResponseBase:
    """Whose form it is, when it came, and the form itself as a PDF; then its pages are filled in as the state would."""
    coordinators = emailed.listed_coordinators()
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EmailedFormForm(coordinators, *typed)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        started = emailed.enter(
            form.person, actor=person_of(request), received_on=said["received_on"], document=said["document"]
        )
        messages.success(request, f"{started.number} is begun. Fill in the form; the coordinator checks and signs it.")
        return redirect("form", started.number)
    return render(request, "requests/emailed.html", {"form": form}, status=400 if form.errors else 200)
