"""Duties to destroy micro data: one for each package, copy and linked data set; statements, certificates."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.documents import Document
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.packages import Package
from requests_app.models.pairs import both_or_neither
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class HeldData(models.Model):
    """What an agency made of a micro package: a copy, or a data set by linking. As confidential as the package."""

    class Kind(models.TextChoices):
        """What it is."""

        COPY = "copy", "A copy or an extract"
        LINKED = "linked", "A data set made by linking with other data"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="held_data")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    linked_with = models.TextField(blank=True)
    where = models.TextField()
    made_on = models.DateField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("registered_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(kind="linked", linked_with=""), name="linked_with_is_said"),
        ]

    def __str__(self) -> str:
        return self.name


class Destruction(models.Model):
    """The duty to destroy one package, or one copy or linked data set, by a day. `confirmed_at`: it was stated, and
    BLS has not rejected that."""

    class Method(models.TextChoices):
        """NIST SP 800-88, or return."""

        CLEAR = "clear", "Clear"
        PURGE = "purge", "Purge"
        DESTROY = "destroy", "Destroy"
        RETURN = "return", "Return to BLS"

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="destructions", editable=False)
    package = models.OneToOneField(Package, on_delete=models.PROTECT, related_name="destruction", null=True, blank=True)
    held = models.OneToOneField(HeldData, on_delete=models.PROTECT, related_name="destruction", null=True, blank=True)
    due_on = models.DateField()
    # when that day was set: reminders count from then (services/packages/destruction_days.py)
    due_since = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("due_on", "id")
        constraints = [
            both_or_neither("destruction_confirmed_pair", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                condition=Q(package__isnull=False, held__isnull=True) | Q(package__isnull=True, held__isnull=False),
                name="destruction_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(confirmed_at=None), name="destruction_open_by_day")]

    def __str__(self) -> str:
        return f"Destruction of {self.subject}"

    def save(self, *args: object, **kwargs: object) -> None:
        """A duty is of the request of its package, or of what was made of it."""
        self.request_id = (self.package or self.held).request_id  # type: ignore[union-attr]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def subject(self) -> str:
        """What is to be destroyed, in words."""
        if self.package:
            return f"package {self.package.version}"
        return f"“{self.held}”"

    @property
    def key(self) -> str:
        """What a form names it by: the package's id, or that of what was made of one."""
        return str(self.package_id or self.held_id)

    @property
    def statement(self) -> "DestructionStatement | None":
        """The statement that stands."""
        return next((one for one in self.statements.all() if one.rejected_at is None), None)


class DestructionStatement(models.Model):
    """A coordinator's statement that one thing was destroyed or returned (NIST SP 800-88, appendix on certificates).

    Kept for good: one that BLS rejects stands beside the next.
    """

    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="statements")
    method = models.CharField(max_length=10, choices=Destruction.Method)
    technique = models.TextField(blank=True)
    what = models.TextField()
    copies = models.PositiveIntegerField()
    backups = models.TextField()
    verified = models.TextField(blank=True)
    destroyed_on = models.DateField()
    destroyed_by = models.CharField(max_length=160, blank=True)
    confirmed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    certificate = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejected_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("confirmed_at", "id")
        constraints = [both_or_neither("statement_rejected_pair", "rejected_at", "rejected_by")]

    def __str__(self) -> str:
        return f"Statement about {self.destruction.subject}"

    @property
    def particulars(self) -> list[tuple[str, str]]:
        """What was said beyond what must be: how, verified how, by whom."""
        said = [("Technique and tool", self.technique), ("Verified", self.verified), ("Done by", self.destroyed_by)]
        return [(title, value) for title, value in said if value]
