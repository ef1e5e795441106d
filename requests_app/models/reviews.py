"""A state's review of another state's output: its answer, its deadline, its questions, and what it said in advance."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.packages import Package
from requests_app.models.pairs import both_or_neither
from requests_app.models.partners import Agency
from requests_app.models.people import Person
from requests_app.models.requests import DataRequest

OF_ONE_REVIEW = Q(review__isnull=False, output_review__isnull=True) | Q(review=None, output_review__isnull=False)


class StandingConsent(models.Model):
    """One state's agreement in advance to one kind of output, for a time; it is ended, never changed.

    It answers the reviews it covers when they are asked for; every such use is told and stands in the register.
    """

    class Covers(models.TextChoices):
        """The kinds of output, from the coarsest; what each takes in is said by `services.reviews.consents`."""

        MACRO_STATE = "macro_state", "Macro tables for whole states, without counties"
        MACRO = "macro", "Macro tables, with counties too"
        MICRO_TO_MACRO = "micro_to_macro", "Tables about people a state followed (micro to macro)"
        OUTPUT = "output", "Tables a state made itself from individual records"

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="standing_consents")
    covers = models.CharField(max_length=20, choices=Covers)
    starts_on = models.DateField()
    ends_on = models.DateField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ("-given_at",)
        constraints = [
            both_or_neither("consent_ended_pair", "ended_at", "ended_by"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="consent_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.get_covers_display()}"


class StateReview(models.Model):
    """One state's review of exact bytes, whatever they are of. An answer is final; an objection may be withdrawn, once.

    `EVENTS` begins the kinds of its events and names its clock; `COLUMN` is what extensions and messages call it by.
    """

    class Verdict(models.TextChoices):
        """What a reviewer answered; empty while open."""

        OPEN = "", "Waiting for an answer"
        NO_OBJECTION = "no_objection", "No objection"
        OBJECTION = "objection", "Objection"
        CONSENT_BY_LAPSE = "consent_by_lapse", "Consent by lapse of the deadline"
        STANDING_CONSENT = "standing_consent", "Consent given in advance"

    AGREES = (Verdict.NO_OBJECTION, Verdict.CONSENT_BY_LAPSE, Verdict.STANDING_CONSENT)
    EVENTS: ClassVar[str]
    COLUMN: ClassVar[str]

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    due_on = models.DateField()
    asked_at = models.DateTimeField()
    # when that deadline was set: reminders count from then (services/reviews/deadlines.py)
    due_since = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=20, choices=Verdict, default=Verdict.OPEN, blank=True)
    reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def agrees(self) -> bool:
        """The state lets these bytes go: it said so, before or now, or withdrew its objection."""
        return self.verdict in self.AGREES or self.withdrawn_at is not None

    @property
    def stands_against(self) -> bool:
        """The state objects, and has not withdrawn that."""
        return self.verdict == self.Verdict.OBJECTION and self.withdrawn_at is None


class PartnerReview(StateReview):
    """One state's review of one package's exact bytes."""

    EVENTS, COLUMN = "partner_review", "review"

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="partner_reviews")
    # the package's own, kept by a foreign key on both: each list of a reviewing state asks for it
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="partner_reviews", editable=False)
    package_sha256 = models.CharField(max_length=64)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="partner_reviews", db_index=False)
    cells = models.JSONField(default=list)
    consent = models.ForeignKey(StandingConsent, on_delete=models.PROTECT, related_name="uses", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "agency"], name="one_review_a_state"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, verdict="") | Q(answered_at__isnull=False) & ~Q(verdict=""),
                name="review_answered_pair",
            ),
            both_or_neither("review_withdrawn_pair", "withdrawn_at", "withdrawn_by"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(verdict="objection") & ~Q(withdrawn_why=""),
                name="only_objections_are_withdrawn",
            ),
        ]
        indexes = [
            # what an agency is still asked: a few of the many it has answered
            models.Index(fields=["agency"], condition=Q(verdict=""), name="review_open_by_agency"),
            models.Index(fields=["due_on"], condition=Q(verdict=""), name="review_open_by_deadline"),
            models.Index(fields=["package"], condition=Q(verdict="objection"), name="review_objection"),
            models.Index(fields=["agency", "request"], name="review_by_agency_and_request"),
            # the list of what a state answered, the newest first
            models.Index(fields=["agency", "-answered_at"], condition=~Q(verdict=""), name="review_answered_by_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.agency} on {self.package}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A review is of its package's request."""
        self.request_id = self.package.request_id
        super().save(*args, **kwargs)

    @property
    def sha256(self) -> str:
        """The hash of the bytes that are reviewed."""
        return self.package_sha256

    @property
    def page(self) -> str:
        """The state's own page of this review."""
        return f"/reviews/{self.pk}/"

    @property
    def what(self) -> str:
        """What is reviewed, in words."""
        return f"package {self.package.version}"


class ReviewExtension(models.Model):
    """More time for one state's review, given by BLS with a reason."""

    review = models.ForeignKey(
        PartnerReview, on_delete=models.PROTECT, related_name="extensions", null=True, blank=True
    )
    output_review = models.ForeignKey(
        "requests_app.OutputReview", on_delete=models.PROTECT, related_name="extensions", null=True, blank=True
    )
    from_due = models.DateField()
    to_due = models.DateField()
    reason = models.TextField()
    extended_at = models.DateTimeField()
    extended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("extended_at",)
        constraints = [
            models.CheckConstraint(condition=Q(to_due__gt=F("from_due")), name="extension_gives_time"),
            models.CheckConstraint(condition=OF_ONE_REVIEW, name="extension_of_one_review"),
        ]

    def __str__(self) -> str:
        return f"{self.review or self.output_review} until {self.to_due}"


class ReviewMessage(models.Model):
    """A question of a reviewing state to BLS, or BLS's answer. It moves nothing, and no other state reads it."""

    review = models.ForeignKey(PartnerReview, on_delete=models.PROTECT, related_name="messages", null=True, blank=True)
    output_review = models.ForeignKey(
        "requests_app.OutputReview", on_delete=models.PROTECT, related_name="messages", null=True, blank=True
    )
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("written_at", "id")
        constraints = [models.CheckConstraint(condition=OF_ONE_REVIEW, name="message_on_one_review")]

    def __str__(self) -> str:
        return f"On {self.review or self.output_review}, {self.written_at:%Y-%m-%d}"
