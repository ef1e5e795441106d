"""The queue of reviews and decisions, and what is done with many of its lines at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from requests_app.forms.filters import QueueFilter
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.selectors.bls_review.queue import Which, line_of, queue
from requests_app.selectors.life.requests import visible_to
from requests_app.services.bls_review import claims
from requests_app.services.life.notices import holders
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.templatetags.formats import count_of
from requests_app.views.people.access import person_of
from requests_app.views.site.events import query_of
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 25
AT_ONCE = 100


def review_queue(request: HttpRequest) -> HttpResponseBase:
    """The lines asked for, longest waiting first; a POST claims or hands over the marked ones."""
    person = person_of(request)
    if request.method == "POST":
        return _do_many(request, person)
    narrowed = QueueFilter(person, request.GET)
    which = Which(narrowed.cleaned_data["which"]) if narrowed.is_valid() else Which.ALL
    page = LongPaginator(narrowed.narrow(queue(person, which)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": narrowed,
        "filtered": any(narrowed.cleaned_data.values()) if narrowed.is_valid() else False,
        "page": page,
        "query": query_of(request),
        "lines": [line_of(row) for row in page],
        "others": _others(person),
        "enters": Role.PROGRAM_ANALYST in roles_of(person),
    }
    return render(request, "requests/queue.html", context)


def _others(person: Person) -> list[Person]:
    """Who could take lines of the person's queue, for the list of hands to give them to."""
    found: dict[int, Person] = {}
    for role in roles_of(person) & {Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL}:
        found |= {one.pk: one for one in holders(role) if one != person}
    return sorted(found.values(), key=lambda one: one.name)


def _do_many(request: HttpRequest, person: Person) -> HttpResponse:
    numbers = request.POST.getlist("number")[:AT_ONCE]
    marked = list(visible_to(person).filter(number__in=numbers).order_by("state_since"))
    back = redirect(f"{reverse('review_queue')}?{request.POST.get('query', '')}".rstrip("?&"))
    if not marked:
        messages.warning(request, "Mark at least one request first.")
        return back
    hands_over = request.POST.get("act") == "hand-over"
    to = next((one for one in _others(person) if hands_over and one.public_id == request.POST.get("to")), None)
    if hands_over and to is None:
        messages.warning(request, "Choose to whom the marked requests go.")
        return back
    done, refused = _hand_over(marked, to, person) if to else claims.claim_many(marked, actor=person)
    if done:
        words = f"handed over to {to.name}" if to else "yours now"
        messages.success(request, f"{count_of(len(done), 'request')} {words}.")
    for words in refused:
        messages.warning(request, words)
    return back


def _hand_over(marked: list[DataRequest], to: Person, person: Person) -> tuple[list[str], list[str]]:
    done, refused = [], []
    for one in marked:
        try:
            claims.hand_over(one, to, actor=person)
            done.append(one.number)
        except Denied as denied:
            refused.append(f"{one.number}: {' '.join(denied.reasons)}")
    return done, refused
