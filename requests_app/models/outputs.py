"""Outputs a state made itself from individual records, their files, and what BLS and other states said of them."""

from django.db import models
from django.db.models import Q

from requests_app.models.documents import Document
from requests_app.models.files import SealedFile
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.partners import Agency
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest
from requests_app.models.reviews import StandingConsent, StateReview
from requests_app.output_states import OutputState


class Output(models.Model):
    """A table, report or picture that is to leave the agency. `files_sha256` is of all its files as submitted: what
    is checked, agreed to and cleared hangs on it."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="outputs")
    title = models.CharField(max_length=200)
    description = models.TextField()
    shared_with = models.TextField()
    state = models.CharField(max_length=20, choices=[(s.value, s.label) for s in OutputState], default="drafted")
    state_since = models.DateTimeField()
    files_sha256 = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return self.title

    @property
    def status(self) -> OutputState:
        """The state as the enum."""
        return OutputState(self.state)


class OutputFile(models.Model):
    """One file of an output: sealed as it came; `view` is what the worker made of it for the safe viewer."""

    class Kind(models.TextChoices):
        """Told by content."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        PDF = "pdf", "PDF"
        PNG = "png", "PNG image"
        JPG = "jpg", "JPEG image"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="+")
    view = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5, choices=Kind)
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("added_at",)
        constraints = [both_or_neither("output_file_removed_pair", "removed_at", "removed_by")]

    def __str__(self) -> str:
        return self.name


class OutputDecision(models.Model):
    """A step of an output, kept for good, with the hash of the files it was taken on."""

    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="decisions")
    step = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    files_sha256 = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering = ("decided_at", "id")

    def __str__(self) -> str:
        return f"{self.output}: {self.step}"


class OutputReview(StateReview):
    """One state's review of an output's exact files."""

    EVENTS, COLUMN = "output_review", "output_review"

    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="reviews")
    files_sha256 = models.CharField(max_length=64)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="output_reviews")
    consent = models.ForeignKey(StandingConsent, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["output", "files_sha256", "agency"], name="one_output_review_a_state"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, verdict="") | Q(answered_at__isnull=False) & ~Q(verdict=""),
                name="output_review_answered_pair",
            ),
            both_or_neither("output_review_withdrawn_pair", "withdrawn_at", "withdrawn_by"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(verdict="objection") & ~Q(withdrawn_why=""),
                name="only_objections_to_outputs_are_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} on {self.output}"

    @property
    def request(self) -> DataRequest:
        """The request whose micro data the output was made from."""
        return self.output.request

    @property
    def sha256(self) -> str:
        """The hash of the bytes that are reviewed."""
        return self.files_sha256

    @property
    def page(self) -> str:
        """The state's own page of this review."""
        return f"/output-reviews/{self.pk}/"

    @property
    def what(self) -> str:
        """What is reviewed, in words."""
        return f"output “{self.output.title}”"
