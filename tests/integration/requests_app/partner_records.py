"""What tests of partners need: terms, days, a state that is none yet, and the clock of a given moment."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from requests_app.form import ACTIVITIES
from requests_app.models import Agency, Mou, Person
from requests_app.services.partners import mous, partners
from requests_app.services.partners.mous import Terms

NEW_YORK = ZoneInfo("America/New_York")
TERMS = Terms(
    permitted_activities=tuple(ACTIVITIES),
    permits_wage_records=True,
    permits_establishment_tables=False,
    gate_place="before_release",
    review_business_days=15,
    consent_by_lapse=False,
    delivery_channels=("local_outbox",),
)


def in_days(days: int) -> date:
    """So many days from today."""
    return timezone.localdate() + timedelta(days=days)


def terms(**other: Any) -> Terms:
    """The usual terms, but for some."""
    return replace(TERMS, **other)


def maine(people: dict[str, Person]) -> Agency:
    """An agency without an MOU."""
    return partners.add_agency("23", "Maine Labor Market Information", actor=people["administrator"])


def recorded(agency: Agency, people: dict[str, Person], start: int, end: int, **other: Any) -> Mou:
    """An MOU from one day to another, counted from today."""
    days = {"effective_on": in_days(start), "ends_on": in_days(end)}
    return mous.record_mou(agency, actor=people["administrator"], terms=terms(**other), **days)


def at(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on it is this moment in New York."""
    now = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    monkeypatch.setattr(timezone, "now", lambda: now)
