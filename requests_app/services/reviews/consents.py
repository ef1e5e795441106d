"""Consent in advance: one state's agreement to one kind of output for a time, given and ended by its reviewers."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from requests_app import form, standing
from requests_app.models import Agency, DataRequest, Person, StandingConsent
from requests_app.policies import Denied
from requests_app.review_policies import check_end_consent, check_give_consent
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.standing import in_force
from requests_app.states import Kind, Role

Covers = StandingConsent.Covers
LONGEST = timedelta(days=366)
TOLD = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)


def kinds_that_cover(request: DataRequest) -> list[str]:
    """The kinds of consent that take in this request's tables: counties ask for more than whole states do."""
    if request.kind == Kind.MICRO_TO_MACRO:
        return [Covers.MICRO_TO_MACRO]
    design = form.read(request).design
    by_county = "area" in design.get("dimensions", []) and design.get("area_level") != "state"
    return [Covers.MACRO] if by_county else [Covers.MACRO, Covers.MACRO_STATE]


def consent_for(request: DataRequest, agency: Agency, today: date) -> StandingConsent | None:
    """The state's consent that covers the request's tables today; none while its MOU is not in force."""
    return consent_to(kinds_that_cover(request), agency, today)


def consent_to(covers: list[str], agency: Agency, today: date) -> StandingConsent | None:
    """The state's consent of one of these kinds that counts today."""
    found = StandingConsent.objects.filter(in_force(today, "starts_on", "ends_on"), agency=agency, covers__in=covers)
    consent = found.filter(ended_at__isnull=True).order_by("given_at").first()
    return consent if consent and standing.mou_of(agency, today) else None


@transaction.atomic
def give(*, actor: Person, covers: str, ends_on: date) -> StandingConsent:
    """From today to `ends_on`, a year at the most; one of a kind at a time."""
    now, today = timezone.now(), timezone.localdate()
    check_give_consent(actor)
    if not today <= ends_on <= today + LONGEST:
        raise Denied("The last day lies between today and a year from now.")
    Agency.objects.select_for_update().get(pk=actor.agency_id)
    if consent_to([covers], actor.agency, today):
        raise Denied("Your state has given this consent already. End it first if it is to be another.")
    consent = StandingConsent.objects.create(
        agency=actor.agency, covers=covers, starts_on=today, ends_on=ends_on, given_at=now, given_by=actor
    )
    words = f"{actor.agency.state_name} agreed in advance: {consent.get_covers_display()}."
    notices.tell_roles(words, TOLD, now, path="/home/")
    detail = {"state": actor.agency.fips, "covers": covers, "ends_on": ends_on}
    events.record("consent.give", actor=actor, subject=f"consent {consent.pk}", detail=detail, at=now)
    return consent


@transaction.atomic
def end(consent: StandingConsent, *, actor: Person) -> None:
    """From now on the state is asked again; what went through before stays."""
    check_end_consent(actor, consent)
    now = timezone.now()
    if not StandingConsent.objects.filter(pk=consent.pk, ended_at=None).update(ended_at=now, ended_by=actor):
        raise Conflict("This consent was ended already.")
    words = f"{actor.agency.state_name} ended its agreement in advance: {consent.get_covers_display()}."
    notices.tell_roles(words, TOLD, now, path="/home/")
    events.record("consent.end", actor=actor, subject=f"consent {consent.pk}", at=now)
