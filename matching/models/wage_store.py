"""Tables of the wage store: schemas ``vault`` (tokens), ``wages`` (records) and ``summaries`` (what pages may show).

Mass data is written and read by SQL in ``matching/sql``; these classes give the tables their shape and their names.
"""

from django.db import models


class Kind(models.TextChoices):
    """The two kinds of file a Data Steward loads."""

    WAGE_RECORDS = "wage_records", "Wage records"
    ESTABLISHMENTS = "establishments", "Establishments"


class Status(models.TextChoices):
    """Where a load stands; of one state, quarter and kind at most one is visible."""

    LOADING = "loading", "Loading"
    VISIBLE = "visible", "Visible"
    SUPERSEDED = "superseded", "Replaced by a later version"
    UNDONE = "undone", "Undone"
    DROPPED = "dropped", "Dropped: its records are gone"


class VaultKey(models.Model):
    """A version of the SSN key: the world it serves and a fingerprint, to refuse a wrong key before it does harm.

    One version is live: from `live_from` until it is retired. `rewritten_to` tells of the next one, up to which person
    the vault beside holds a token under it.
    """

    version = models.SmallIntegerField(primary_key=True)
    world = models.CharField(max_length=8)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    rewritten_to = models.IntegerField(default=0)
    live_from = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"vault"."key"'
        constraints = [
            models.UniqueConstraint(
                fields=["world"],
                condition=models.Q(live_from__isnull=False, retired_at__isnull=True),
                name="vault_key_live_once",
            ),
        ]

    def __str__(self) -> str:
        return f"SSN key {self.version}"


class VaultPerson(models.Model):
    """The encrypted token of an SSN and the small number that stands for the person everywhere else."""

    person_id = models.IntegerField(primary_key=True)
    token = models.UUIDField(unique=True)
    key_version = models.SmallIntegerField()

    class Meta:
        db_table = '"vault"."person"'

    def __str__(self) -> str:
        return "a person of the vault"


