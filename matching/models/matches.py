"""Who was in which cohort, as keyed fingerprints (schema `ledger`, workers only); how cohorts overlap (`summaries`).

A fingerprint is a person's number under a key that is a file of the worker's: it tells that two cohorts hold the same
person, and nothing else. It is still personal data (docs/adr/0016).
"""

from django.db import models


class PersonSet(models.Model):
    """The fingerprints of a set of persons, sorted, eight bytes each; the same persons are kept once."""

    digest = models.CharField(primary_key=True, max_length=64)
    persons = models.BigIntegerField()
    fingerprints = models.BinaryField()

    class Meta:
        db_table = '"ledger"."person_set"'

    def __str__(self) -> str:
        return f"a set of {self.persons} persons"


class CohortPersons(models.Model):
    """The persons of one cohort and quarter of a request: those of its file whom the vault knows."""

    request_number = models.CharField(max_length=14)
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    persons = models.ForeignKey(PersonSet, models.PROTECT, related_name="cohorts")
    kept_at = models.DateTimeField()

    class Meta:
        db_table = '"ledger"."cohort_persons"'
        constraints = [
            models.UniqueConstraint(fields=["request_number", "cohort", "quarter"], name="one_person_set_a_cohort")
        ]

    def __str__(self) -> str:
        return f"persons of {self.request_number} {self.cohort} {self.quarter}"


class CohortOverlap(models.Model):
    """A cohort and quarter, an earlier request's cohort, and how many persons both hold; the quarter of the earlier
    cohort is the one that shares most. For BLS."""

    request_number = models.CharField(max_length=14)
    cohort = models.CharField(max_length=80)
    quarter = models.IntegerField()
    other_number = models.CharField(max_length=14)
    other_cohort = models.CharField(max_length=80)
    other_quarter = models.IntegerField()
    persons = models.BigIntegerField()
    other_persons = models.BigIntegerField()
    shared = models.BigIntegerField()

    class Meta:
        db_table = '"summaries"."cohort_overlap"'
        ordering = ("cohort", "quarter", "-shared", "other_number", "other_cohort")
        constraints = [
            models.UniqueConstraint(
                fields=["request_number", "cohort", "quarter", "other_number", "other_cohort"],
                name="one_overlap_a_pair",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_number} and {self.other_number}"
