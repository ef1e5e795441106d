"""Views of lists people saved, and figures that a worker has computed for dashboards."""

from django.db import models

from requests_app.models.ids import ULID_LENGTH, new_ulid
from requests_app.models.people import Person


class SavedView(models.Model):
    """A person's own question to a list, under a name of theirs."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="saved_views")
    page = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["person", "page", "name"], name="one_view_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Figure(models.Model):
    """Figures that take too long for a page: computed by a worker, with the time they are of."""

    name = models.CharField(max_length=30, primary_key=True)
    data = models.JSONField()
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
