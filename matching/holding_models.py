"""What requests used of the holdings (schema `summaries`), and who has looked at a load (schema `workflow`)."""

from django.db import models

from requests_app.models import Person


class PinStep(models.TextChoices):
    """What was made from the holdings."""

    MATCH = "match", "The match"
    TABLES = "tables", "The tables"


class PinnedLoad(models.Model):
    """One version of one holding that a match, or the tables of a package, were made from.

    Rows of one run share `pinned_at`; a later run adds its own and the earlier ones stay. State, quarter, kind and
    version stand here too, so that a pin speaks after the load was dropped.
    """

    request_number = models.CharField(max_length=14)
    step = models.CharField(max_length=6, choices=PinStep)
    package_version = models.PositiveSmallIntegerField(null=True)
    load_id = models.IntegerField()
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    kind = models.CharField(max_length=14)
    version = models.SmallIntegerField()
    pinned_at = models.DateTimeField()

    class Meta:
        db_table = '"summaries"."pinned_load"'
        ordering = ("pinned_at", "state", "quarter", "kind")
        constraints = [
            models.UniqueConstraint(
                fields=["request_number", "step", "pinned_at", "load_id"], name="load_pinned_once_a_run"
            )
        ]
        indexes = [models.Index(fields=["load_id"], name="pinned_load_by_load")]

    def __str__(self) -> str:
        return f"{self.request_number} used {self.kind} {self.state} {self.quarter} version {self.version}"


class LoadLook(models.Model):
    """Somebody looked at what a load's edits found and took note; one line for each time."""

    load_id = models.IntegerField()
    note = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField()
    looked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("looked_at",)
        indexes = [models.Index(fields=["load_id"], name="look_by_load")]

    def __str__(self) -> str:
        return f"Look at load {self.load_id}"
