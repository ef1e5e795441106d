"""The append-only, hash-chained log (schema `events`): who did what, when, to what, with which outcome."""

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One event. `seq`, `previous_hash` and `hash` are set by the database's insert trigger, under its lock.

    No foreign keys: the log outlives what it speaks of, and the loader may write it without reading anything else.
    """

    seq = models.BigIntegerField(primary_key=True)
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    process = models.CharField(max_length=12)
    request_number = models.CharField(max_length=14, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = '"events"."event"'
        ordering = ("-seq",)
        indexes = [
            models.Index(fields=["request_number", "seq"]),
            # What the Auditor narrows by, each in the order in which pages follow each other.
            models.Index(fields=["occurred_at", "seq"]),
            models.Index(fields=["kind", "occurred_at", "seq"]),
            models.Index(fields=["actor_id", "occurred_at", "seq"]),
            models.Index(fields=["outcome", "occurred_at", "seq"], name="event_not_done", condition=~Q(outcome="done")),
            models.Index(fields=["process", "occurred_at", "seq"]),
            models.Index(fields=["subject", "seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
