"""Cohort files and what became of them (schema `workflow`), and the counts pages may show (schema `summaries`)."""

from django.db import models

from requests_app.models import DataRequest, Person, SealedFile
from requests_app.models.ids import ULID_LENGTH, new_ulid


class CohortKey(models.Model):
    """The public half of the key pair made for one request's cohort files; the private half is a file of the worker's.

    Destroying the private half makes every copy of the ciphertext unreadable, those in backups too.
    """

    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="cohort_key")
    public_pem = models.BinaryField()
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Cohort key of {self.request_id}"


class CohortFileState(models.TextChoices):
    """Where one uploaded file stands."""

    RECEIVED = "received", "Received, being checked"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    REPLACED = "replaced", "Replaced by a later file"


class CohortFile(models.Model):
    """One file of one named cohort and quarter. A replaced or refused one stays in the history."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="cohort_files")
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    file = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="cohort_file")
    state = models.CharField(max_length=10, choices=CohortFileState, default=CohortFileState.RECEIVED)
    rows = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("cohort", "quarter", "uploaded_at")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "cohort", "quarter"],
                condition=models.Q(state__in=["received", "accepted"]),
                name="one_current_cohort_file",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cohort} {self.quarter} of {self.request_id}"


class MatchResult(models.Model):
    """The sealed records found for one cohort file; readable by workers only."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="match_results")
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    file = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="+")
    persons = models.BigIntegerField()
    records = models.BigIntegerField()
    matched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "cohort", "quarter"], name="one_result_a_file")]

    def __str__(self) -> str:
        return f"Result of {self.cohort} {self.quarter} of {self.request_id}"


class MatchCount(models.Model):
    """Persons and records found in one state: for BLS, and for the summary in a micro package."""

    request_number = models.CharField(max_length=14)
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    state = models.CharField(max_length=2)
    persons_sent = models.BigIntegerField()
    persons_found = models.BigIntegerField()
    records = models.BigIntegerField()

    class Meta:
        db_table = '"summaries"."match_count"'
        ordering = ("cohort", "quarter", "state")
        constraints = [
            models.UniqueConstraint(
                fields=["request_number", "cohort", "quarter", "state"], name="one_match_count_a_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_number} {self.cohort} {self.quarter} {self.state}"
