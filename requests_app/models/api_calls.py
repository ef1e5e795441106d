"""Calls of the API that were made under an idempotency key, with what was answered."""

from django.db import models

from requests_app.models.people import Person


class IdempotentCall(models.Model):
    """A call that changed something once: the same call under the same key gets the same answer again."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    call_sha256 = models.CharField(max_length=64)
    status = models.PositiveIntegerField(default=0)
    answer = models.JSONField(default=dict)
    location = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_call_a_key")]

    def __str__(self) -> str:
        return f"call of {self.person} at {self.made_at}"
