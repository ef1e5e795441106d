"""The page behind the one-time link: the person sets their password, then signs in and sets up a second factor.

The link is the only proof there is, so nothing of it is kept: not in the session, an event or a log (config/logs.py).
"""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from requests_app.policies import Denied
from requests_app.services.people import invitations

HELP = "At least 14 characters. A sentence that only you would write is long and easy to remember."


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  not a generic class at run time
    """The password, typed twice."""

    use_required_attribute = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = "Password", HELP
        second.label, second.help_text = "The same password again", ""
        first.error_messages["required"] = "Choose a password."
        second.error_messages["required"] = "Type the password again."


def invitation(request: HttpRequest, public_id: str, token: str) -> HttpResponse:
    """Sets the password where the link still holds; else says how to get a new one."""
    person = invitations.person_of_link(public_id, token)
    if person is None:
        return render(request, "account/invitation_ended.html", status=410)
    form = FirstPasswordForm(person, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "subject": person}
        return render(request, "account/invitation.html", context, status=400 if form.is_bound else 200)
    try:
        invitations.set_password(person, token, form.cleaned_data["new_password1"])
    except Denied:
        return render(request, "account/invitation_ended.html", status=410)
    messages.success(request, "Your password is set. Sign in with it; you then set up a second factor.")
    return redirect("account_login")
