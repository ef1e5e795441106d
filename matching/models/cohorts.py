"""Cohort files and what became of them (schema `workflow`), and the counts pages may show (schema `summaries`)."""

from django.db import models

from requests_app.models import DataRequest, Person, SealedFile
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither


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


class CohortPolicy(models.TextChoices):
    """What becomes of a file in which some lines are wrong."""

    STRICT = "strict", "Refuse a file in which any line is wrong"
    EXCLUDE = "exclude", "Leave wrong lines out, once the coordinator has confirmed it"


class CohortTerms(models.Model):
    """The policy BLS set for a request's cohort files; a request without this row has *strict*."""

    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="cohort_terms")
    policy = models.CharField(max_length=10, choices=CohortPolicy)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.policy} for {self.request_id}"


class CohortFileState(models.TextChoices):
    """Where one uploaded file stands."""

    RECEIVED = "received", "Received, being checked"
    TO_CONFIRM = "to_confirm", "Wrong lines would be left out, to be confirmed"
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
    policy = models.CharField(max_length=10, choices=CohortPolicy, default=CohortPolicy.STRICT)
    rows = models.BigIntegerField(default=0)
    excluded = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("cohort", "quarter", "uploaded_at")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "cohort", "quarter"],
                condition=models.Q(state__in=["received", "to_confirm", "accepted"]),
                name="one_current_cohort_file",
            ),
            both_or_neither("cohort_file_confirmed", "confirmed_at", "confirmed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} {self.quarter} of {self.request_id}"


class CohortUpload(models.Model):
    """A cohort file on its way, in parts; `id` becomes the file's own. It has ended once `ended_at` is set: the file
    arrived, or it never will. Holds keys only the worker can open, and of the file in the clear nothing but keyed marks
    of whole parts, until it has ended (services/upload_marks.py).
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="cohort_uploads")
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    total_bytes = models.BigIntegerField()
    received_bytes = models.BigIntegerField(default=0)
    sealed_bytes = models.BigIntegerField(default=0)
    sealed_sha256 = models.CharField(max_length=64, blank=True)
    wrapped_keys = models.BinaryField(default=b"")
    marks = models.BinaryField(default=b"")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    last_part_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["started_by"], condition=models.Q(ended_at__isnull=True), name="one_open_upload_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"Upload {self.id} of {self.request_id}"


class MatchResult(models.Model):
    """The sealed records found for one cohort file; readable by workers only.

    `input_hash` is that of the job which made it, `states` are those searched, `loads` the holdings it was made from:
    while these are the same, the result stands and is not made again.
    """

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="match_results")
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    file = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="+")
    persons = models.BigIntegerField()
    records = models.BigIntegerField()
    input_hash = models.CharField(max_length=64, default="")
    states = models.JSONField(default=list)
    loads = models.JSONField(default=list)
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
