"""Who has a review or a decision: claimed, handed over, given up; one person at a time for each part."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from requests_app import bls_review_policies as may
from requests_app.hooks import effect
from requests_app.models import Claim, DataRequest, Person
from requests_app.models.notices import NoticeKind
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.standing import roles_of, with_records
from requests_app.states import ENDINGS, Role


@transaction.atomic
def claim(request: DataRequest, *, actor: Person) -> Claim:
    """The actor takes the part that is on. Claimed by them already: nothing changes; by another: `Denied`."""
    locked = _lock(request)
    may.check_claim(actor, locked)
    held = _open(locked)
    if held and held.person_id == actor.pk:
        return held
    if held:
        raise Denied(f"{held.person.name} has {locked.number}. Ask for it, or take it over.")
    now = timezone.now()
    made = _make(locked, actor, actor, "", now)
    events.record("review.claim", actor=actor, request_number=locked.number, at=now)
    return made


def claim_many(requests: Iterable[DataRequest], *, actor: Person) -> tuple[list[str], list[str]]:
    """Claims each by itself; the numbers claimed, and why the others were not."""
    done, refused = [], []
    for request in requests:
        try:
            claim(request, actor=actor)
            done.append(request.number)
        except Denied as denied:
            refused.append(f"{request.number}: {' '.join(denied.reasons)}")
    return done, refused


@transaction.atomic
def hand_over(request: DataRequest, to: Person, *, actor: Person, note: str = "") -> Claim:
    """Gives the part that is on to another reviewer, or takes it over from one; the other person is told."""
    locked = _lock(request)
    may.check_reviewer(actor, locked)
    _check_taker(to, locked)
    held, now = _open(locked), timezone.now()
    if held and held.person_id == to.pk:
        return held
    if held:
        _end(held, actor, now)
    made = _make(locked, to, actor, note.strip(), now)
    for person, words in _whom_to_tell(held, to, actor, locked):
        notices.tell_person(person, words, now, path=reverse("review", args=[locked.number]), kind=NoticeKind.WORK)
    detail = {"to": to.pk, "from": held.person_id if held else None, "reason": note.strip()}
    events.record("review.hand_over", actor=actor, request_number=locked.number, detail=detail, at=now)
    return made


def _check_taker(to: Person, request: DataRequest) -> None:
    try:
        may.check_claim(to, request)
    except Denied as denied:
        raise Denied(f"{to.name} cannot take {request.number}.", *denied.reasons) from None


def _whom_to_tell(held: Claim | None, to: Person, actor: Person, request: DataRequest) -> list[tuple[Person, str]]:
    told = [(to, f"{actor.name} handed {request.number} over to you.")] if to != actor else []
    if held and held.person_id != actor.pk:
        told.append((held.person, f"{request.number} went from you to {to.name}."))
    return told


@transaction.atomic
def give_up(request: DataRequest, *, actor: Person) -> None:
    """The actor's claim ends; the request waits for anybody of the role."""
    locked = _lock(request)
    held = _open(locked)
    if held is None or held.person_id != actor.pk:
        raise Denied("You do not have this request.")
    now = timezone.now()
    _end(held, actor, now)
    events.record("review.give_up", actor=actor, request_number=locked.number, at=now)


def takers(request: DataRequest) -> list[Person]:
    """Who may have the part that is on: active holders of its role, without a stated conflict of interest."""
    role = may.PART_OF.get(request.status)
    if role is None:
        return []
    people = with_records(notices.holders(role).select_related("agency").order_by("name"), timezone.localdate())
    return [person for person in people if may.can_claim(person, request)]


def _lock(request: DataRequest) -> DataRequest:
    return DataRequest.objects.select_for_update().get(pk=request.pk)


def _open(request: DataRequest) -> Claim | None:
    role = may.PART_OF.get(request.status)
    return request.claims.filter(role=role or "", ended_at__isnull=True).select_related("person").first()


def _make(request: DataRequest, person: Person, actor: Person, note: str, now: datetime) -> Claim:
    role = may.PART_OF[request.status]
    return Claim.objects.create(
        request=request, role=role, person=person, note=note, claimed_at=now, claimed_by=actor
    )  # fmt: skip


def _end(held: Claim, actor: Person | None, now: datetime) -> None:
    held.ended_at, held.ended_by = now, actor
    held.save(update_fields=["ended_at", "ended_by"])


@effect("start_review")
def starter_has_the_review(request: DataRequest, actor: Person | None, now: datetime) -> None:
    """Who starts a review has it."""
    if actor and _open(request) is None and Role.PROGRAM_ANALYST in roles_of(actor):
        _make(request, actor, actor, "", now)


@effect("approve", *ENDINGS)
def work_is_done(request: DataRequest, actor: Person | None, now: datetime) -> None:
    """After the decision nobody has the review any more; an appeal is claimed anew."""
    request.claims.filter(ended_at__isnull=True).update(ended_at=now, ended_by=actor)


@effect("accept_appeal", "send_back")
def decision_is_done(request: DataRequest, actor: Person | None, now: datetime) -> None:
    """Back in review: the analyst keeps the claim, the official's ends."""
    held = request.claims.filter(ended_at__isnull=True, role=Role.APPROVING_OFFICIAL)
    held.update(ended_at=now, ended_by=actor)
