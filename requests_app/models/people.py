"""People, their dated roles, and what makes them fit to open confidential data."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q

from requests_app.models.documents import Document
from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.pairs import both_or_neither
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

    public_id = models.CharField(max_length=ULID_LENGTH, unique=True, default=new_ulid, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    agency = models.ForeignKey("requests_app.Agency", on_delete=models.PROTECT, related_name="people")
    employment = models.CharField(max_length=20, choices=Employment, default=Employment.EMPLOYEE)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    # Idle days count from the last of: sign-in, this, joining.
    enabled_at = models.DateTimeField(null=True, blank=True)

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
    """A role a person holds at their agency, from a day to a day, who gave it and who ended it."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # the day before the start: given and taken back at once
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - timedelta(days=1)),
                name="membership_dates_in_order",
            ),
            both_or_neither("membership_ended_pair", "ended_at", "ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {Role(self.role).label}"


class Recertification(models.Model):
    """BLS looked at a membership and found it still needed; asked for every year."""

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="recertifications")
    certified_at = models.DateTimeField()
    certified_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.membership}, looked at {self.certified_at:%Y-%m-%d}"


class AgentAgreement(models.Model):
    """An agent agreement (at BLS: the employee's oath): nominated, signed for BLS, CIPSEA read, signed, filed.

    In force from filing to its end; revocable at once. The duties it names go on after the end. Never deleted.
    """

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agreements")
    text_version = models.CharField(max_length=40)
    text_sha256 = models.CharField(max_length=64)
    nominated_at = models.DateTimeField()
    nominated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    official_signed_at = models.DateTimeField(null=True, blank=True)
    official_signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cipsea_read_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_name = models.CharField(max_length=120, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    revoked_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            both_or_neither("agreement_official_signed_pair", "official_signed_at", "official_signed_by"),
            both_or_neither("agreement_filed_pair", "filed_at", "filed_by"),
            both_or_neither("agreement_revoked_pair", "revoked_at", "revoked_by"),
            models.CheckConstraint(
                condition=(Q(official_signed_at__isnull=False) | Q(cipsea_read_at__isnull=True))
                & (Q(cipsea_read_at__isnull=False) | Q(signed_at__isnull=True))
                & (Q(signed_at__isnull=False) | Q(filed_at__isnull=True)),
                name="agreement_steps_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement of {self.person}, {self.text_version}"


class Training(models.Model):
    """Confidentiality training with its evidence; counts once BLS accepted it, until its first anniversary."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    completed_on = models.DateField()
    evidence = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [both_or_neither("training_accepted_pair", "accepted_at", "accepted_by")]

    def __str__(self) -> str:
        return f"Training of {self.person} on {self.completed_on}"


class Separation(models.Model):
    """Notice that a person leaves or left: access ends with the last day; the agreement's duties do not."""

    class Why(models.TextChoices):
        """What the notice says."""

        LEFT = "left", "Left the agency"
        REASSIGNED = "reassigned", "Reassigned; no longer needs access"
        CHANGED_STATUS = "changed_status", "Changed employment status"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="separations")
    last_day = models.DateField()
    why = models.CharField(max_length=20, choices=Why)
    notified_at = models.DateTimeField()
    notified_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [both_or_neither("separation_withdrawn_pair", "withdrawn_at", "withdrawn_by")]

    def __str__(self) -> str:
        return f"Separation of {self.person} on {self.last_day}"


class PreReleaseListing(models.Model):
    """A line of the dated list of who may use a quarter before its official release; certified anew every year."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pre_release_listings")
    listed_from = models.DateField()
    listed_until = models.DateField(null=True, blank=True)
    certified_on = models.DateField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.person} on the pre-release list from {self.listed_from}"


class ApiToken(models.Model):
    """A named person's key to the API: only its hash is kept; it ends by itself."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [both_or_neither("token_revoked_pair", "revoked_at", "revoked_by")]

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"
