"""The outbox of notices: written in the transaction that causes them, sent by the worker, visible to staff."""

from django.db import models

from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class Notice(models.Model):
    """One line to one person: what happened and a link, never anything confidential.

    About a request, or where `request` is empty about what `path` (a page of the site) shows.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    path = models.CharField(max_length=200, blank=True)
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
