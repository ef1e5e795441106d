"""People, their dated roles, and what makes them fit to open confidential data."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q

from requests_app.states import Role

ROLE_CHOICES = [(role.value, role.label) for role in Role if role is not Role.SYSTEM]


class Employment(models.TextChoices):
    """Kinds of employment; the instructions exclude the last two."""

    EMPLOYEE = "employee", "Employee"
    CONTRACTOR = "contractor", "Contractor under the agency's supervision"
    IPA_ASSIGNEE = "ipa_assignee", "Intergovernmental Personnel Act assignee"
    DETAILEE = "detailee", "Temporary detailee"


class PersonManager(BaseUserManager["Person"]):
    """Accounts are made by BLS; nobody registers."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        """A person with `email` as the sign-in name; without a password nobody can sign in as them yet."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone at a state agency or at BLS."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    agency = models.ForeignKey("requests_app.Agency", on_delete=models.PROTECT, related_name="people")
    employment = models.CharField(max_length=20, choices=Employment, default=Employment.EMPLOYEE)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A role a person holds at their agency, from a day to a day, and who gave it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="membership_dates_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {Role(self.role).label}"


class AgentAgreement(models.Model):
    """A signed agent agreement or employee oath; revocable at once, never deleted."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agreements")
    text_version = models.CharField(max_length=40)
    text_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    ends_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="agreement_revoked_pair",
            )
        ]

    def __str__(self) -> str:
        return f"Agreement of {self.person}, {self.text_version}"


class Training(models.Model):
    """Confidentiality training; it counts for one year from the day it was completed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    completed_on = models.DateField()

    def __str__(self) -> str:
        return f"Training of {self.person} on {self.completed_on}"
