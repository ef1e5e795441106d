"""The Administrator's pages about MOUs: record, amend, renew, end early, fill in what was missing."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from requests_app.forms.mous import CompleteMouForm, EndMouForm, MouForm, initial_terms
from requests_app.models import Agency, Mou
from requests_app.services.partners import mous
from requests_app.templatetags.formats import day
from requests_app.views.partners.partners import Act, act_page, found_agency, sent
from requests_app.views.people.access import person_of

ONE_DAY = timedelta(days=1)


def _found(postal: str, mou_id: str) -> tuple[Agency, Mou]:
    found = found_agency(postal)
    return found, get_object_or_404(found.mous, pk=mou_id)


def record_mou(request: HttpRequest, postal: str) -> HttpResponse:
    """A signed MOU."""
    found = found_agency(postal)
    bound = MouForm(**sent(request))

    def carry_out(_said: dict[str, Any]) -> str:
        mou = mous.record_mou(found, actor=person_of(request), **bound.for_service())
        return f"The MOU from {day(mou.effective_on)} to {day(mou.ends_on)} is recorded. Name its coordinators next."

    lead = "As the signed paper has it. Terms act at once: on what may be asked for, on reviews and on delivery."
    return act_page(request, found, bound, Act("Record an MOU", "Record the MOU", lead), carry_out)


def amend_mou(request: HttpRequest, postal: str, mou_id: str) -> HttpResponse:
    """Other terms from a day on."""
    found, old = _found(postal, mou_id)
    start = max(old.effective_on, timezone.localdate() + ONE_DAY)
    bound = MouForm(initial=initial_terms(old, effective_on=start, ends_on=old.ends_on), **sent(request))
    bound.fields["effective_on"].label = "The amendment holds from"
    bound.fields["upload"].label = "Scan of the signed amendment"

    def carry_out(_said: dict[str, Any]) -> str:
        mou = mous.amend_mou(old, actor=person_of(request), **bound.for_service())
        return f"From {day(mou.effective_on)} the amended terms hold. Section II.G went over to them."

    lead = (
        f"The terms of {day(old.effective_on)} end the day before, and stay readable. "
        "Whoever is listed in Section II.G stays listed."
    )
    return act_page(request, found, bound, Act("Amend the MOU", "Record the amendment", lead), carry_out)


def renew_mou(request: HttpRequest, postal: str, mou_id: str) -> HttpResponse:
    """The MOU that follows."""
    found, old = _found(postal, mou_id)
    length = old.ends_on - old.effective_on
    start = old.ends_on + ONE_DAY
    bound = MouForm(initial=initial_terms(old, effective_on=start, ends_on=start + length), **sent(request))

    def carry_out(_said: dict[str, Any]) -> str:
        mou = mous.renew_mou(old, actor=person_of(request), **bound.for_service())
        return f"The next MOU holds from {day(mou.effective_on)} to {day(mou.ends_on)}."

    lead = (
        f"This one ends on {day(old.ends_on)}. Where the next one starts the day after, nothing lapses. "
        "Whoever is listed in Section II.G on the last day is listed in the next one."
    )
    return act_page(request, found, bound, Act("Renew the MOU", "Record the renewal", lead), carry_out)


def end_mou(request: HttpRequest, postal: str, mou_id: str) -> HttpResponse:
    """The last day is brought forward."""
    found, old = _found(postal, mou_id)

    def carry_out(said: dict[str, Any]) -> str:
        mou = mous.end_mou(old, actor=person_of(request), **said)
        if mou.ends_on < mou.effective_on:
            return "The MOU is taken back; it never comes into force."
        return f"The MOU ends on {day(mou.ends_on)}. The state's coordinators and BLS are told."

    lead = (
        f"It would end on {day(old.ends_on)}. After the last day the state's people can only read, report an incident "
        "and confirm destruction; its requests stand still, and its records can no longer be asked for."
    )
    act = Act("End the MOU early", "End the MOU", lead, "secondary")
    return act_page(request, found, EndMouForm(**sent(request)), act, carry_out)


def complete_mou(request: HttpRequest, postal: str, mou_id: str) -> HttpResponse:
    """The attestation, the scan, where they were missing."""
    found, mou = _found(postal, mou_id)

    def carry_out(said: dict[str, Any]) -> str:
        mous.complete_mou(mou, actor=person_of(request), **said)
        return "It is kept with the MOU."

    lead = f"About the MOU from {day(mou.effective_on)} to {day(mou.ends_on)}. What is kept once is not changed."
    act = Act("Add what was missing", "Keep it", lead)
    return act_page(request, found, CompleteMouForm(mou, **sent(request)), act, carry_out)
