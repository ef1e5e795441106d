"""The words BLS writes often."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from requests_app.forms.bls_review import TemplateForm
from requests_app.selectors.bls_review.desk import templates
from requests_app.services.bls_review import desk
from requests_app.views.people.access import person_of


def template_list(request: HttpRequest) -> HttpResponseBase:
    """Every template in use; a POST adds one."""
    form = TemplateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        desk.keep_template(actor=person_of(request), **form.cleaned_data)
        messages.success(request, "The template is kept.")
        return redirect("reply_templates")
    context = {"form": form, "templates": templates().select_related("written_by")}
    return render(request, "requests/templates.html", context, status=400 if form.errors else 200)


def template(request: HttpRequest, template_id: str) -> HttpResponseBase:
    """One template; a POST puts a new version in its place."""
    found = get_object_or_404(templates(), pk=template_id)
    initial = {"title": found.title, "text": found.text}
    form = TemplateForm(request.POST) if request.method == "POST" else TemplateForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        desk.keep_template(actor=person_of(request), instead_of=found, **form.cleaned_data)
        messages.success(request, "The new version is kept.")
        return redirect("reply_templates")
    return render(
        request, "requests/template.html", {"form": form, "template": found}, status=400 if form.errors else 200
    )


def end_template(request: HttpRequest, template_id: str) -> HttpResponse:
    """The template is offered no more."""
    desk.end_template(get_object_or_404(templates(), pk=template_id), actor=person_of(request))
    messages.success(request, "The template is offered no more.")
    return redirect("reply_templates")
