"""What disclosure protection remembers beyond a package: schema `ledger` (workers only), and what BLS asked."""

import secrets

from django.db import models
from django.db.models import Q

from requests_app.models import DataRequest, Job, Package, Person, SealedFile
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.jobs import JobState
from requests_app.models.pairs import both_or_neither


def new_seal() -> str:
    """32 random bytes as hex."""
    return secrets.token_hex(32)


class ReleaseSeal(models.Model):
    """A secret of one request that is hashed with its disclosure record, so that nobody can guess parameters by trial.

    Kept, so that a build that is repeated gives the same bytes.
    """

    request_number = models.CharField(max_length=14, primary_key=True)
    seal = models.CharField(max_length=64, default=new_seal)

    class Meta:
        db_table = '"ledger"."release_seal"'

    def __str__(self) -> str:
        return f"Seal of {self.request_number}"


class Analysis(models.Model):
    """One question of BLS about confidential records that a worker answers in a sealed file.

    The forecast is about a request before it is decided on; the others are about one package in disclosure review.
    `asked` holds what the question names (other parameters); never an answer. A row is not changed but by its answer.
    """

    class Kind(models.TextChoices):
        """What is asked."""

        FORECAST = "forecast", "Exact viability forecast"
        DESIGNS = "designs", "Coarser designs side by side"
        WHAT_IF = "what_if", "What if the parameters were others"
        INTERVALS = "intervals", "What an outsider can still infer"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="analyses")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="analyses", null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    asked = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    asked_at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    file = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("request", "asked_at")
        constraints = [
            both_or_neither("analysis_answered_pair", "answered_at", "file"),
            models.CheckConstraint(
                condition=Q(kind="forecast", package__isnull=True) | ~Q(kind="forecast") & Q(package__isnull=False),
                name="analysis_of_a_package",
            ),
        ]
        indexes = [models.Index(fields=["package", "kind"], name="analysis_by_package")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.request_id}"

    @property
    def waits(self) -> bool:
        """A worker has it, or will have it."""
        return self.status in {JobState.WAITING, JobState.RUNNING}

    @property
    def status(self) -> str:
        """Where the work stands; done once the answer is there."""
        if self.file_id is not None:
            return JobState.DONE
        return JobState(self.job.state) if self.job else JobState.WAITING


class LedgerEntry(models.Model):
    """The tables of a package as the ledger keeps them: every cell as a set of contributions, its status, its values.

    Kept when the package is built and read once it is released; `tables` and `cohorts` are packed by the core. Kept
    for good, because what was released stays known.
    """

    package_id = models.CharField(max_length=26, primary_key=True)
    request_number = models.CharField(max_length=14)
    table = models.BinaryField(null=True)
    cohorts = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField()

    class Meta:
        db_table = '"ledger"."entry"'

    def __str__(self) -> str:
        return f"entry of package {self.package_id}"


class ProtectedScope(models.Model):
    """What a package tells of, and which earlier releases it was protected with: by this web knows, without the
    ledger, whether another release came in between. Nothing in it is confidential: it is the form's scope."""

    package = models.OneToOneField(Package, models.PROTECT, primary_key=True, related_name="protected_scope")
    source = models.CharField(max_length=14)
    states = models.JSONField(default=list)
    quarters = models.JSONField(default=list)
    industries = models.JSONField(default=list)
    ownerships = models.JSONField(default=list)
    releases = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"scope of {self.package_id}"


class HistoryRefusal(models.Model):
    """Why a table could not be protected, for BLS (schema `summaries`): the cells concerned, and the published cells of
    earlier releases in the way, each with its release. No values."""

    id = models.BigAutoField(primary_key=True)
    request_number = models.CharField(max_length=14)
    refused_at = models.DateTimeField()
    reasons = models.JSONField(default=list)
    in_the_way = models.JSONField(default=list)

    class Meta:
        db_table = '"summaries"."history_refusal"'
        ordering = ("refused_at",)
        indexes = [models.Index(fields=["request_number"], name="history_refusal_by_request")]

    def __str__(self) -> str:
        return f"refusal of {self.request_number}"
