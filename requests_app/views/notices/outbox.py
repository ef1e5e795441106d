"""The outbox as staff see it: what waits to be mailed, what failed and why, and trying again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app.services.life import mailing
from requests_app.templatetags.formats import count_of
from requests_app.views.people.access import person_of
from requests_app.views.site.events import query_of
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 50
AT_ONCE = 500


def outbox(request: HttpRequest) -> HttpResponseBase:
    """Failed ones first; a POST has one, or all that failed, tried at once."""
    failed = mailing.to_send().filter(attempts__gt=0)
    if request.method == "POST":
        one = request.POST.get("notice", "")
        ids = [int(one)] if one.isdecimal() else list(failed.values_list("pk", flat=True)[:AT_ONCE])
        many = mailing.try_again(ids, actor=person_of(request))
        messages.success(
            request, f"{count_of(many, 'notice')} will be sent within a minute, if the mail server takes it."
        )
        return redirect("outbox")
    found = mailing.to_send().select_related("person", "request").order_by("-attempts", "not_before")
    page = LongPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "query": query_of(request), "any_failed": any(one.attempts for one in page)}
    return render(request, "notices/outbox.html", context)
