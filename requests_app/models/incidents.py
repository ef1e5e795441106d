"""Suspected breaches and legal demands: reported at once, followed by the written report, evidence and a timeline."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from requests_app.models.documents import Document
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
from requests_app.models.partners import Agency
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Incident(models.Model):
    """What was reported, at once and with what was known. Only BLS closes it, and only BLS lifts what it suspended."""

    class Kind(models.TextChoices):
        """What happened."""

        BREACH = "breach", "A suspected breach of confidentiality"
        LEGAL_DEMAND = "legal_demand", "A legal demand for the data, for instance a subpoena"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.BREACH)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="incidents", null=True, blank=True)
    # whose records, or whose copy of them, it is about: told at once where it happened at BLS
    concerned = models.ManyToManyField(Agency, related_name="incidents", blank=True)
    what_is_known = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    report_due_at = models.DateTimeField()
    evidence_due_at = models.DateTimeField(default=timezone.now)
    late_told_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("-reported_at",)
        constraints = [
            both_or_neither("incident_closed_pair", "closed_at", "closed_by"),
            models.CheckConstraint(condition=Q(closed_at__isnull=True) | ~Q(outcome=""), name="closed_with_an_outcome"),
        ]

    def __str__(self) -> str:
        return f"Incident reported {self.reported_at:%Y-%m-%d}"


class IncidentReport(models.Model):
    """The written report. A later one adds to those before; none is changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    happened = models.TextField()
    discovered = models.TextField()
    data = models.TextField()
    people = models.TextField()
    contained = models.TextField()
    corrected = models.TextField()
    contact = models.TextField()
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("submitted_at", "id")

    def __str__(self) -> str:
        return f"Report on {self.incident}"


class IncidentEntry(models.Model):
    """One line of an incident's timeline, with a paper where there is one."""

    class Kind(models.TextChoices):
        """What it is; inspections and notices are BLS's."""

        NOTE = "note", "Note"
        EVIDENCE = "evidence", "Evidence"
        CORRECTION = "correction", "Corrective action"
        INSPECTION = "inspection", "Record of an inspection"
        NOTICE = "notice", "Notice to a state"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    happened_on = models.DateField()
    text = models.TextField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("added_at", "id")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.incident}"
