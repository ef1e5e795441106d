"""Asking the other side and answering, without moving the request."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from requests_app import bls_review_policies as may
from requests_app import form
from requests_app.business_days import add_business_days
from requests_app.models import Claim, DataRequest, Person, Question, Reply
from requests_app.models.notices import NoticeKind
from requests_app.models.questions import Side
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role
from requests_app.targets import ANSWER_DAYS

OTHER = {Side.STATE: Side.BLS, Side.BLS: Side.STATE}


@transaction.atomic
def ask(request: DataRequest, *, actor: Person, text: str, section: str = "") -> Question:
    """A question to the other side, about the request or one section; it is told, and has five business days."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    may.check_talk(actor, locked)
    if not text.strip():
        raise Denied("Write the question.")
    if section and section not in form.SECTIONS:
        raise Denied("Choose a section of the form.")
    now, other = timezone.now(), OTHER[may.side_of(actor)]
    made = Question.objects.create(
        request=locked, section=section, text=text.strip(), asked_of=other, waits_for=other, waits_since=now,
        due_on=add_business_days(timezone.localdate(now), ANSWER_DAYS), asked_at=now, asked_by=actor,
    )  # fmt: skip
    _tell(made, other, f"{locked.number}: {may.side_of(actor).label} has a question.")
    events.record("question.ask", actor=actor, request_number=locked.number, subject=made.pk, at=now)
    return made


@transaction.atomic
def reply(question: Question, *, actor: Person, text: str) -> Reply:
    """An answer, or a word more: it is then the other side's turn. Answering a settled question opens it again."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("request").get(pk=question.pk)
    may.check_talk(actor, locked.request)
    if locked.settled_at:
        raise Conflict("This question is settled. Ask a new one.")
    if not text.strip():
        raise Denied("Write the answer.")
    now, side = timezone.now(), may.side_of(actor)
    made = Reply.objects.create(question=locked, text=text.strip(), side=side, written_at=now, written_by=actor)
    locked.waits_for, locked.waits_since = OTHER[side], now
    locked.due_on = add_business_days(timezone.localdate(now), ANSWER_DAYS)
    locked.save(update_fields=["waits_for", "waits_since", "due_on"])
    _tell(locked, OTHER[side], f"{locked.request.number}: {side.label} has answered a question.")
    events.record("question.reply", actor=actor, request_number=locked.request.number, subject=locked.pk, at=now)
    return made


@transaction.atomic
def settle(question: Question, *, actor: Person) -> None:
    """The side that asked needs no more."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("request").get(pk=question.pk)
    may.check_settle(actor, locked)
    now = timezone.now()
    locked.settled_at, locked.settled_by = now, actor
    locked.save(update_fields=["settled_at", "settled_by"])
    events.record("question.settle", actor=actor, request_number=locked.request.number, subject=locked.pk, at=now)


def _tell(question: Question, side: str, words: str) -> None:
    """The state's coordinators; at BLS who has the request, or where nobody has it all Program Analysts."""
    now, path = timezone.now(), reverse("question", args=[question.request.number, question.pk])
    held = Claim.objects.filter(request=question.request, ended_at__isnull=True).select_related("person")
    if side == Side.STATE:
        people = list(notices.audience(question.request, Role.COORDINATOR))
    else:
        people = [claim.person for claim in held] or list(notices.holders(Role.PROGRAM_ANALYST))
    for person in people:
        notices.tell_person(person, words, now, path=path, kind=NoticeKind.TALK)
