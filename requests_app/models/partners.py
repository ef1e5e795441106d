"""State agencies, their Memoranda of Understanding, and the coordinators named in Section II.G."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from guardian.models import UserObjectPermissionBase


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


class Mou(models.Model):
    """A Wage Records MOU between BLS and a state agency, with the terms the application acts on."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="mous")
    effective_on = models.DateField()
    ends_on = models.DateField()
    gate_place = models.CharField(max_length=20, choices=GatePlace, default=GatePlace.BEFORE_RELEASE)
    consent_by_lapse = models.BooleanField(default=False)
    permits_establishment_tables = models.BooleanField(default=False)
    security_provisions_attested_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("effective_on")), name="mou_dates_in_order")]

    def __str__(self) -> str:
        return f"MOU of {self.agency} from {self.effective_on} to {self.ends_on}"

    def in_force(self, today: date) -> bool:
        """True from the effective date to the end date, both included."""
        return self.effective_on <= today <= self.ends_on


class MouCoordinator(models.Model):
    """One line of the MOU's dated Section II.G list."""

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="coordinators")
    person = models.ForeignKey("requests_app.Person", on_delete=models.PROTECT, related_name="section_ii_g_lines")
    listed_from = models.DateField()
    listed_until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} in Section II.G of {self.mou}"
