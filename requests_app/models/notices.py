"""The outbox of notices: written in the transaction that causes them, sent by the worker, visible to staff."""

from django.db import models
from django.db.models import Q

from requests_app.models.people import Person
from requests_app.models.requests import DataRequest


class NoticeKind(models.TextChoices):
    """What a notice is about; each person chooses how they hear of it, but for alerts."""

    WORK = "work", "Work that waits for you"
    REMINDER = "reminder", "Reminders and deadlines"
    TALK = "talk", "Questions and answers"
    NEWS = "news", "What became of requests, people and partners"
    ALERT = "alert", "Incidents and suspensions"


class Way(models.TextChoices):
    """How a person hears of something; on the site it stands always."""

    AT_ONCE = "at_once", "An email at once"
    DAILY = "daily", "One email each business day, with all of them"
    HERE = "here", "Only here, no email"


class NoticeChoice(models.Model):
    """How a person wants to hear of one kind; what is not chosen comes by email at once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notice_choices")
    kind = models.CharField(max_length=10, choices=NoticeKind)
    way = models.CharField(max_length=10, choices=Way)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_choice_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.way}"


class Notice(models.Model):
    """One line to one person: what happened and a link, never anything confidential.

    About a request, or where `request` is empty about what `path` (a page of the site) shows. Without a person it is
    the program mailbox's copy. `is_mailed`: by email too, in the day's one mail where `is_daily`.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    to_mailbox = models.BooleanField(default=False)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="notices", null=True, blank=True)
    path = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=NoticeKind, default=NoticeKind.NEWS)
    text = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    is_mailed = models.BooleanField(default=True)
    is_daily = models.BooleanField(default=False)
    emailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=80, blank=True)
    not_before = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, to_mailbox=False) | Q(person__isnull=True, to_mailbox=True),
                name="notice_to_a_person_or_the_mailbox",
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(emailed_at__isnull=True, is_mailed=True), name="notice_to_send"
            ),
            models.Index(fields=["person", "created_at"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def address(self) -> str:
        """The page it leads to."""
        return f"/requests/{self.request.number}/" if self.request else self.path
