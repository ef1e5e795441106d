"""Pins: which versions of which holdings a request's match and tables were made from, and what replaced them since.

Recorded by the worker in the transaction that keeps the result; who holds results is told when a load they were made
from is replaced. Source: product.md, "Pre-release and vintages".
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import OuterRef, Subquery

from matching.models import Holding, Kind, PinnedLoad, PinStep, Status
from requests_app.services.life.jobs import JobFailed

Made = TypeVar("Made")
TRIES = 3


def made_from(
    states: Collection[str], quarters: Collection[int], kinds: Collection[Kind], make: Callable[[], Made]
) -> tuple[Made, list[Holding]]:  # fmt: skip
    """What `make` makes from the visible loads, and exactly those loads.

    A load that took another's place meanwhile may have been read in part, so all is made again; `JobFailed` where
    loads keep changing under it.
    """
    for _ in range(TRIES):
        before = _versions(states, quarters, kinds)
        made = make()
        if _stamps(_versions(states, quarters, kinds)) == _stamps(before):
            return made, [one for one in before if one.status == Status.VISIBLE]
    raise JobFailed("The holdings this is made from are being loaded anew; repeat it when the loads are done.")


def _versions(states: Collection[str], quarters: Collection[int], kinds: Collection[Kind]) -> list[Holding]:
    """Every version, also those not visible: a load that came and went leaves a trace."""
    return list(
        Holding.objects.filter(state__in=states, quarter__in=quarters, kind__in=kinds).order_by(
            "state", "quarter", "kind", "version"
        )
    )


def _stamps(holdings: Iterable[Holding]) -> list[tuple[int, str]]:
    return [(one.load_id, one.status) for one in holdings]


@transaction.atomic
def pin(
    request_number: str, step: PinStep, used: Iterable[Holding], now: datetime, package_version: int | None = None
) -> None:  # fmt: skip
    """Records what a run was made from; call it in the transaction that keeps the result.

    The holdings are locked, so that a load which replaces one of them sees the pin, or the pin that it was replaced.
    """
    ids = [one.load_id for one in used]
    locked = Holding.objects.select_for_update(no_key=True).filter(load_id__in=ids).order_by("load_id")
    PinnedLoad.objects.bulk_create(
        PinnedLoad(
            request_number=request_number, step=step, package_version=package_version, load_id=one.load_id,
            state=one.state, quarter=one.quarter, kind=one.kind, version=one.version, pinned_at=now,
            replaced_at=None if one.status == Status.VISIBLE else now,
        )
        for one in locked
    )  # fmt: skip


def newest_run(pins: Iterable[PinnedLoad]) -> list[PinnedLoad]:
    """Of one request's pins those of the newest run of each step: what its results rest on now."""
    every = list(pins)
    newest = {step: max((one.pinned_at for one in every if one.step == step), default=None) for step in PinStep}
    return [one for one in every if one.pinned_at == newest[PinStep(one.step)]]


def resting_on(state: str, quarter: int, kind: str) -> list[PinnedLoad]:
    """The pins of state, quarter and kind on which some request's results rest now, by request."""
    newest = (
        PinnedLoad.objects.filter(request_number=OuterRef("request_number"), step=OuterRef("step"))
        .order_by("-pinned_at")
        .values("pinned_at")[:1]
    )
    of_cell = PinnedLoad.objects.filter(state=state, quarter=quarter, kind=kind)
    return list(of_cell.filter(pinned_at=Subquery(newest)).order_by("request_number", "version"))
