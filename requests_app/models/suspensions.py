"""The suspensions that stop a request until BLS lifts them."""

from django.db import models

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.incidents import Incident
from requests_app.models.people import AgentAgreement, Person
from requests_app.models.requests import DataRequest


class Suspension(models.Model):
    """Why a request is stopped. All open ones together make `DataRequest.suspended_reason`."""

    class Cause(models.TextChoices):
        """What set it; a lapsed MOU's lifts itself on renewal, BLS lifts the others."""

        INCIDENT = "incident", "A reported incident"
        MOU_LAPSED = "mou_lapsed", "A lapsed MOU"
        AGREEMENT_REVOKED = "agreement_revoked", "A revoked agreement"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="suspensions")
    cause = models.CharField(max_length=20, choices=Cause)
    reason = models.TextField()
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="suspensions", null=True, blank=True)
    agreement = models.ForeignKey(AgentAgreement, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    suspended_at = models.DateTimeField()
    suspended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    lifted_why = models.TextField(blank=True)

    class Meta:
        ordering = ("suspended_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=models.Q(cause="mou_lapsed", lifted_at__isnull=True),
                name="one_open_suspension_for_a_lapsed_mou",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.reason}"
