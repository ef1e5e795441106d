"""The inbox of notices, how a person wants to hear of them, and when they are away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from requests_app.forms.notices import AbsenceForm, WaysForm
from requests_app.models import Absence, Person
from requests_app.policies import Denied
from requests_app.services.life import notices
from requests_app.services.people import absences
from requests_app.services.people.absences import is_reviewer, possible_stand_ins
from requests_app.views.people.access import person_of
from requests_app.views.site.events import query_of
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 25


def inbox(request: HttpRequest) -> HttpResponseBase:
    """The person's notices, newest first; a POST marks one, or all, as read."""
    person = person_of(request)
    if request.method == "POST":
        return _mark_read(request, person)
    unread_only = request.GET.get("show") == "unread"
    found = person.notices.select_related("request").order_by("-created_at")
    if unread_only:
        found = found.filter(read_at__isnull=True)
    page = LongPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "unread_only": unread_only, "query": query_of(request)}
    return render(request, "notices/inbox.html", context)


def _mark_read(request: HttpRequest, person: Person) -> HttpResponse:
    if (one := request.POST.get("notice", "")).isdecimal():
        notices.mark_read(person.notices.filter(pk=int(one)))
    elif request.POST.get("act") == "all":
        notices.mark_read(person.notices.all())
    return redirect("inbox")


def choices(request: HttpRequest) -> HttpResponseBase:
    """How the person wants to hear of each kind."""
    person = person_of(request)
    chosen = dict(person.notice_choices.values_list("kind", "way"))
    form = WaysForm(chosen, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        absences.choose_ways(form.cleaned_data, actor=person)
        messages.success(request, "Your choices are kept.")
        return redirect("inbox")
    return render(request, "notices/choices.html", {"form": form}, status=400 if form.errors else 200)


def absence(request: HttpRequest) -> HttpResponseBase:
    """The person's coming absences, and a new one."""
    person = person_of(request)
    form = AbsenceForm(possible_stand_ins(person), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _announced(form, person):
        messages.success(request, "Your absence is kept, and your stand-in hears what you would hear.")
        return redirect("absence")
    coming = person.absences.filter(taken_back_at__isnull=True, ends_on__gte=timezone.localdate())
    context = {
        "form": form,
        "coming": coming.select_related("stand_in"),
        "alone": is_reviewer(person) and not form.fields["stand_in"].choices[1:],  # type: ignore[attr-defined]
    }
    return render(request, "notices/absence.html", context, status=400 if form.errors else 200)


def _announced(form: AbsenceForm, person: Person) -> bool:
    try:
        absences.announce(actor=person, **form.said())
    except Denied as denied:
        for reason in denied.reasons:
            form.add_error(None, reason)
        return False
    return True


def end_absence(request: HttpRequest, absence_id: str) -> HttpResponse:
    """The person is not away after all, or back early."""
    person = person_of(request)
    found = get_object_or_404(Absence, pk=absence_id, person=person)
    absences.take_back(found, actor=person)
    messages.success(request, "The absence is taken back.")
    return redirect("absence")
