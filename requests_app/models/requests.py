"""The request, the sections of its form, the people named on it, and the decisions taken about it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Right
from guardian.models import UserObjectPermissionBase

from requests_app.models.partners import Agency
from requests_app.models.people import Person
from requests_app.states import Kind, State


class DataRequest(models.Model):
    """One request for a package, from draft to destruction. `state` changes only in `services.workflow`."""

    number = models.CharField(max_length=14, unique=True)
    kind = models.CharField(max_length=20, choices=[(k.value, k.label) for k in Kind], blank=True)
    title = models.CharField(max_length=200, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="requests")
    coordinator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="coordinated_requests")
    state = models.CharField(max_length=30, choices=[(s.value, s.label) for s in State], default=State.DRAFT)
    suspended_reason = models.TextField(blank=True)
    # The destruction date an amendment agreed on, in place of the form's, which stays as it was signed.
    destruction_on_amended = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        permissions = [("work_on", "Is on the request's team")]
        indexes = [
            models.Index(fields=["state", "state_since"]),
            models.Index(fields=["agency", "state"]),
            models.Index(fields=["created_at"], name="request_by_age"),
            models.Index(fields=["agency", "created_at"], name="request_by_agency_and_age"),
            models.Index(fields=["state", "created_at"], name="request_by_state_and_age"),
            # what people search by: selectors.search
            models.Index(Right("number", 6), name="request_by_serial"),
            GinIndex(SearchVector("title", config="english"), name="request_by_title_words"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status(self) -> State:
        """The state as the enum."""
        return State(self.state)


class DataRequestUserObjectPermission(UserObjectPermissionBase):
    """guardian's direct-FK permissions on a request: its team, projected from the agents named on the form."""

    content_object = models.ForeignKey(DataRequest, on_delete=models.CASCADE)


class FormSection(models.Model):
    """One section of the form, saved by itself; `version` finds two people saving over each other."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="sections")
    name = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "name"], name="one_section_of_a_name")]

    def __str__(self) -> str:
        return f"{self.request}: {self.name}"


class SectionVersion(models.Model):
    """A section as it was once saved: kept, so that two people's answers can be merged and versions compared.

    `page` is the page it was typed on, `turn` which of its saves this was, and `seen` what that page shows since: the
    base of its next save.
    """

    section = models.ForeignKey(FormSection, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    data = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    page = models.CharField(max_length=32, blank=True)
    turn = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("version",)
        constraints = [models.UniqueConstraint(fields=["section", "version"], name="one_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.section}, version {self.version}"


class SignedForm(models.Model):
    """The whole form as it was signed, with the people named on it then; a request signed again has another."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="signed_forms")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=[(k.value, k.label) for k in Kind])
    answers = models.JSONField()
    agents = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="one_signed_form_of_a_number")]

    def __str__(self) -> str:
        return f"{self.request}, signed form {self.number}"


class RequestAgent(models.Model):
    """A person the coordinator named on the request; may upload where that was delegated."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="agents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agent_of")
    may_upload = models.BooleanField(default=False)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person"], condition=models.Q(removed_at__isnull=True), name="agent_named_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.request}"


class Decision(models.Model):
    """What someone decided about a request: kept for good, never changed."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="decisions")
    transition = models.CharField(max_length=40)
    from_state = models.CharField(max_length=30)
    to_state = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decisions", null=True)

    class Meta:
        ordering = ("decided_at", "id")

    def __str__(self) -> str:
        return f"{self.request}: {self.transition}"