class Load(models.Model):
    """One file loaded: state, quarter, kind, version; its counts and, by code, what was rejected.

    The units of wage records are numbered `first_unit` to `last_unit`, and so is the partition that holds the records.
    """

    id = models.IntegerField(primary_key=True)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    kind = models.CharField(max_length=14, choices=Kind.choices)
    version = models.SmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices)
    file_sha256 = models.CharField(max_length=64)
    file_bytes = models.BigIntegerField(default=0)
    layout = models.CharField(max_length=14)
    first_unit = models.IntegerField(null=True)
    last_unit = models.IntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    rejects = models.JSONField(default=dict)
    reject_lines = models.JSONField(default=dict)
    unmatchable = models.BigIntegerField(default=0)
    total_wages = models.BigIntegerField(default=0)
    final = models.BooleanField(default=False)
    loaded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"wages"."load"'
        constraints = [
            models.UniqueConstraint(fields=["state", "quarter", "kind", "version"], name="load_version_once"),
            models.UniqueConstraint(
                fields=["state", "quarter", "kind"], condition=models.Q(status="visible"), name="load_visible_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.quarter} version {self.version}"


class Establishment(models.Model):
    """A reporting unit of the QCEW micro file, as loaded. MEEI 2 (master) is kept and never added to its units."""

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(Load, models.PROTECT, db_index=False, db_constraint=False)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    uin = models.CharField(max_length=10)
    run = models.CharField(max_length=5)
    ein = models.CharField(max_length=9)
    naics = models.CharField(max_length=6)
    naics_vintage = models.CharField(max_length=4)
    county = models.CharField(max_length=3)
    ownership = models.CharField(max_length=1)
    meei = models.CharField(max_length=1)
    month1 = models.IntegerField()
    month1_flag = models.CharField(max_length=1)
    month2 = models.IntegerField()
    month2_flag = models.CharField(max_length=1)
    month3 = models.IntegerField()
    month3_flag = models.CharField(max_length=1)
    total_wages = models.BigIntegerField()
    taxable_wages = models.BigIntegerField()
    contributions = models.BigIntegerField()
    predecessor_uin = models.CharField(max_length=10)
    predecessor_run = models.CharField(max_length=5)
    successor_uin = models.CharField(max_length=10)
    successor_run = models.CharField(max_length=5)

    class Meta:
        db_table = '"wages"."establishment"'
        indexes = [models.Index(fields=["load", "uin", "run"], name="establishment_by_account")]

    def __str__(self) -> str:
        return f"establishment {self.pk}"


class Unit(models.Model):
    """An employer's unit in a quarter as wage records name it; ids run in (UIN, RUN, EIN) order within a load.

    Place (county, ownership) and dominant NAICS follow from the visible establishment load (sql/unit_rules.sql); until
    there is one they are null and the sources say so. The sums are of its records: persons, records, wages, and the
    wages of the person with most and with second most (null: one person only). Each record of a person who cannot be
    matched counts as a person of its own.
    """

    unit_id = models.IntegerField(primary_key=True)
    load = models.ForeignKey(Load, models.PROTECT, db_index=False, db_constraint=False)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    uin = models.CharField(max_length=10)
    run = models.CharField(max_length=5)
    ein = models.CharField(max_length=9)
    county = models.CharField(max_length=3, null=True)  # noqa: DJ001  no place is not an empty place
    county_share = models.FloatField(null=True)
    ownership = models.CharField(max_length=1, null=True)  # noqa: DJ001
    place_source = models.CharField(max_length=14, default="none")
    naics = models.CharField(max_length=6, default="999999")
    naics_share = models.FloatField(null=True)
    naics_units = models.IntegerField(default=0)
    naics_vintage = models.CharField(max_length=4, default="")
    naics_source = models.CharField(max_length=14, default="none")
    rule_version = models.SmallIntegerField(default=1)
    persons = models.IntegerField()
    jobs = models.IntegerField()
    wages = models.BigIntegerField()
    largest_wages = models.BigIntegerField()
    second_wages = models.BigIntegerField(null=True)

    class Meta:
        db_table = '"wages"."unit"'
        indexes = [models.Index(fields=["load", "uin"], name="unit_by_account")]

    def __str__(self) -> str:
        return f"unit {self.pk}"


class WageRecord(models.Model):
    """One record; the partition of its load is found by its unit. person_id 0 is a person who cannot be matched."""

    pk = models.CompositePrimaryKey("person_id", "unit_id")
    person_id = models.IntegerField()
    unit_id = models.IntegerField()
    wages = models.IntegerField()
    hours = models.SmallIntegerField(null=True)
    weeks = models.SmallIntegerField(null=True)

    class Meta:
        managed = False
        db_table = '"wages"."wage_record"'

    def __str__(self) -> str:
        return "a wage record"


class Segment(models.Model):
    """A file below `SEGMENT_ROOT` made from these tables for the match; what is not named here is swept away.

    Of one load: its records, the rows of each person, the text of its units. Of one version of the vault: tokens of
    `first_person` to `last_person`, and where each beginning of a token starts.
    """

    class Kind(models.TextChoices):
        RECORDS = "records", "Records sorted by person"
        PERSON_ROWS = "person_rows", "First row of each person"
        UNITS = "units", "Units as text"
        VAULT = "vault", "Tokens and persons"
        VAULT_STARTS = "vault_starts", "Where tokens begin"

    name = models.CharField(primary_key=True, max_length=100)
    kind = models.CharField(max_length=12, choices=Kind)
    load = models.ForeignKey(Load, models.PROTECT, null=True)
    key_version = models.SmallIntegerField(null=True)
    first_person = models.IntegerField(null=True)
    last_person = models.IntegerField(null=True)
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = '"wages"."segment"'
        constraints = [
            models.UniqueConstraint(fields=["load", "kind"], name="segment_once_a_load"),
            models.UniqueConstraint(fields=["key_version", "first_person", "kind"], name="segment_once_a_vault_range"),
        ]

    def __str__(self) -> str:
        return self.name


class EmployerQuarter(models.Model):
    """Kept sums per unit as tables want them: a view of `wages.unit` with its enterprise, area and ownership."""

    unit_id = models.IntegerField(primary_key=True)
    load = models.ForeignKey(Load, models.DO_NOTHING)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    uin = models.CharField(max_length=10)
    run = models.CharField(max_length=5)
    ein = models.CharField(max_length=9)
    enterprise = models.CharField(max_length=12)
    area = models.CharField(max_length=5)
    naics = models.CharField(max_length=6)
    ownership = models.CharField(max_length=1)
    persons = models.IntegerField()
    jobs = models.IntegerField()
    wages = models.BigIntegerField()
    largest_wages = models.BigIntegerField()
    second_wages = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = '"wages"."employer_quarter"'

    def __str__(self) -> str:
        return f"employer quarter {self.pk}"


class Holding(models.Model):
    """What is held of a state, quarter and kind: the line that pages show; one per load."""

    load_id = models.IntegerField(primary_key=True)
    state = models.CharField(max_length=2)
    quarter = models.IntegerField()
    kind = models.CharField(max_length=14, choices=Kind.choices)
    version = models.SmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices)
    rows = models.BigIntegerField()
    rejected = models.BigIntegerField()
    unmatchable = models.BigIntegerField()
    loaded_at = models.DateTimeField()
    release_date = models.DateField(null=True)
    final = models.BooleanField(default=False)

    class Meta:
        db_table = '"summaries"."holding"'
        indexes = [models.Index(fields=["state", "quarter", "kind"], name="holding_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.quarter} version {self.version}"

    @property
    def edition(self) -> str:
        """Initial, Revision n, or Final (which BLS says when it loads: `--final`)."""
        if self.final:
            return "Final"
        return "Initial" if self.version == 1 else f"Revision {self.version - 1}"
