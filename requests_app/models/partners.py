"""State agencies, their Memoranda of Understanding, and the coordinators named in Section II.G."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from requests_app.models.documents import Document
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither


class GatePlace(models.TextChoices):
    """Where the partner states' review stands (product.md, "The partner gate")."""

    BEFORE_RELEASE = "before_release", "Before release to the requesting agency"
    BEFORE_SHARING = "before_sharing", "Before output is shared outside the agency"


class Agency(models.Model):
    """A state agency, or BLS itself (no FIPS code)."""

    fips = models.CharField(max_length=2, unique=True, null=True, blank=True)
    postal = models.CharField(max_length=4, unique=True)
    state_name = models.CharField(max_length=60)
    name = models.CharField(max_length=160)

    class Meta:
        ordering = ("state_name",)
        permissions = [("see_requests", "Sees the agency's requests"), ("review_outputs", "Reviews outputs")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_bls(self) -> bool:
        """BLS holds the records; every other agency is a state partner."""
        return self.fips is None


class AgencyUserObjectPermission(UserObjectPermissionBase):
    """guardian's direct-FK permissions on an agency: a projection of dated memberships, which are the truth."""

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)


class AgencyContact(models.Model):
    """Whom BLS calls about an agency's incidents or legal demands; needs no account. Dated, never deleted."""

    class Purpose(models.TextChoices):
        """What the contact is for."""

        INCIDENT = "incident", "Incidents and suspected breaches"
        LEGAL_DEMAND = "legal_demand", "Subpoenas and other legal demands"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="contacts")
    purpose = models.CharField(max_length=20, choices=Purpose)
    name = models.CharField(max_length=120)
    email = models.EmailField()
    phone = models.CharField(max_length=40)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        constraints = [both_or_neither("contact_ended_pair", "ended_at", "ended_by")]

    def __str__(self) -> str:
        return f"{self.name} for {self.agency}"


class Mou(models.Model):
    """A Wage Records MOU between BLS and a state agency, with the terms the application acts on.

    Terms are never edited: an amendment ends the row the day before and starts a new one, so that what held on any
    day can be read. `permitted_activities` are keys of `form.ACTIVITIES`, `delivery_channels` of `channels.CHANNELS`.
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="mous")
    effective_on = models.DateField()
    ends_on = models.DateField()
    permitted_activities = models.JSONField(default=list)
    permits_wage_records = models.BooleanField(default=True)
    permits_establishment_tables = models.BooleanField(default=False)
    gate_place = models.CharField(max_length=20, choices=GatePlace, default=GatePlace.BEFORE_RELEASE)
    review_business_days = models.PositiveSmallIntegerField(default=15)
    consent_by_lapse = models.BooleanField(default=False)
    delivery_channels = models.JSONField(default=list)
    security_provisions_attested_on = models.DateField(null=True, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lapse_recorded_at = models.DateTimeField(null=True, blank=True)
    # The smallest number of days before the end at which somebody was reminded of it.
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # the day before it starts: taken back before it was ever in force
                condition=Q(ends_on__gte=F("effective_on") - timedelta(days=1)),
                name="mou_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"MOU of {self.agency} from {self.effective_on} to {self.ends_on}"

    def in_force(self, today: date) -> bool:
        """True from the effective date to the end date, both included."""
        return self.effective_on <= today <= self.ends_on


class MouCoordinator(models.Model):
    """One line of the MOU's dated Section II.G list, with who follows and whom BLS calls when nobody answers."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="coordinators")
    person = models.ForeignKey("requests_app.Person", on_delete=models.PROTECT, related_name="section_ii_g_lines")
    listed_from = models.DateField()
    listed_until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="successor_lines", null=True, blank=True
    )
    fallback_name = models.CharField(max_length=120, blank=True)
    fallback_email = models.EmailField(blank=True)
    fallback_phone = models.CharField(max_length=40, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "requests_app.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        constraints = [
            both_or_neither("coordinator_line_ended_pair", "ended_at", "ended_by"),
            models.CheckConstraint(
                condition=Q(listed_until__isnull=True) | Q(listed_until__gte=F("listed_from") - timedelta(days=1)),
                name="coordinator_line_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in Section II.G of {self.mou}"


class StatementOfAssurance(models.Model):
    """An agency's yearly Statement of Assurance: signed outside, uploaded by BLS."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="statements")
    year = models.PositiveSmallIntegerField()
    signed_by = models.CharField(max_length=160)
    signed_on = models.DateField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("requests_app.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-year", "-recorded_at")

    def __str__(self) -> str:
        return f"Statement of Assurance of {self.agency} for {self.year}"
