"""Packages, the signatures under their exact bytes, and their delivery."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.files import SealedFile
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Package(models.Model):
    """One built package: the ZIP, and for aggregates the tables as they would be released and the workbench.

    `sha256` is of the ZIP in the clear: what was reviewed is what is sent. A rebuild is a new package.
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="packages")
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    record_sha256 = models.CharField(max_length=64, blank=True)
    file = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="+")
    tables = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    workbench = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    states_searched = models.JSONField(default=list)
    states_found = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    cells = models.IntegerField(default=0)
    withheld = models.IntegerField(default=0)
    audit_is_clean = models.BooleanField(default=False)
    built_at = models.DateTimeField()

    class Meta:
        ordering = ("request", "version")
        constraints = [models.UniqueConstraint(fields=["request", "version"], name="package_version_once")]
        # the register of a state's records, the newest first
        indexes = [models.Index(fields=["-built_at"], name="package_newest_first")]

    def __str__(self) -> str:
        return f"{self.request}, package {self.version}"


class SignOff(models.Model):
    """A disclosure analyst's signature under a package's exact bytes."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="sign_offs")
    package_sha256 = models.CharField(max_length=64)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sign_offs")
    notes = models.TextField(blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "person"], name="one_sign_off_a_person")]

    def __str__(self) -> str:
        return f"{self.person} on {self.package}"


class Delivery(models.Model):
    """A package on its way to one recipient agency, with its receipts; a failed delivery is retried, and visible."""

    class Status(models.TextChoices):
        """Where the delivery stands."""

        WAITING = "waiting", "Waiting to be sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed, will be retried"
        STOPPED = "stopped", "Stopped: BLS must act"
        RECALLED = "recalled", "Taken back"

    TO_SEND = (Status.WAITING, Status.FAILED)

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20, default="local_outbox")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    progress = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    first_opened_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    recall_reason = models.TextField(blank=True)
    recall_asked_at = models.DateTimeField(null=True, blank=True)
    recall_asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [both_or_neither("delivery_recall_pair", "recall_asked_at", "recall_asked_by")]
        indexes = [
            # what a worker looks for on every sweep: a few of the many that were delivered
            models.Index(fields=["not_before"], condition=Q(status__in=["waiting", "failed"]), name="delivery_to_send"),
            models.Index(
                fields=["recall_asked_at"],
                condition=Q(recall_asked_at__isnull=False, recalled_at__isnull=True),
                name="delivery_to_recall",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} by {self.channel}"
