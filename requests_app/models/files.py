"""Encrypted files and the one-time grants that open them. The bytes themselves: `sealed_files`."""

from django.db import models

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class FileKind(models.TextChoices):
    """What a sealed file holds."""

    COHORT = "cohort", "Cohort file"
    MATCH_RESULT = "match_result", "Match result"
    TABLES = "tables", "Tables as they would be released"
    WORKBENCH = "workbench", "Tables before protection, with the disclosure record"
    PACKAGE = "package", "Package"
    FORECAST = "forecast", "Exact viability forecast"
    OUTPUT = "output", "File of an output, as it was submitted"
    OUTPUT_VIEW = "output_view", "File of an output, for the safe viewer"
    ANALYSIS = "analysis", "Analysis for the disclosure review"


class SealedFile(models.Model):
    """A file encrypted with a data key of its own, wrapped for the worker (or for the request's cohort key)."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=20, choices=FileKind)
    name = models.CharField(max_length=120)
    wrapped_key = models.BinaryField()
    # wrapped once more under the request's own secret, which no backup holds (services/packages/locks.py)
    locked = models.BooleanField(default=False)
    plain_bytes = models.BigIntegerField()
    sealed_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    shredded_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Opening(models.Model):
    """One person's one-time grant to open one file: asked by web, sealed by the worker to a key made for it alone."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    file = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="openings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="openings")
    purpose = models.CharField(max_length=40)
    public_key = models.BinaryField()
    asked_at = models.DateTimeField()
    sealed_key = models.BinaryField(null=True)
    answered_at = models.DateTimeField(null=True)
    refused_reason = models.TextField(blank=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Opening {self.id} of {self.file}"
