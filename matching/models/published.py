"""Published QCEW as BLS prints it: public tables. A withheld cell keeps its code N beside the zeros that BLS prints.

Four things stay apart: a published zero (code empty, 0), withheld (N, 0), no establishment (-, 0), and a column that
the file leaves empty or does not have (null). Decimals keep the digits they were printed with.
"""

from django.db import models


class PublishedFile(models.Model):
    """One file of published QCEW that was loaded; `rows_in_force` of its rows were not replaced by a later file."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    scope = models.CharField(max_length=8)
    frequency = models.CharField(max_length=9)
    rows = models.BigIntegerField()
    rows_in_force = models.BigIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = '"summaries"."published_file"'
        indexes = [models.Index(fields=["sha256"], name="published_file_by_sha256")]

    def __str__(self) -> str:
        return f"published QCEW file {self.pk}"


class _Cell(models.Model):
    """The key of a cell and its disclosure code; `agglvl_code` is BLS's level of aggregation."""

    area_fips = models.CharField(max_length=5)
    own_code = models.CharField(max_length=1)
    industry_code = models.CharField(max_length=6)
    agglvl_code = models.CharField(max_length=2)
    size_code = models.CharField(max_length=1)
    year = models.SmallIntegerField()
    qtr = models.CharField(max_length=1)
    disclosure_code = models.CharField(max_length=1, blank=True)
    file_id = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.area_fips} {self.own_code} {self.industry_code} {self.year} {self.qtr}"


class PublishedQuarter(_Cell):
    """A quarterly cell. The table also has every lq_ and oty_ column of the layout (sql of the migration)."""

    pk = models.CompositePrimaryKey("area_fips", "year", "qtr", "industry_code", "own_code", "size_code")
    qtrly_estabs = models.BigIntegerField(null=True)
    month1_emplvl = models.BigIntegerField(null=True)
    month2_emplvl = models.BigIntegerField(null=True)
    month3_emplvl = models.BigIntegerField(null=True)
    total_qtrly_wages = models.BigIntegerField(null=True)
    taxable_qtrly_wages = models.BigIntegerField(null=True)
    qtrly_contributions = models.BigIntegerField(null=True)
    avg_wkly_wage = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = '"summaries"."published_quarter"'


class PublishedYear(_Cell):
    """An annual cell (`qtr` is A); every lq_ and oty_ column is in the table as well."""

    pk = models.CompositePrimaryKey("area_fips", "year", "industry_code", "own_code", "size_code")
    annual_avg_estabs = models.BigIntegerField(null=True)
    annual_avg_emplvl = models.BigIntegerField(null=True)
    total_annual_wages = models.BigIntegerField(null=True)
    taxable_annual_wages = models.BigIntegerField(null=True)
    annual_contributions = models.BigIntegerField(null=True)
    annual_avg_wkly_wage = models.BigIntegerField(null=True)
    avg_annual_pay = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = '"summaries"."published_year"'
