"""Who has looked at what the edits found in a load (schema `workflow`)."""

from django.db import models

from requests_app.models import Person


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
