"""The outbox of notices: written in the transaction that causes them, sent by the worker, visible to staff."""

from django.db import models

from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Notice(models.Model):
    """One line to one person about one request: what happened and a link, never anything confidential."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="notices")
    text = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["emailed_at", "not_before"])]

    def __str__(self) -> str:
        return self.text
