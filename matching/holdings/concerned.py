"""Which requests a load concerns, for the Data Steward; and which loads a request rests on, for its own page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from matching.holdings.history import standing_words
from matching.holdings.pins import newest_run, resting_on
from matching.holdings.visibility import seen_by
from matching.models import Holding, Kind, PinnedLoad, PinStep, Status
from requests_app import form
from requests_app.fips import STATE_NAMES
from requests_app.models import DataRequest, Person
from requests_app.request_rows import may_have_results
from requests_app.selectors.life.requests import visible_to
from requests_app.templatetags.formats import day, quarters

COLUMNS = ["Request", "Where it stands", "State", "Made from"]
HELD_COLUMNS = ["State", "Quarters", "Status today"]
USED_COLUMNS = ["State", "Kind", "Quarters", "Version used", "Now"]


@dataclass(frozen=True)
class Concerned:
    """A request whose results rest on a load of a state and quarter; `replaced`: on another version than this one."""

    number: str
    state_name: str
    version: int
    made: str
    status: str
    pinned_on: date
    replaced: bool


def concerned(holding: Holding) -> list[Concerned]:
    """The requests made from this load, and those made from another version of the same; these first."""
    pins = resting_on(holding.state, holding.quarter, holding.kind)
    requests = DataRequest.objects.filter(number__in={pin.request_number for pin in pins}).select_related("agency")
    by_number = {request.number: request for request in requests}
    found = [
        Concerned(
            pin.request_number, by_number[pin.request_number].agency.state_name, pin.version,
            PinStep(pin.step).label.lower(), by_number[pin.request_number].state, pin.pinned_at.date(),
            pin.load_id != holding.load_id,
        )
        for pin in pins
        if pin.request_number in by_number
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.replaced, one.number))


@dataclass(frozen=True)
class Used:
    """One line of what a request rests on: quarters of one state and kind, used and standing alike."""

    state_name: str
    kind: str
    quarters: str
    used: str
    now: str
    replaced: bool


def used_by(request: DataRequest, person: Person) -> list[Used]:
    """The versions the request's results rest on, those replaced since first; nothing the person may not see yet."""
    if not may_have_results(request):
        return []
    pins = newest_run(PinnedLoad.objects.filter(request_number=request.number))
    if not pins:
        return []
    cells = {"state__in": {pin.state for pin in pins}, "quarter__in": {pin.quarter for pin in pins}}
    every = list(seen_by(person).filter(**cells))
    by_load = {one.load_id: one for one in every}
    in_use = {(one.state, one.quarter, one.kind): one for one in every if one.status == Status.VISIBLE}
    lines: dict[tuple[Any, ...], list[int]] = {}
    for pin in pins:
        if holding := by_load.get(pin.load_id):
            now = _now(holding, in_use.get((pin.state, pin.quarter, pin.kind)))
            key = (holding.status == Status.VISIBLE, pin.state, pin.kind, holding.edition, now)
            lines.setdefault(key, []).append(pin.quarter)
    return [_used(key, found) for key, found in sorted(lines.items())]


def _used(key: tuple[Any, ...], found: Iterable[int]) -> Used:
    is_in_use, state, kind, edition, now = key
    return Used(STATE_NAMES.get(state, state), Kind(kind).label, quarters(found), edition, now, not is_in_use)


def _now(holding: Holding, in_use: Holding | None) -> str:
    """What became of the version used."""
    if holding.status == Status.VISIBLE:
        return "Still in use"
    if in_use is None:
        return standing_words(holding)
    return f"Replaced: {in_use.edition.lower()} is in use, loaded {day(in_use.loaded_at)}"


def held_for(request: DataRequest, person: Person) -> list[list[str]]:
    """What is held today of the wage records the form asks for: state, quarters, status; quarters held alike joined."""
    asked = form.read(request)
    if not asked.states or not asked.quarters:
        return []
    records = seen_by(person).filter(status=Status.VISIBLE, kind=Kind.WAGE_RECORDS)
    wanted = records.filter(state__in=asked.states, quarter__in=asked.quarters)
    held = {(one.state, one.quarter): one.edition for one in wanted}
    lines: dict[tuple[str, str], list[int]] = {}
    for state in asked.states:
        for one in sorted(asked.quarters):
            lines.setdefault((state, held.get((state, one), "Not held")), []).append(one)
    return [[STATE_NAMES.get(state, state), quarters(found), words] for (state, words), found in lines.items()]


def rests_on_replaced(lines: Iterable[Used]) -> bool:
    """Some of the data were corrected since."""
    return any(line.replaced for line in lines)


def rows(found: Iterable[Concerned], person: Person) -> list[dict[str, Any]]:
    """Rows of components/list_table.html; a number leads to the request where the person sees it."""
    lines = list(found)
    seen = set(visible_to(person).filter(number__in=[one.number for one in lines]).values_list("number", flat=True))
    return [
        {
            "label": one.number,
            "url": reverse("request", args=[one.number]) if one.number in seen else "",
            "status": one.status,
            "cells": [one.state_name, f"Version {one.version}, {one.made}, {day(one.pinned_on)}"],
        }
        for one in lines
    ]
