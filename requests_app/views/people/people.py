"""People: the list, inviting, and what is certified every year."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app.forms.accounts import InviteForm, PeopleFilter
from requests_app.models import Membership, Person, PreReleaseListing
from requests_app.people_policies import can_certify, check_invite
from requests_app.policies import Denied
from requests_app.selectors.people import people as selector
from requests_app.services.people import invitations, memberships, people, pre_release
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.templatetags import formats
from requests_app.views.people.access import person_of
from requests_app.views.people.person import LINK_NOT_SENT

PAGE_SIZE = 50
AT_ONCE = 200
COLUMNS = ["Name", "Agency", "Roles", "What stops them", "Lapses next"]


def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody the viewer sees, narrowed, fifty on a page."""
    viewer, today = person_of(request), timezone.localdate()
    narrowed = PeopleFilter(viewer, request.GET)
    found = selector.with_facts(selector.people_seen(viewer), today).order_by("name", "pk")
    found = selector.narrow(found, narrowed.cleaned_data if narrowed.is_valid() else {}, today)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    roles = roles_of(viewer)
    context = {
        "filter": narrowed,
        "filtered": any(request.GET.get(name) for name in narrowed.fields),
        "page": page,
        "rows": [_row(selector.line_of(person, today)) for person in page],
        "columns": COLUMNS,
        "query": f"{query.urlencode()}&" if query else "",
        "may_invite": Role.ADMINISTRATOR in roles,
        "may_certify": can_certify(viewer),
        "overdue": selector.to_certify(viewer, today).count() if can_certify(viewer) else 0,
        "own_agency": None if viewer.agency.is_bls else viewer.agency,
    }
    return render(request, "people/list.html", context)


def _row(line: selector.PersonLine) -> dict[str, Any]:
    lapses = f"{line.lapses.what}: {_when(line.lapses.on)}" if line.lapses else "Nothing dated"
    cells = [
        line.person.agency.name,
        ", ".join(line.roles) or "No role",
        ". ".join(line.missing) or "Nothing stops them",
        lapses,
    ]
    return {"label": line.person.name, "url": reverse("person", args=[line.person.public_id]), "cells": cells}


def _when(last_day: date) -> str:
    """How far away it is, where it is near."""
    return formats.due(last_day) if last_day - timezone.localdate() <= selector.SOON else formats.day(last_day)


def invite(request: HttpRequest) -> HttpResponse:
    """A new account, and the mail with the link that opens it."""
    actor = person_of(request)
    check_invite(actor)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "people/invite.html", {"form": form}, status=400 if form.is_bound else 200)
    try:
        person = people.invite(actor=actor, **form.cleaned_data)
    except Denied as denied:
        form.add_error("email", denied.reasons[0])
        return render(request, "people/invite.html", {"form": form}, status=400)
    if invitations.send_link(person, actor=actor):
        messages.success(request, f"{person.name} is invited. Give a role next, and nominate for an agreement.")
    else:
        messages.warning(request, LINK_NOT_SENT)
    return redirect("person", person.public_id)


def recertify(request: HttpRequest) -> HttpResponse:
    """Every role nobody has looked at for a year: certify many at once, or end them one by one."""
    viewer = person_of(request)
    due = selector.to_certify(viewer, timezone.localdate())
    shown = list(due[:AT_ONCE])
    if request.method == "POST":
        chosen = set(request.POST.getlist("membership"))
        marked = [membership for membership in shown if membership.pk in chosen]
        if marked:
            count = memberships.recertify(marked, actor=viewer)
            messages.success(request, f"Certified for another year: {formats.count_of(count, 'role')}.")
            return redirect("recertify")
        messages.error(request, "Mark the roles that are still needed first.")
    context = {"due": [_due(membership) for membership in shown], "count": due.count()}
    return render(request, "people/recertify.html", context)


def _due(membership: Membership) -> dict[str, Any]:
    person = membership.person
    return {
        "membership": membership,
        "role": Role(membership.role).label,
        "looked_at": membership.looked_at,  # type: ignore[attr-defined]  annotated
        "end_url": reverse("person_record_act", args=[person.public_id, "end-role", membership.pk]),
        "url": reverse("person", args=[person.public_id]),
    }


def pre_release_list(request: HttpRequest) -> HttpResponse:
    """The dated list of who sees quarters before their release; certified every year."""
    viewer, today = person_of(request), timezone.localdate()
    lines = list(selector.pre_release_list(today))
    if request.method == "POST":
        chosen = set(request.POST.getlist("line"))
        marked = [line for line in lines if line.pk in chosen]
        if marked:
            count = pre_release.certify(marked, actor=viewer)
            messages.success(request, f"Certified for another year: {formats.count_of(count, 'line')}.")
            return redirect("pre_release_list")
        messages.error(request, "Mark the lines that are still needed first.")
    return render(request, "people/pre_release.html", {"lines": [_line(line, viewer) for line in lines]})


def _line(line: PreReleaseListing, viewer: Person) -> dict[str, Any]:
    return {
        "line": line,
        "own": line.person_id == viewer.pk,
        "certified_until": selector.certified_until(line),
        "overdue": selector.certified_until(line) < timezone.localdate(),
        "end_url": reverse("person_record_act", args=[line.person.public_id, "end-pre-release", line.pk]),
        "url": reverse("person", args=[line.person.public_id]),
    }
