"""How good a load is: one row of counts that pages may show, and the records and accounts that the edits flagged."""

from django.db import models


class LoadQuality(models.Model):
    """What the edits found in one load. Counts, sums and line numbers only; the flagged themselves are in `wages`.

    `edits` counts records (or units) by code, `account_edits` accounts by code, `places` records by how their place is
    known. A figure of another load that is not held is null, never zero.
    """

    load_id = models.IntegerField(primary_key=True)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    kind = models.CharField(max_length=14)
    version = models.SmallIntegerField()
    rows = models.BigIntegerField()
    rejected = models.BigIntegerField()
    rejects = models.JSONField(default=dict)
    reject_lines = models.JSONField(default=dict)
    unmatchable = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(null=True)
    accounts = models.BigIntegerField()
    units = models.BigIntegerField()
    employment = models.BigIntegerField(null=True)
    total_wages = models.BigIntegerField()
    missing_hours = models.BigIntegerField(null=True)
    missing_weeks = models.BigIntegerField(null=True)
    without_unit = models.BigIntegerField(null=True)
    without_ein = models.BigIntegerField(null=True)
    imputed_months = models.BigIntegerField(null=True)
    edits = models.JSONField(default=dict)
    account_edits = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    rules = models.JSONField(default=dict)
    rows_quarter_before = models.BigIntegerField(null=True)
    wages_quarter_before = models.BigIntegerField(null=True)
    rows_year_before = models.BigIntegerField(null=True)
    wages_year_before = models.BigIntegerField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        db_table = '"summaries"."load_quality"'
        indexes = [models.Index(fields=["state", "quarter", "kind"], name="load_quality_by_state")]

    def __str__(self) -> str:
        return f"Quality of {self.kind} {self.state} {self.quarter} version {self.version}"


class PublishedComparison(models.Model):
    """One load's totals of one ownership beside published QCEW of the same state and quarter.

    `published` is null where BLS withholds the figure or the file is not loaded; `disclosure_code` tells which
    (empty, N or -; null: no such row).
    """

    pk = models.CompositePrimaryKey("load_id", "ownership", "measure")
    load_id = models.IntegerField()
    ownership = models.CharField(max_length=1)
    measure = models.CharField(max_length=14)
    loaded = models.DecimalField(max_digits=20, decimal_places=1)
    published = models.DecimalField(max_digits=20, decimal_places=1, null=True)
    disclosure_code = models.CharField(max_length=1, null=True)  # noqa: DJ001  empty is a code: published

    class Meta:
        db_table = '"summaries"."published_comparison"'

    def __str__(self) -> str:
        return f"{self.measure} of ownership {self.ownership} in load {self.load_id}"


class PinStep(models.TextChoices):
    """What was made from the holdings."""

    MATCH = "match", "The match"
    TABLES = "tables", "The tables"


class PinnedLoad(models.Model):
    """One version of one holding that a match, or the tables of a package, were made from.

    Rows of one run share `pinned_at`; a later run adds its own and the earlier ones stay. State, quarter, kind and
    version stand here too, so that a pin speaks after the load was dropped. `replaced_at`: when another version took
    its place, or it was undone; `told_at`: when the people concerned were told of that.
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
    replaced_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"summaries"."pinned_load"'
        ordering = ("pinned_at", "state", "quarter", "kind")
        constraints = [
            models.UniqueConstraint(
                fields=["request_number", "step", "pinned_at", "load_id"], name="load_pinned_once_a_run"
            )
        ]
        indexes = [
            models.Index(fields=["load_id"], name="pinned_load_by_load"),
            models.Index(
                fields=["replaced_at"], name="pin_replaced_not_told",
                condition=models.Q(replaced_at__isnull=False, told_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.request_number} used {self.kind} {self.state} {self.quarter} version {self.version}"


class RecordFlag(models.Model):
    """A wage record that an edit flagged; `number` runs within the load. Unmatchable records are person 0 already."""

    pk = models.CompositePrimaryKey("load_id", "number")
    load_id = models.IntegerField()
    number = models.IntegerField()
    person_id = models.IntegerField()
    unit_id = models.IntegerField()
    wages = models.IntegerField()
    edit = models.CharField(max_length=20)

    class Meta:
        db_table = '"wages"."record_flag"'

    def __str__(self) -> str:
        return f"{self.edit} in load {self.load_id}"


class AccountFlag(models.Model):
    """An account, or one unit of it (`run` not empty), that an edit flagged, with the two figures compared."""

    pk = models.CompositePrimaryKey("load_id", "edit", "uin", "run")
    load_id = models.IntegerField()
    edit = models.CharField(max_length=24)
    uin = models.CharField(max_length=10)
    run = models.CharField(max_length=5, blank=True)
    loaded = models.BigIntegerField(null=True)
    compared = models.BigIntegerField(null=True)

    class Meta:
        db_table = '"wages"."account_flag"'

    def __str__(self) -> str:
        return f"{self.edit} in load {self.load_id}"
