"""allauth's pages of second factors, with our rules: one always remains, and every change is an event."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.crypto import salted_hmac
from django.utils.decorators import method_decorator
from django.views.generic.edit import FormView

from requests_app import sign_in_events
from requests_app.models import Person
from requests_app.policies import Denied
from requests_app.views.people.access import person_of

WRONG_PASSKEY = "The passkey was not accepted."


class AddPasskeyForm(AddWebAuthnForm):
    """In our words; unless somebody says otherwise, the passkey also stands for the password."""

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=60,
        help_text="So that you know it from others: “Work laptop”, “Blue key”.",
    )
    passwordless = forms.BooleanField(
        label="Also sign in with it, without a password",
        required=False,
        initial=True,
        help_text="Untick this where your key can only confirm a sign-in.",
    )


class AddPasskey(AddWebAuthnView):
    """Adds a passkey."""

    form_class = AddPasskeyForm


class SignInByPasskey(LoginWebAuthnView):
    """A passkey in the place of password and second factor."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Recorded, unlike by allauth; whose passkey it was meant to be, nobody can say."""
        sign_in_events.sign_in_refused(self.request, None, WRONG_PASSKEY, way="passkey")
        answer: HttpResponse = super().form_invalid(form)
        return answer


class SecondStep(AuthenticateView):
    """The second factor at sign-in: a code or a passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """allauth tells of wrong codes only."""
        if "credential" in form.fields:
            sign_in_events.factor_refused(self.request, self.stage.login.user, why=WRONG_PASSKEY)
        answer: HttpResponse = super().form_invalid(form)
        return answer


class OwnFactors(IndexView):
    """What the person can confirm with."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Passkeys with the ids their pages have."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        own = Authenticator.objects.filter(user=person_of(self.request), type=Authenticator.Type.WEBAUTHN)
        passkeys = [
            {"id": public_id(one), "name": one.wrap().name, "added": one.created_at, "used": one.last_used_at}
            for one in own.order_by("created_at")
        ]
        return context | {"passkeys": passkeys}


def public_id(authenticator: Authenticator) -> str:
    """Stands for the passkey in addresses; the row's own number would count everybody's."""
    return salted_hmac("passkey", str(authenticator.pk), algorithm="sha256").hexdigest()[:20]


class OwnPasskey:
    """A page about one of the person's passkeys; any other is not there."""

    request: HttpRequest
    kwargs: dict[str, Any]
    success_url = reverse_lazy("mfa_index")

    def get_object(self, _queryset: Any = None) -> Authenticator:
        """By the id in the address."""
        own = Authenticator.objects.filter(user=person_of(self.request), type=Authenticator.Type.WEBAUTHN)
        for one in own:
            if public_id(one) == self.kwargs["passkey"]:
                return one
        raise Http404


class RenamePasskey(OwnPasskey, EditWebAuthnView):
    """Another name for a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Recorded, unlike by allauth."""
        answer: HttpResponse = super().form_valid(form)
        sign_in_events.passkey_renamed(self.request, person_of(self.request), self.object)
        return answer


class RemovePasskey(OwnPasskey, RemoveWebAuthnView):
    """Removes a passkey, unless it is the only second factor."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Says beforehand where it is the last."""
        may = get_adapter().can_delete_authenticator(self.object)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_last": not may, "passkey_name": self.object.wrap().name}

    def form_valid(self, form: Any) -> HttpResponse:
        """Asked again: the page may have been open for long."""
        with transaction.atomic():
            factors = Authenticator.objects.select_for_update().filter(user=person_of(self.request))
            if factors and not get_adapter().can_delete_authenticator(self.get_object()):
                raise Denied("This is your only second factor. Add another one before you remove it.")
            answer: HttpResponse = super().form_valid(form)
            return answer


class Confirm(ReauthenticateView):
    """The fresh second factor: a code or, on the same page, a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the passkey's ceremony where the person has one."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | passkey_ceremony(person_of(self.request))


def passkey_ceremony(person: Person) -> dict[str, Any]:
    """What the page's script asks the device; nothing where the person has no passkey."""
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists():
        return {}
    return {"js_data": {"request_options": begin_authentication(person)}}


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    """The fresh second factor, by passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Recorded; stays here and says why, where allauth would lead to the sign-in page."""
        sign_in_events.factor_refused(self.request, person_of(self.request), why=WRONG_PASSKEY)
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return answer


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class ReplaceApp(ActivateTOTPView):
    """A new authenticator app in the place of the old one, whose codes stop at the moment the new one's are right."""

    form_class = ActivateTOTPForm
    template_name = "mfa/totp/replace_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Past allauth's own refusal, which knows no second app."""
        if not Authenticator.objects.filter(user=person_of(request), type=Authenticator.Type.TOTP).exists():
            return redirect("mfa_activate_totp")
        answer: HttpResponseBase = FormView.dispatch(self, request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Both or neither."""
        with transaction.atomic():
            old = Authenticator.objects.select_for_update().get(
                user=person_of(self.request), type=Authenticator.Type.TOTP
            )
            old.delete()
            answer: HttpResponse = super().form_valid(form)
            sign_in_events.factor_removed(self.request, person_of(self.request), old)
            return answer
