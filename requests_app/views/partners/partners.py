"""Partners: the list of all states, the page of one agency, and the Administrator's forms about agencies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app import channels, policies
from requests_app.form import ACTIVITIES
from requests_app.forms.partners import AgencyForm, ContactForm, PartnerFilter, StatementForm
from requests_app.models import Agency, Mou
from requests_app.policies import Denied
from requests_app.selectors.holdings.partners import AgencyPage, agency_page, partner_rows
from requests_app.services.partners import partners
from requests_app.templatetags.formats import count_of, day
from requests_app.views.people.access import person_of, record_attempt


def partner_list(request: HttpRequest) -> HttpResponse:
    """All 53 states, most urgent first; narrowed by `show`."""
    narrowed = PartnerFilter(request.GET)
    narrowed.is_valid()
    today = timezone.localdate()
    rows = partner_rows(today, narrowed.cleaned_data.get("show", ""))
    context = {
        "filter": narrowed,
        "rows": rows,
        "year": today.year,
        "may_edit": policies.can_keep_partners(person_of(request)),
    }
    return render(request, "partners/list.html", context)


def found_agency(postal: str) -> Agency:
    """The state agency of the address; 404 for any other, BLS among them."""
    return get_object_or_404(Agency, postal=postal.upper(), fips__isnull=False)


def agency(request: HttpRequest, postal: str) -> HttpResponse:
    """Everything about one agency."""
    page = agency_page(found_agency(postal), timezone.localdate())
    may_edit = policies.can_keep_partners(person_of(request))
    context = {
        "page": page,
        "agency": page.agency,
        "sentence": _sentence(page),
        "status": "" if page.row.status == "missing" else page.row.status,
        "detail": f"Missing: {', '.join(page.row.missing)}." if page.row.until and page.row.missing else "",
        "terms": {mou.pk: terms_of(mou) for mou in [*filter(None, [page.current]), *page.coming, *page.earlier]},
        "may_edit": may_edit,
        "has_mou": bool(page.current or page.coming),
        "renewable": page.newest.pk if page.newest and may_edit else "",
    }
    return render(request, "partners/agency.html", context)


def _sentence(page: AgencyPage) -> str:
    row, name = page.row, page.agency.name
    if row.until:
        return f"{name}'s MOU is in force until {day(row.until)}."
    if page.coming:
        return f"{name} has no MOU in force. The next one starts on {day(page.coming[-1].effective_on)}."
    if page.earlier:
        return f"{name}'s MOU has lapsed. Its requests stand still until the next MOU is recorded."
    return f"{name} has no MOU yet. Record it, then name the coordinators of Section II.G."


def terms_of(mou: Mou) -> list[dict[str, Any]]:
    """An MOU's terms in words."""
    records = [
        name
        for name, permitted in (
            ("Wage records", mou.permits_wage_records),
            ("Establishment (QCEW) tables", mou.permits_establishment_tables),
        )
        if permitted
    ]
    recorder = f", by {mou.recorded_by.name}" if mou.recorded_by else ""
    lapse = "Consents" if mou.consent_by_lapse else "Does not consent"
    return [
        {"key": "In force", "value": f"{day(mou.effective_on)} to {day(mou.ends_on)}"},
        {"key": "Permitted activities", "lines": [ACTIVITIES.get(key, key) for key in mou.permitted_activities]},
        {"key": "Records that may be used", "lines": records or ["None"]},
        {"key": "Partner review", "value": mou.get_gate_place_display()},
        {"key": "Time to review", "value": count_of(mou.review_business_days, "business day")},
        {"key": "No answer in time", "value": f"{lapse} by lapse of the deadline"},
        {"key": "Delivery", "value": channels.in_words(mou.delivery_channels)},
        {"key": "Section II.F attested on", "value": day(mou.security_provisions_attested_on) or "Not attested"},
        {"key": "Recorded", "value": f"{day(mou.recorded_at)}{recorder}"},
    ]


@dataclass(frozen=True)
class Act:
    """A page with one form about an agency: its words, and what else stands beside the form."""

    heading: str
    button: str
    lead: str = ""
    style: str = ""
    facts: list[dict[str, Any]] = field(default_factory=list)


def act_page(
    request: HttpRequest,
    found: Agency | None,
    bound: forms.Form,
    act: Act,
    carry_out: Callable[[dict[str, Any]], str | tuple[str, str]],
) -> HttpResponse:
    """Shows the form; sent and whole, carries it out and goes to the agency (or where it says), with its words.

    What the service refuses stands on top of the form, all at once, and is recorded.
    """
    if bound.is_bound and bound.is_valid():
        try:
            done = carry_out(bound.cleaned_data)
        except Denied as denied:
            record_attempt(request, denied)
            for reason in denied.reasons:
                bound.add_error(None, reason)
        else:
            words, url = done if isinstance(done, tuple) else (done, "")
            messages.success(request, words)
            return redirect(url or _agency_url(found))
    context = {"form": bound, "act": act, "agency": found, "back": _agency_url(found)}
    return render(request, "partners/act.html", context, status=400 if bound.errors else 200)


def _agency_url(found: Agency | None) -> str:
    return reverse("agency", args=[found.postal]) if found else reverse("partner_list")


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a form is bound to: nothing until it is sent."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def add_agency(request: HttpRequest) -> HttpResponse:
    """The agency of a state."""
    bound = AgencyForm(initial={"state": request.GET.get("state", "")}, **sent(request))

    def carry_out(said: dict[str, Any]) -> tuple[str, str]:
        made = partners.add_agency(said["state"], said["name"], actor=person_of(request))
        return f"{made.name} is added. Record its MOU next.", reverse("agency", args=[made.postal])

    act = Act("Add a state agency", "Add the agency", "One agency for each state. It becomes a partner with its MOU.")
    return act_page(request, None, bound, act, carry_out)


def add_contact(request: HttpRequest, postal: str) -> HttpResponse:
    """Whom BLS calls."""
    found = found_agency(postal)

    def carry_out(said: dict[str, Any]) -> str:
        contact = partners.add_contact(found, actor=person_of(request), **said)
        return f"{contact.name} is a contact of {found.name} now."

    act = Act("Add a contact", "Add the contact", "Whom BLS calls at once; the person needs no account.")
    return act_page(request, found, ContactForm(**sent(request)), act, carry_out)


def end_contact(request: HttpRequest, postal: str, contact_id: str) -> HttpResponse:
    """A contact is no longer called."""
    found = found_agency(postal)
    contact = get_object_or_404(found.contacts, pk=contact_id)

    def carry_out(_said: dict[str, Any]) -> str:
        partners.end_contact(contact, actor=person_of(request))
        return f"{contact.name} is no longer a contact of {found.name}."

    lead = (
        f"{contact.name} is no longer called about {contact.get_purpose_display().lower()}. The name stays on record."
    )
    act = Act("End a contact", "End the contact", lead, "secondary")
    return act_page(request, found, forms.Form(**sent(request)), act, carry_out)


def add_statement(request: HttpRequest, postal: str) -> HttpResponse:
    """A year's Statement of Assurance."""
    found = found_agency(postal)

    def carry_out(said: dict[str, Any]) -> str:
        statement = partners.record_statement(found, actor=person_of(request), **said)
        return f"The Statement of Assurance for {statement.year} is kept."

    lead = "It was signed outside; the signed paper is kept here. The newest statement of a year counts."
    act = Act("Add a Statement of Assurance", "Keep the statement", lead)
    return act_page(request, found, StatementForm(**sent(request)), act, carry_out)
