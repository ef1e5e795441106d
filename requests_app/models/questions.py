"""Questions and answers between BLS and the requesting state; asking one does not move the request."""

from django.db import models
from django.db.models import Q

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Side(models.TextChoices):
    """The two sides of a request."""

    STATE = "state", "The state"
    BLS = "bls", "BLS"


class Question(models.Model):
    """A question of one side to the other. `waits_for` is who writes next; the side that asked settles it."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="questions")
    section = models.CharField(max_length=30, blank=True)
    text = models.TextField()
    asked_of = models.CharField(max_length=5, choices=Side)
    waits_for = models.CharField(max_length=5, choices=Side)
    waits_since = models.DateTimeField()
    due_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("asked_at",)
        constraints = [both_or_neither("question_settled_pair", "settled_at", "settled_by")]
        indexes = [
            models.Index(
                fields=["waits_for", "waits_since"], condition=Q(settled_at__isnull=True), name="question_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.text}"


class Reply(models.Model):
    """What one side wrote under a question."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    side = models.CharField(max_length=5, choices=Side)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("written_at", "id")

    def __str__(self) -> str:
        return f"Reply to {self.question_id}"
