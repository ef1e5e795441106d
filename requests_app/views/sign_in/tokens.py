"""My API tokens: making one (shown once), ending one; and everybody's, for the Administrator."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from requests_app.forms.tokens import TokenForm
from requests_app.models import ApiToken
from requests_app.services.sign_in import tokens
from requests_app.services.sign_in.tokens import Scope
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.views.people.access import person_of
from requests_app.views.sign_in.second_factor import ask_again, is_fresh, take_typed

PAGE_SIZE = 25
MAY = {
    Scope.READ: "Read",
    Scope.DRAFT: "write drafts",
    Scope.UPLOAD: "send cohort files",
    Scope.REVIEW: "ask, answer and review",
}


def api_tokens(request: HttpRequest) -> HttpResponseBase:
    """One's own tokens, and a form for a new one; making it needs a fresh second factor."""
    if request.method == "POST" and not is_fresh(request):
        return ask_again(request, request.path)
    typed = take_typed(request)
    form = TokenForm(request.POST) if request.method == "POST" else TokenForm(initial=_first_values(typed))
    if request.method == "POST" and form.is_valid():
        return _made(request, form)
    mine = person_of(request).api_tokens.order_by("-created_at")
    context = {"form": form, "tokens": list(map(_row, mine)), "is_administrator": _is_administrator(request)}
    return render(request, "tokens/list.html", context, status=400 if form.is_bound else 200)


def _first_values(typed: MultiValueDict[str, str]) -> dict[str, Any]:
    """What waited while the second factor was confirmed, else the form's own first values."""
    return {name: typed[name] for name in TokenForm.base_fields if name in typed}


def _made(request: HttpRequest, form: TokenForm) -> HttpResponse:
    """The one answer that shows the token; nothing keeps it."""
    said = form.cleaned_data
    token, secret = tokens.create_token(
        actor=person_of(request), name=said["name"], scopes=[Scope(said["scope"])], days=said["days"]
    )
    return render(request, "tokens/made.html", {"token": _row(token), "secret": secret})


def all_tokens(request: HttpRequest) -> HttpResponse:
    """Everybody's tokens that are in use, newest first."""
    in_use: QuerySet[ApiToken] = ApiToken.objects.filter(tokens.in_use()).select_related("person__agency")
    page = Paginator(in_use.order_by("-created_at"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "tokens/all.html", {"page": page, "tokens": list(map(_row, page))})


def revoke_token(request: HttpRequest, token_id: str) -> HttpResponseBase:
    """Ends a token at once; somebody else's is there for the Administrator only."""
    person = person_of(request)
    found = ApiToken.objects.all() if _is_administrator(request) else person.api_tokens.all()
    token = found.filter(pk=token_id).first()
    if token is None:
        raise Http404
    tokens.revoke_token(token, actor=person)
    messages.success(request, f"The token “{token.name}” is revoked. It opens nothing any more.")
    return redirect("api_tokens" if token.person_id == person.pk else "all_tokens")


def _is_administrator(request: HttpRequest) -> bool:
    return Role.ADMINISTRATOR in roles_of(person_of(request))


def _row(token: ApiToken) -> dict[str, Any]:
    """A token as a line of a list: whether it counts, in a word."""
    status, words = ("active", "In use")
    if token.revoked_at:
        status, words = ("revoked", "Revoked")
    elif token.expires_at <= timezone.now():
        status, words = ("expired", "Expired")
    return {
        "token": token,
        "may": ", ".join(words for scope, words in MAY.items() if scope in token.scopes),
        "status": status,
        "words": words,
    }
