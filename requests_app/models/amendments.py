"""An amendment of an approved request: what the state asks to add or extend, and what BLS decided."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from requests_app.amendment_states import AmendmentState
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Amendment(models.Model):
    """What is asked for stands in `changes` (agents, quarters, states, destruction_on); the approved form stays.

    Quarters or states that are approved become `child`, a request of their own with its own files and packages.
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=20, choices=[(s.value, s.label) for s in AmendmentState], default=AmendmentState.DRAFTED.value
    )
    changes = models.JSONField(default=dict)
    reason = models.TextField()
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    child = models.OneToOneField(
        DataRequest, on_delete=models.PROTECT, related_name="amendment_of", null=True, blank=True
    )

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="one_amendment_of_a_number"),
            both_or_neither("amendment_submitted_pair", "submitted_at", "submitted_by"),
            both_or_neither("amendment_decided_pair", "decided_at", "decided_by"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")), name="amendment_decided_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"Amendment {self.number} of {self.request}"

    @property
    def new_day(self) -> date | None:
        """The day of destruction it asks for instead of the one agreed on, if it does."""
        day = self.changes.get("destruction_on")
        return date.fromisoformat(day) if day else None

    @property
    def status(self) -> AmendmentState:
        """The state as the enum."""
        return AmendmentState(self.state)
