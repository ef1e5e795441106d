"""A person's own sessions, and this one's lock: how long it has, staying, unlocking, sending again what was typed."""

from typing import Any

from allauth.mfa.base.forms import ReauthenticateForm
from allauth.usersessions.forms import ManageUserSessionsForm
from allauth.usersessions.internal import flows as session_flows
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from requests_app import system_use
from requests_app.services.sign_in import sessions
from requests_app.services.sign_in.sessions import Standing
from requests_app.views.people.access import person_of
from requests_app.views.sign_in.devices import name_of_device
from requests_app.views.sign_in.factors import passkey_ceremony
from requests_app.views.sign_in.second_factor import TYPED, forget_typed

SENT_AGAIN = "sent_again"  # a form that brings back what was typed before the lock
# Whatever else is asked for while the session is locked leads to the first of these.
REACHED_WHILE_LOCKED = frozenset({
    "session_locked", "session_state", "session_stay", "mfa_reauthenticate_webauthn", "account_logout", "live", "ready",
})  # fmt: skip


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: which notice the sign-in forms accept, and what the warning before the lock needs."""
    known: dict[str, Any] = {"notice_version": system_use.VERSION}
    record: UserSession | None = getattr(request, "session_record", None)
    if record is None or sessions.standing(record, timezone.now()) is not Standing.OPEN:
        return known
    seconds = settings.SESSION_LOCK_MINUTES * 60
    return known | {"idle": {"session": marker(record), "seconds": seconds, "warn": settings.SESSION_WARN_SECONDS}}


def state(request: HttpRequest) -> HttpResponseBase:
    """How the session stands and how many seconds it has until it locks; asking is no activity."""
    record: UserSession | None = request.session_record
    if record is None:
        return JsonResponse({"state": Standing.ENDED, "session": "", "seconds": 0})
    now = timezone.now()
    left = min(
        record.last_seen_at + sessions.lock_after() - now,
        record.created_at + sessions.longest() - now,
    ).total_seconds()
    found = sessions.standing(record, now)
    return JsonResponse({"state": found, "session": marker(record), "seconds": max(0, round(left))})


def stay(request: HttpRequest) -> HttpResponseBase:
    """Pressed in the warning, or sent for keys and clicks on the page: the request itself is the activity."""
    return state(request)


def marker(record: UserSession) -> str:
    """Tells a page that stayed open whether the session is still the one it was opened in."""
    return str(round(record.created_at.timestamp() * 1_000_000))


def locked(request: HttpRequest) -> HttpResponseBase:
    """The page that stands for every other while the session is locked: the second factor opens it again."""
    person = person_of(request)
    record: UserSession = request.session_record
    page = _next(request)
    if sessions.standing(record, timezone.now()) is Standing.OPEN:
        return redirect(page)
    form = ReauthenticateForm(user=person, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()  # the signal of it unlocks: sign_in_events.factor_confirmed
        return redirect(page)
    minutes_left = settings.SESSION_END_MINUTES - settings.SESSION_LOCK_MINUTES
    context = {"form": form, "next": page, "nav": [], "minutes": settings.SESSION_LOCK_MINUTES, "more": minutes_left}
    return render(request, "account/locked.html", context | passkey_ceremony(person))


def resend(request: HttpRequest) -> HttpResponseBase:
    """What was typed when the session locked: sent now, or let go. The page itself checks it as if just typed."""
    kept = request.session.get(TYPED)
    if not kept:
        return redirect("home")
    if request.method == "POST":
        forget_typed(request)
        return redirect("home")
    pairs = [(name, value) for name, values in kept["values"].items() for value in values]
    return render(request, "account/resend.html", {"page": kept["page"], "pairs": pairs, "mark": SENT_AGAIN})


def _next(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"


class EndSessionsForm(ManageUserSessionsForm):
    """One session by its start, or all others."""

    session = forms.CharField(required=False)

    def save(self, request: HttpRequest) -> None:
        """Ends what was asked for; this very one means signing out."""
        wanted = self.cleaned_data["session"]
        if not wanted:
            super().save(request)
            return
        own = UserSession.objects.filter(user=person_of(request))
        chosen = [session for session in own if marker(session) == wanted]
        if not chosen:
            raise Http404
        session_flows.sessions.end_sessions(request, chosen)


class OwnSessions(ListUserSessionsView):
    """Where the person is signed in: device, address, since when, last seen."""

    form_class = EndSessionsForm
    template_name = "usersessions/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """This session first, then the one used last."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        now = timezone.now()
        rows = [
            {
                "session": session,
                "marker": marker(session),
                "device": name_of_device(session.user_agent),
                "current": session.is_current(),
                "locked": sessions.standing(session, now) is Standing.LOCKED,
            }
            for session in context["sessions"]
            if sessions.standing(session, now) is not Standing.ENDED
        ]
        rows.sort(key=lambda row: (row["current"], row["session"].last_seen_at), reverse=True)
        return context | {"rows": rows, "others": len(rows) - 1}

    def form_valid(self, form: EndSessionsForm) -> HttpResponse:
        """After ending this very session there is no list to show."""
        answer: HttpResponse = super().form_valid(form)
        return answer if self.request.user.is_authenticated else redirect("account_login")
