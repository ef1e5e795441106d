"""The accounting of disclosures (Privacy Act, 5 U.S.C. 552a(c), and CIPSEA): every opening and every delivery.

Each line says when, to whom, what, which states' data it held, and why. It is read from the event log, which nobody can
change, and completed from the package and the request that the event names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from requests_app import form
from requests_app.fips import STATE_NAMES
from requests_app.models import DataRequest, Event, Package
from requests_app.models.files import FileKind
from requests_app.selectors.audit import events as log
from requests_app.selectors.audit.events import safe

OPENED, DELIVERED = "file.open", "package.deliver"
WORDS = {OPENED: "Opened", DELIVERED: "Delivered"}
PURPOSES = {"download": "Download of the released package"}
HEADER = [
    "event", "occurred_at", "what", "outcome", "who", "request_number", "title", "activity", "purpose", "file_kind",
    "file", "package_version", "package_sha256", "states_searched", "states_found", "reasons",
]  # fmt: skip
AT_ONCE = 500


@dataclass(frozen=True)
class Disclosure:
    """One line. `states_found`: whose records are in it; `searched`: whose were looked through."""

    event: Event
    what: str
    file_kind: str
    package: Package | None
    request: DataRequest | None
    searched: tuple[str, ...]
    found: tuple[str, ...]
    purpose: str
    activity: str

    @property
    def reasons(self) -> list[str]:
        """Why it was refused, where it was."""
        return list(self.event.detail.get("reasons", []))


def disclosures(wanted: Mapping[str, Any]) -> QuerySet[Event]:
    """The events of the accounting that are asked for, newest first."""
    found = log.events({name: value for name, value in wanted.items() if name != "state"}).filter(kind__in=WORDS)
    return found.filter(_holds_data_of(wanted["state"])) if wanted.get("state") else found


def _holds_data_of(fips: str) -> Q:
    """A state searched counts: that nothing was found there is told by the package too."""
    packages = Package.objects.filter(states_searched__contains=[fips])
    opened = Q(subject__in=packages.values("file_id"))
    opened |= Q(subject__in=packages.filter(tables__isnull=False).values("tables_id"))
    opened |= Q(subject__in=packages.filter(workbench__isnull=False).values("workbench_id"))
    return Q(opened, kind=OPENED) | Q(kind=DELIVERED, subject__in=packages.values("pk"))


def lines(events: Iterable[Event]) -> list[Disclosure]:
    """The events with what they are about, in a number of queries that does not grow with them."""
    rows = list(events)
    packages = _packages({event.subject for event in rows})
    numbers = {event.request_number for event in rows}
    found = DataRequest.objects.filter(number__in=numbers).select_related("agency").prefetch_related("sections")
    requests = {request.number: request for request in found}
    return [_line(event, packages.get(event.subject), requests.get(event.request_number)) for event in rows]


def _packages(subjects: set[str]) -> dict[str, Package]:
    """Packages by their own id and by those of their files."""
    about = Q(pk__in=subjects) | Q(file__in=subjects) | Q(tables__in=subjects) | Q(workbench__in=subjects)
    found: dict[str, Package] = {}
    for package in Package.objects.filter(about):
        found |= dict.fromkeys(
            filter(None, (package.pk, package.file_id, package.tables_id, package.workbench_id)), package
        )
    return found


def _line(event: Event, package: Package | None, request: DataRequest | None) -> Disclosure:
    kind = event.detail.get("kind", FileKind.PACKAGE if event.kind == DELIVERED else "")
    searched = package.states_searched if package else event.detail.get("states", [])
    activity = form.read(request).activity if request else ""
    to = f"Delivery to {request.agency.name}" if request and event.kind == DELIVERED else ""
    purpose = str(event.detail.get("purpose", ""))
    return Disclosure(
        event=event,
        what=WORDS[event.kind],
        file_kind=FileKind(kind).label if kind in FileKind.values else str(kind),
        package=package,
        request=request,
        searched=tuple(sorted(STATE_NAMES.get(code, code) for code in searched)),
        found=tuple(sorted(STATE_NAMES.get(code, code) for code in (package.states_found if package else []))),
        purpose=to or PURPOSES.get(purpose, purpose.replace("_", " ").capitalize()),
        activity=form.ACTIVITIES.get(activity, ""),
    )


def rows(found: QuerySet[Event]) -> Iterator[list[str]]:
    """A header and one row for each line, safe to open in a spreadsheet; read through a cursor on the server."""
    yield HEADER
    events = found.iterator(chunk_size=AT_ONCE)
    while some := list(islice(events, AT_ONCE)):
        for line in lines(some):
            yield [safe(value) for value in _cells(line)]


def _cells(line: Disclosure) -> list[object]:
    event, package, request = line.event, line.package, line.request
    return [
        event.seq, event.occurred_at, line.what, event.outcome, event.actor, event.request_number,
        request.title if request else "", line.activity, line.purpose, line.file_kind, event.subject,
        package.version if package else "", package.sha256 if package else "", "; ".join(line.searched),
        "; ".join(line.found), " ".join(line.reasons),
    ]  # fmt: skip
