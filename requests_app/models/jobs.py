"""The record of work to be done. The queue only wakes workers up; this table says what there is to do."""

from django.db import models

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.requests import DataRequest


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """One idempotent piece of work, known by its input hash. `attempt` fences: only its holder may finish it."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    kind = models.CharField(max_length=40)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="jobs")
    subject = models.CharField(max_length=40, blank=True)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_known = models.BigIntegerField(null=True, blank=True)
    progress_words = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "request", "subject", "input_hash"], name="job_known_by_its_input")
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.kind} for {self.request_id}"
