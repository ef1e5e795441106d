"""A load that requests were made from is replaced or undone: the log names them, and the people concerned are told.

The loader may write no notices (it has no right on the workflow), so it marks the pins in its own transaction and the
worker's sweep tells of what is marked.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from matching.models import Holding, Kind, PinnedLoad, Status
from requests_app.hooks import tender
from requests_app.models import DataRequest
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.states import Role

BATCH = 500
NUMBERS_NAMED = 10


def mark_replaced(load_ids: Iterable[int], now: datetime) -> list[str]:
    """Marks the pins of loads that are no longer in use; gives the requests concerned. In the load's transaction."""
    pins = PinnedLoad.objects.filter(load_id__in=list(load_ids), replaced_at__isnull=True)
    numbers = sorted(set(pins.values_list("request_number", flat=True)))
    pins.update(replaced_at=now)
    return numbers


def mark_in_use(load_ids: Iterable[int]) -> None:
    """Loads that came back into use when the one after them was undone: whoever uses them uses what is in use."""
    PinnedLoad.objects.filter(load_id__in=list(load_ids)).update(replaced_at=None, told_at=None)


def record_replaced(numbers: Iterable[str], subject: str, now: datetime) -> None:
    """A load that a request's results were made from is no longer the one in use: one event for each request.

    After the load's other work, because an event holds the chain's lock to the commit.
    """
    for number in numbers:
        events.record("holding.replaced", actor=None, request_number=number, subject=subject, at=now)


@tender("replaced_loads")
def tell_of_replaced_loads() -> None:
    """Worker's part: tells of every request whose loads were replaced since it was last looked, once.

    The analysts of the request by request, the Data Stewards by load with the requests named.
    """
    with transaction.atomic():
        waiting = PinnedLoad.objects.filter(replaced_at__isnull=False, told_at__isnull=True)
        pins = list(waiting.select_for_update(skip_locked=True).order_by("load_id", "request_number")[:BATCH])
        now = timezone.now()
        for of_load in _by(pins, "load_id"):
            path = reverse("holding", args=[of_load[0].state, of_load[0].quarter])
            notices.tell_roles(_of_load(of_load), [Role.DATA_STEWARD], now, path=path)
        for of_request in _by(pins, "request_number"):
            request = DataRequest.objects.filter(number=of_request[0].request_number).first()
            if request is not None:
                notices.tell_about(request, _of_request(of_request), [Role.PROGRAM_ANALYST], now)
        PinnedLoad.objects.filter(pk__in=[pin.pk for pin in pins]).update(told_at=now)


def _by(pins: list[PinnedLoad], name: str) -> list[list[PinnedLoad]]:
    key = attrgetter(name)
    return [list(group) for _, group in groupby(sorted(pins, key=key), key)]


def _of_load(pins: list[PinnedLoad]) -> str:
    numbers = sorted({pin.request_number for pin in pins})
    more = f" and {len(numbers) - NUMBERS_NAMED} more" if len(numbers) > NUMBERS_NAMED else ""
    return f"{_replaced(pins[0])} Made from the version before: {', '.join(numbers[:NUMBERS_NAMED])}{more}."


def _of_request(pins: list[PinnedLoad]) -> str:
    others = len({pin.load_id for pin in pins}) - 1
    more = f" {others} more of its loads changed too." if others else ""
    return f"{pins[0].request_number} was made from a load that changed. {_replaced(pins[0])}{more}"


def _replaced(pin: PinnedLoad) -> str:
    """What happened to the load, and what is in use now."""
    in_use = Holding.objects.filter(state=pin.state, quarter=pin.quarter, kind=pin.kind, status=Status.VISIBLE).first()
    instead = f"version {in_use.version} is in use now" if in_use else "no version is in use now"
    what = f"{Kind(pin.kind).label} of state {pin.state}, {pin.quarter // 10} Q{pin.quarter % 10}"
    return f"{what}: version {pin.version} was taken out of use, {instead}."
