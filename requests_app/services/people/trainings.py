"""Yearly confidentiality training: evidence from the person, accepted by somebody else, reminded of before it ends."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import dateformat, timezone

from requests_app.models import Notice, Person, Training
from requests_app.people_policies import check_accept_training, check_record_training
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import documents
from requests_app.standing import training_ends_on
from requests_app.states import Role

# Days before the end, the nearest last.
REMINDERS = (60, 30, 7)


@transaction.atomic
def submit(*, actor: Person, completed_on: date, evidence: "UploadedFile[bytes]") -> Training:
    """The person says when they completed their training, with the evidence; it counts once BLS accepts it."""
    now = timezone.now()
    _check_day(completed_on, timezone.localdate(now))
    paper = documents.store_pdf(evidence, actor=actor)
    training = Training.objects.create(
        person=actor, completed_on=completed_on, evidence=paper, submitted_at=now, submitted_by=actor
    )
    words = f"{actor.name} of {actor.agency.name} has submitted a training. Look at the evidence."
    notices.tell_roles(words, [Role.ADMINISTRATOR], now, path=reverse("person", args=[actor.public_id]))
    detail = {"completed_on": completed_on, "person": actor.pk, **documents.named(paper)}
    events.record("training.submit", actor=actor, subject=f"training {training.pk}", detail=detail, at=now)
    return training


@transaction.atomic
def record(person: Person, *, actor: Person, completed_on: date, evidence: "UploadedFile[bytes]") -> Training:
    """The Administrator records a training with its evidence, which accepts it; never their own."""
    check_record_training(actor, person)
    now = timezone.now()
    _check_day(completed_on, timezone.localdate(now))
    paper = documents.store_pdf(evidence, actor=actor)
    training = Training.objects.create(
        person=person,
        completed_on=completed_on,
        evidence=paper,
        submitted_at=now,
        submitted_by=actor,
        accepted_at=now,
        accepted_by=actor,
    )
    detail = {"completed_on": completed_on, "person": person.pk, **documents.named(paper)}
    events.record("training.record", actor=actor, subject=f"training {training.pk}", detail=detail, at=now)
    return training


@transaction.atomic
def accept(training: Training, *, actor: Person) -> None:
    """The evidence was looked at: the training counts until its first anniversary."""
    check_accept_training(actor, training)
    locked = Training.objects.select_for_update(of=("self",)).select_related("person").get(pk=training.pk)
    if locked.accepted_at:
        raise Conflict("This training was accepted already.")
    now = timezone.now()
    locked.accepted_at, locked.accepted_by = now, actor
    locked.save(update_fields=["accepted_at", "accepted_by"])
    words = f"Your training was accepted. It counts until {_words(training_ends_on(locked.completed_on))}."
    notices.tell_person(locked.person, words, now, path=reverse("my_standing"))
    detail = {"person": locked.person_id}
    events.record("training.accept", actor=actor, subject=f"training {locked.pk}", detail=detail, at=now)


def _check_day(completed_on: date, today: date) -> None:
    if completed_on > today:
        raise Denied("The day of the training lies in the future.")
    if training_ends_on(completed_on) < today:
        raise Denied("This training is older than a year and no longer counts. Complete it again.")


def remind() -> int:
    """Tells everybody whose training ends within 60, 30 and 7 days, once for each; how many were told.

    Safe to repeat at any time: what was told stands among the notices, worded by the day on which the training ends.
    """
    today = timezone.localdate()
    accepted = Person.objects.filter(is_active=True, trainings__accepted_at__isnull=False)
    newest = accepted.annotate(completed_on=Max("trainings__completed_on"))
    # A year, and a day for 28 February, before the first reminder and the end.
    ending = newest.filter(completed_on__gte=today - timedelta(days=367), completed_on__lte=today - timedelta(days=300))
    return sum(_remind(person, training_ends_on(person.completed_on), today) for person in ending)


@transaction.atomic
def _remind(person: Person, ends_on: date, today: date) -> bool:
    due = [days for days in REMINDERS if today <= ends_on <= today + timedelta(days=days)]
    if not due:
        return False
    text = f"Your confidentiality training counts until {_words(ends_on)}, within {due[-1]} days. Complete it again."
    Person.objects.select_for_update().get(pk=person.pk)  # two sweeps at once tell once
    path = reverse("my_standing")
    if Notice.objects.filter(person=person, path=path, text=text).exists():
        return False
    notices.tell_person(person, text, timezone.now(), path=path)
    return True


def _words(day: date) -> str:
    return dateformat.format(day, "j F Y")
