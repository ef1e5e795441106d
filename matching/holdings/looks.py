"""Findings of a load's edits wait until the Data Steward has looked at them; that they did is an event."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from matching.models import Holding, LoadLook, LoadQuality
from requests_app.models import Person
from requests_app.policies import Denied, check_may_act
from requests_app.services.event_log import events
from requests_app.standing import roles_of
from requests_app.states import Role

NOTE_LENGTH = 300


@dataclass(frozen=True)
class Findings:
    """How many records and accounts the edits of one load flagged, and whether somebody has looked at that."""

    records: int
    accounts: int
    looked_at: bool

    @property
    def wait(self) -> bool:
        """There is something nobody has looked at."""
        return not self.looked_at and bool(self.records or self.accounts)


def findings(load_ids: Collection[int]) -> dict[int, Findings]:
    """The findings of each of these loads that has a quality row; two queries however many there are."""
    looked = set(LoadLook.objects.filter(load_id__in=load_ids).values_list("load_id", flat=True))
    rows = LoadQuality.objects.filter(load_id__in=load_ids).values_list("load_id", "edits", "account_edits")
    return {
        load_id: Findings(sum(edits.values()), sum(account_edits.values()), load_id in looked)
        for load_id, edits, account_edits in rows
    }


def subject_of(holding: Holding) -> str:
    """How events name a load (loads.register.subject_of)."""
    return f"{holding.state} {holding.quarter} version {holding.version}"


@transaction.atomic
def look(holding: Holding, *, actor: Person, note: str = "") -> LoadLook:
    """Takes note that `actor` looked at what the edits found in the load; it no longer waits for anybody."""
    if Role.DATA_STEWARD not in roles_of(actor):
        raise Denied("Only BLS's Data Stewards take note of a load's findings.")
    check_may_act(actor)
    now = timezone.now()
    made = LoadLook.objects.create(
        load_id=holding.load_id, note=note.strip()[:NOTE_LENGTH], looked_at=now, looked_by=actor
    )
    events.record(
        f"{holding.kind}.look_at", actor=actor, subject=subject_of(holding), detail={"load": holding.load_id}, at=now
    )
    return made
