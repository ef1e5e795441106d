"""What the calendar has brought about, once each; and who is away."""

from django.db import models
from django.db.models import F, Q

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.people import Person


class Milestone(models.Model):
    """A moment of a clock that has been told: known by what it is about, which moment, and since when that counts."""

    clock = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    occasion = models.CharField(max_length=20)
    anchor = models.DateTimeField()
    reached_on = models.DateField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "subject", "occasion", "anchor"], name="milestone_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.occasion}"


class Absence(models.Model):
    """A person is away from a day to a day; a stand-in hears what they would hear."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    stand_in = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in", null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    said_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("starts_on",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"{self.person} is away"
