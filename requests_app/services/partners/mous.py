"""Wage Records MOUs: recorded, amended, renewed, ended early. Terms are never edited: an amendment is a row of its own,
so that what held on any day can be read. No two MOUs of an agency hold on one day."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from requests_app import policies
from requests_app.channels import CHANNELS
from requests_app.form import ACTIVITIES
from requests_app.models import Agency, Document, Mou, Person
from requests_app.models.partners import GatePlace
from requests_app.policies import Denied
from requests_app.selectors.holdings.partners import about
from requests_app.services.event_log import events
from requests_app.services.packages import documents
from requests_app.services.partners import section_ii_g
from requests_app.services.partners.partners import lock, tell
from requests_app.templatetags.formats import day

ONE_DAY = timedelta(days=1)
REVIEW_DAYS_AT_MOST = 60


@dataclass(frozen=True)
class Terms:
    """What an MOU says that the application acts on; the names are those of the columns."""

    permitted_activities: tuple[str, ...]
    permits_wage_records: bool
    permits_establishment_tables: bool
    gate_place: str
    review_business_days: int
    consent_by_lapse: bool
    delivery_channels: tuple[str, ...]
    security_provisions_attested_on: date | None = None

    @classmethod
    def of(cls, mou: Mou) -> "Terms":
        """The terms of a row, for the one that follows it."""
        return cls(**{name: getattr(mou, name) for name in cls.__dataclass_fields__})

    def columns(self) -> dict[str, Any]:
        """As the row keeps them."""
        return asdict(self) | {
            "permitted_activities": list(self.permitted_activities),
            "delivery_channels": list(self.delivery_channels),
        }

    def problems(self, today: date) -> list[str]:
        """What cannot be a term."""
        found = _unknown("activity", self.permitted_activities, ACTIVITIES)
        found += _unknown("channel", self.delivery_channels, CHANNELS)
        if self.gate_place not in GatePlace.values:
            found.append("Choose where the partner review stands.")
        if not 1 <= self.review_business_days <= REVIEW_DAYS_AT_MOST:
            found.append(f"Partner review takes 1 to {REVIEW_DAYS_AT_MOST} business days.")
        if self.security_provisions_attested_on and self.security_provisions_attested_on > today:
            found.append("The day of the attestation cannot lie in the future.")
        return found


def _unknown(what: str, chosen: Iterable[str], known: Iterable[str]) -> list[str]:
    return [f"{name} is no {what} of an MOU." for name in sorted(set(chosen) - set(known))]


@transaction.atomic
def record_mou(
    agency: Agency,
    *,
    actor: Person,
    effective_on: date,
    ends_on: date,
    terms: Terms,
    upload: "UploadedFile[bytes] | None" = None,
) -> Mou:
    """A signed MOU with its terms; both dates are days on which it holds. Section II.G is named after it."""
    policies.check_keep_partners(actor)
    locked, now = lock(agency), timezone.now()
    mou = _new_row(locked, effective_on, ends_on, terms, actor, now, upload)
    events.record("mou.record", actor=actor, subject=about(locked), detail=_detail(mou), at=now)
    return mou


@transaction.atomic
def renew_mou(
    mou: Mou,
    *,
    actor: Person,
    effective_on: date,
    ends_on: date,
    terms: Terms,
    upload: "UploadedFile[bytes] | None" = None,
) -> Mou:
    """The MOU that follows; whoever is listed in Section II.G when the old one ends is listed in the new one."""
    policies.check_keep_partners(actor)
    locked, now = lock(mou.agency), timezone.now()
    old = locked.mous.get(pk=mou.pk)
    if effective_on <= old.ends_on:
        raise Denied(f"The MOU holds until {day(old.ends_on)}; the next one starts after that, or amend this one.")
    new = _new_row(locked, effective_on, ends_on, terms, actor, now, upload)
    section_ii_g.carry_over(old, new, actor=actor, now=now, listed_on=old.ends_on)
    events.record("mou.renew", actor=actor, subject=about(locked), detail=_detail(new, follows=old.pk), at=now)
    return new


@transaction.atomic
def amend_mou(
    mou: Mou,
    *,
    actor: Person,
    effective_on: date,
    ends_on: date,
    terms: Terms,
    upload: "UploadedFile[bytes] | None" = None,
) -> Mou:
    """Other terms from a day on, today or later: the row ends the day before, and Section II.G goes over to the new.

    Without another scan the new row keeps the old one's.
    """
    policies.check_keep_partners(actor)
    locked, now = lock(mou.agency), timezone.now()
    old = locked.mous.get(pk=mou.pk)
    _check_amendable(old, effective_on, timezone.localdate(now))
    old_end, old.ends_on = old.ends_on, effective_on - ONE_DAY
    old.save(update_fields=["ends_on"])
    scan = Document.objects.defer("content").filter(pk=old.document_id).first()
    new = _new_row(locked, effective_on, ends_on, terms, actor, now, upload, document=scan)
    if ends_on == old_end:
        Mou.objects.filter(pk=new.pk).update(reminded_days=old.reminded_days)
    section_ii_g.carry_over(old, new, actor=actor, now=now, listed_on=effective_on)
    events.record("mou.amend", actor=actor, subject=about(locked), detail=_detail(new, amends=old.pk), at=now)
    return new


def _check_amendable(old: Mou, effective_on: date, today: date) -> None:
    problems = []
    if effective_on < today:
        problems.append("What held on days that have passed is not changed: amend from today or a later day.")
    if not old.effective_on <= effective_on <= old.ends_on:
        problems.append(
            f"This MOU holds from {day(old.effective_on)} to {day(old.ends_on)}: amend it from a day in between."
        )
    if problems:
        raise Denied(*problems)


@transaction.atomic
def end_mou(mou: Mou, *, actor: Person, last_day: date, why: str) -> Mou:
    """The MOU's last day is brought forward; yesterday stops everything at once.

    One that has not begun is taken back: it is never in force.
    """
    policies.check_keep_partners(actor)
    locked, now = lock(mou.agency), timezone.now()
    old = locked.mous.get(pk=mou.pk)
    _check_end(old, last_day, timezone.localdate(now), why)
    old.ends_on = max(last_day, old.effective_on - ONE_DAY)
    old.save(update_fields=["ends_on"])
    tell(locked, f"{locked.name}'s MOU now ends on {day(old.ends_on)}.", now)
    detail = {"mou": old.pk, "ends_on": old.ends_on, "reason": why.strip(), "words": f"Until {day(old.ends_on)}."}
    events.record("mou.end", actor=actor, subject=about(locked), detail=detail, at=now)
    return old


def _check_end(old: Mou, last_day: date, today: date, why: str) -> None:
    problems = []
    if last_day < today - ONE_DAY:
        problems.append("Days that have passed stay as they were: the last day is yesterday or later.")
    if last_day >= old.ends_on:
        problems.append(f"The MOU ends on {day(old.ends_on)} already. To make it longer, amend or renew it.")
    if not why.strip():
        problems.append("Say why the MOU ends early.")
    if problems:
        raise Denied(*problems)


@transaction.atomic
def complete_mou(
    mou: Mou, *, actor: Person, attested_on: date | None = None, upload: "UploadedFile[bytes] | None" = None
) -> Mou:
    """Fills in what was not there when the MOU was recorded: the attestation of Section II.F, the scan."""
    policies.check_keep_partners(actor)
    locked, now = lock(mou.agency), timezone.now()
    row = locked.mous.get(pk=mou.pk)
    problems = []
    if attested_on and row.security_provisions_attested_on:
        problems.append("The attestation of Section II.F is recorded already.")
    if attested_on and attested_on > timezone.localdate(now):
        problems.append("The day of the attestation cannot lie in the future.")
    if upload and row.document_id:
        problems.append("The scan of this MOU is kept already.")
    if not attested_on and not upload:
        problems.append("Give the day of the attestation, or choose the scan.")
    if problems:
        raise Denied(*problems)
    document = documents.store_pdf(upload, actor=actor) if upload else None
    row.security_provisions_attested_on = row.security_provisions_attested_on or attested_on
    if document:
        row.document = document
    row.save(update_fields=["security_provisions_attested_on", "document"])
    words = [f"Section II.F attested on {day(attested_on)}." if attested_on else "", "Scan added." if document else ""]
    detail = {"mou": row.pk, "words": " ".join(filter(None, words)), **documents.named(document)}
    events.record("mou.complete", actor=actor, subject=about(locked), detail=detail, at=now)
    return row


def _new_row(
    agency: Agency,
    effective_on: date,
    ends_on: date,
    terms: Terms,
    actor: Person,
    now: datetime,
    upload: "UploadedFile[bytes] | None",
    document: Document | None = None,
) -> Mou:
    """The row, where its days are free; under the agency's lock. One that is over already has no lapse to tell of."""
    today = timezone.localdate(now)
    problems = terms.problems(today)
    if agency.is_bls:
        problems.append("BLS has no MOU with itself.")
    if ends_on < effective_on:
        problems.append("The MOU ends on or after the day it starts.")
    real = agency.mous.filter(ends_on__gte=F("effective_on"))
    held = real.filter(effective_on__lte=ends_on, ends_on__gte=effective_on)
    problems += [
        f"{agency.name} has an MOU from {day(other.effective_on)} to {day(other.ends_on)}: "
        "choose other dates, amend that one, or end it first."
        for other in held.order_by("effective_on")
    ]
    if problems:
        raise Denied(*problems)
    return Mou.objects.create(
        agency=agency,
        effective_on=effective_on,
        ends_on=ends_on,
        document=documents.store_pdf(upload, actor=actor) if upload else document,
        recorded_at=now,
        recorded_by=actor,
        lapse_recorded_at=now if ends_on < today else None,
        **terms.columns(),
    )


def _detail(mou: Mou, **rest: str) -> dict[str, Any]:
    """What the event says: the row, its dates and terms, its scan; and what it amends or follows."""
    dates = {"effective_on": mou.effective_on, "ends_on": mou.ends_on}
    words = f"From {day(mou.effective_on)} to {day(mou.ends_on)}."
    said = {"mou": mou.pk, "words": words, "terms": Terms.of(mou).columns()}
    return said | dates | documents.named(mou.document) | rest
