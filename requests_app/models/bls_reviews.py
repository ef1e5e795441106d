"""BLS's work on a request under review: who has it, their statement of interest, checklist, findings and notes."""

from django.db import models
from django.db.models import Q

from requests_app.models.documents import Document
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest
from requests_app.states import Role

CLAIMING_ROLES = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)


class Claim(models.Model):
    """One person has one role's part of a request, until they hand it over, give it up, or the part is done."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="claims")
    role = models.CharField(max_length=30, choices=[(role.value, role.label) for role in CLAIMING_ROLES])
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="claims")
    note = models.TextField(blank=True)
    claimed_at = models.DateTimeField()
    claimed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            # The system ends a claim too, when its part is done: then there is no `ended_by`.
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False), name="claim_ended_by_has_its_time"
            ),
            models.UniqueConstraint(
                fields=["request", "role"], condition=Q(ended_at__isnull=True), name="one_open_claim_of_a_role"
            ),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="claim_open_by_person")]

    def __str__(self) -> str:
        return f"{self.person} has {self.request}"


class ConflictStatement(models.Model):
    """Whether a person at BLS has a conflict of interest on a request; the newest counts, all are kept."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="conflict_statements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conflict_statements")
    has_conflict = models.BooleanField()
    words = models.TextField(blank=True)
    stated_at = models.DateTimeField()

    class Meta:
        ordering = ("stated_at", "id")

    def __str__(self) -> str:
        return f"{self.person} on {self.request}"


class ChecklistAnswer(models.Model):
    """One answer to one item of a checklist (review_checklist.py); the newest counts, all are kept.

    `mark` says which version of the section the answer is about: when the section changes, the item is open again.
    """

    class Answer(models.TextChoices):
        """What a reviewer finds."""

        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_APPLICABLE = "na", "Does not apply"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="checklist_answers")
    item = models.CharField(max_length=40)
    answer = models.CharField(max_length=3, choices=Answer)
    mark = models.CharField(max_length=64)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("answered_at", "id")

    def __str__(self) -> str:
        return f"{self.request}: {self.item}"


class Finding(models.Model):
    """What a reviewer found in a section of the form. The state reads it once the request is returned with it."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="findings")
    section = models.CharField(max_length=30)
    text = models.TextField()
    must_change = models.BooleanField(default=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    settled_how = models.TextField(blank=True)

    class Meta:
        ordering = ("raised_at", "id")
        constraints = [both_or_neither("finding_settled_pair", "settled_at", "settled_by")]

    def __str__(self) -> str:
        return f"{self.request}, {self.section}: {self.text}"


class StaffNote(models.Model):
    """A note about a request that BLS's reviewers read, and nobody else."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="staff_notes")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-written_at",)

    def __str__(self) -> str:
        return f"Note on {self.request}"


class ReplyTemplate(models.Model):
    """Words BLS writes often: put into a question, a finding or a reason, and changed there."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    title = models.CharField(max_length=80)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("title",)
        constraints = [
            both_or_neither("reply_template_ended_pair", "ended_at", "ended_by"),
            models.UniqueConstraint(
                fields=["title"], condition=Q(ended_at__isnull=True), name="one_template_of_a_title"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EmailedForm(models.Model):
    """A form that came by email and was entered by BLS; the state's coordinator checks and signs it as any other."""

    request = models.OneToOneField(DataRequest, on_delete=models.PROTECT, related_name="emailed_form")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    received_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.request}, by email"
