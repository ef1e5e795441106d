"""Papers kept with the record of people and partners: signed statements, agreements, evidence of training."""

from django.db import models

from requests_app.models.ids import ULID_LENGTH, new_ulid


class Document(models.Model):
    """One PDF, kept in the database as it was uploaded. Never wage data: those are sealed files, opened by grant."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    name = models.CharField(max_length=160)
    content = models.BinaryField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    def __str__(self) -> str:
        return self.name
