"""A person's page, and everything that can be done about them (views/people/person_acts.py)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app.agreements.texts import text_of
from requests_app.forms.accounts import AboutPerson
from requests_app.models import AgentAgreement, Person
from requests_app.people_policies import roles_towards
from requests_app.policies import Denied
from requests_app.selectors.people.people import people_seen
from requests_app.selectors.people.person import PersonFacts, facts_of
from requests_app.services.life.workflow import Conflict
from requests_app.views.life.buttons import Button
from requests_app.views.people.access import person_of
from requests_app.views.people.person_acts import ACTS, OF_ACCOUNTS, Act
from requests_app.views.sign_in.second_factor import ask_again, is_fresh, take_typed

LINK_NOT_SENT = "The mail with the link could not be sent. Once the mail server answers, send a new link."


def seen_person(request: HttpRequest, public_id: str) -> Person:
    """The person of this id; 404 where the viewer does not see them."""
    try:
        return people_seen(person_of(request)).get(public_id=public_id)
    except Person.DoesNotExist as unseen:
        raise Http404 from unseen


def person(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything about one person, and what the viewer can do about it."""
    viewer, subject = person_of(request), seen_person(request, public_id)
    facts = facts_of(subject, viewer, timezone.localdate())
    context = {
        "subject": subject,  # the header's `person` is who is signed in
        "facts": facts,
        "acts": _acts(viewer, facts),
        "account_acts": [act.name for act in OF_ACCOUNTS],
    }
    return render(request, "people/person.html", context)


def _acts(viewer: Person, facts: PersonFacts) -> dict[str, list[Button]]:
    """The buttons of each part of the page; those of a record under its id."""
    roles, shown = roles_towards(viewer, facts.person), dict[str, list[Button]]()
    for act in ACTS.values():
        for about in facts.records(act.record) if act.record else [facts.person]:
            if act.roles & roles and act.applies(about):
                place = about.pk if act.record else act.name
                shown.setdefault(place, []).append(_button(viewer, facts.person, act, about))
    return shown


def _button(viewer: Person, person: Person, act: Act, about: Any) -> Button:
    try:
        act.check(viewer, about)
        reasons: tuple[str, ...] = ()
    except Denied as denied:
        reasons = tuple(denied.reasons)
    where = [person.public_id, act.name, *([about.pk] if act.record else [])]
    url = reverse("person_record_act" if act.record else "person_act", args=where)
    style = "unstyled" if act.style else "outline"
    return Button(f"{act.name}-{about.pk}", act.label, url, style, reasons)


def person_act(request: HttpRequest, public_id: str, act: str, record_id: str = "") -> HttpResponseBase:
    """The page of one act: what will happen, what is asked, the button; and the act itself."""
    subject, wanted = seen_person(request, public_id), ACTS.get(act)
    if wanted is None or bool(wanted.record) != bool(record_id):
        raise Http404
    about = _record(subject, wanted, record_id)
    wanted.check(person_of(request), about)
    if not wanted.applies(about):
        messages.warning(request, f"“{wanted.label}” no longer applies: somebody was faster. Nothing was changed.")
        return redirect("person", public_id)
    if wanted.fresh and not is_fresh(request):
        return ask_again(request, request.path)
    return _take(request, subject, wanted, about)


def _record(subject: Person, act: Act, record_id: str) -> Any:
    if act.record is None:
        return subject
    record = act.record._default_manager.filter(person=subject, pk=record_id).select_related("person__agency").first()
    if record is None:
        raise Http404
    return record


def _take(request: HttpRequest, subject: Person, act: Act, about: Any) -> HttpResponseBase:
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = act.form(subject, *bound) if bound else act.form(subject, initial=dict(take_typed(request).items()) or None)
    if not (form.is_bound and form.is_valid()):
        return _act_page(request, subject, act, about, form)
    try:
        sent = act.take(about, person_of(request), form.cleaned_data)
    except Conflict as conflict:
        messages.warning(request, str(conflict))
        return redirect("person", subject.public_id)
    except Denied as denied:
        for reason in denied.reasons:
            form.add_error(None, reason)
        return _act_page(request, subject, act, about, form)
    if sent is False:
        messages.warning(request, LINK_NOT_SENT)
    else:
        messages.success(request, act.done.format(name=subject.name))
    return redirect("person", subject.public_id)


def _act_page(request: HttpRequest, subject: Person, act: Act, about: Any, form: AboutPerson) -> HttpResponse:
    context = {
        "subject": subject,
        "act": act,
        "form": form,
        "what_happens": act.what_happens.format(name=subject.name),
        "text": text_of(about.text_version) if isinstance(about, AgentAgreement) else None,
        "record": about if act.record else None,
    }
    return render(request, "people/act.html", context, status=400 if form.errors else 200)
