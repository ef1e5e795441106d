"""Every version ever loaded of a state and quarter, and what was done with them, by whom and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from matching.holdings.listing import finding_words
from matching.holdings.looks import Findings, findings, subject_of
from matching.models import Holding, Kind, LoadLook
from requests_app.models import Event
from requests_app.selectors.audit.history import HistoryLine, words_of
from requests_app.templatetags.formats import count, day
from requests_app.templatetags.statuses import status_look

BY_HAND = {"loader": "By hand, on the loader's machine", "owner": "By hand, as the database's owner"}
COLUMNS = ["Version", "Where it stands", "Loaded", "Rows", "Rejected", "Edits flagged"]


@dataclass(frozen=True)
class KindHistory:
    """One kind of file: its versions, newest first, as rows of components/list_table.html; its events, newest first."""

    kind: Kind
    rows: list[dict[str, Any]]
    events: list[HistoryLine]

    @property
    def caption(self) -> str:
        """What the table is of."""
        return f"Versions of the {self.kind.label.lower()}, newest first"


def load_url(holding: Holding) -> str:
    """The page of one load."""
    return reverse("load", args=[holding.state, holding.quarter, holding.kind, holding.version])


def standing_words(holding: Holding) -> str:
    """Whether the load is in use, was replaced, undone or dropped."""
    return status_look(holding.status).words


def histories(seen: QuerySet[Holding], state: str, quarter: int, *, linked: bool) -> list[KindHistory]:
    """The kinds of which anything was ever loaded and is seen; `linked`: versions lead to their pages."""
    every = list(seen.filter(state=state, quarter=quarter).order_by("-version"))
    found, events = findings([one.load_id for one in every]), _events(every)
    looks = _looks(every)
    by_kind = {kind: [one for one in every if one.kind == kind] for kind in Kind}
    return [
        KindHistory(kind, _rows(versions, found, linked=linked), _lines(kind, events, looks, versions))
        for kind, versions in by_kind.items()
        if versions
    ]


def _rows(versions: Iterable[Holding], found: Mapping[int, Findings], *, linked: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": f"Version {one.version}, {one.edition.lower()}",
            "url": load_url(one) if linked else "",
            "status": one.status,
            "cells": [f"Loaded {day(one.loaded_at)}", f"{count(one.rows)} rows", f"{count(one.rejected)} rejected",
                      finding_words(found.get(one.load_id))],
        }
        for one in versions
    ]  # fmt: skip


def _events(holdings: Iterable[Holding]) -> list[Event]:
    """Every event about one of the loads, newest first."""
    return list(Event.objects.filter(subject__in={subject_of(one) for one in holdings}).order_by("-seq"))


def _looks(holdings: Iterable[Holding]) -> dict[int, list[str]]:
    notes: dict[int, list[str]] = {}
    for look in LoadLook.objects.filter(load_id__in=[one.load_id for one in holdings]):
        notes.setdefault(look.load_id, []).append(look.note)
    return notes


def _lines(
    kind: Kind, events: Iterable[Event], looks: Mapping[int, list[str]], versions: Iterable[Holding]
) -> list[HistoryLine]:  # fmt: skip
    """The events of one kind of file: loads, undoings, droppings, looks."""
    ids = {subject_of(one): one.load_id for one in versions}
    return [
        HistoryLine(event.occurred_at, _who(event), words_of(event.kind), _detail(event, looks.get(ids[event.subject])))
        for event in events
        if event.kind.startswith(f"{kind}.") and event.subject in ids
    ]


def _who(event: Event) -> str:
    """The person; for a command the process, because nobody signs in there."""
    return event.actor if event.actor_id else BY_HAND.get(event.process, event.actor)


def _detail(event: Event, notes: list[str] | None) -> str:
    """The version, the reason or note given, and the file's hash, as far as the event knows them."""
    said = [f"V{event.subject.partition(' v')[2]}"]
    if event.kind.endswith(".look_at") and notes:
        said += [note for note in notes if note]
    if reason := event.detail.get("reason"):
        said.append(str(reason))
    if sha256 := event.detail.get("sha256"):
        said.append(f"SHA-256 of the file {sha256}")
    return " · ".join(said)
