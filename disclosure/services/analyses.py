"""Questions of BLS about confidential records: the exact forecast, coarser designs, other parameters, intervals.

Each is asked in a page, answered by a worker in a sealed file, and opened by grant; asking and answering are events.
Nothing of an answer is released or reaches a state: it helps BLS to decide (disclosure.md, "Explain" and "Suggest").
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from disclosure import parameters
from disclosure.core.advice import suggest
from disclosure.core.advice.suggest import Coarser
from disclosure.core.audit.auditor import Tell
from disclosure.core.audit.measure import Interval
from disclosure.core.ledger.protection import intervals_beside, overlapping
from disclosure.core.protected_table import intervals_again
from disclosure.core.rules.parameters import Parameters
from disclosure.core.suppression.search import Infeasible
from disclosure.core.system import Bools
from disclosure.core.tabulation.cells import Key, tabulate
from disclosure.core.tabulation.design import DesignError, TableDesign
from disclosure.models import Analysis
from disclosure.services import designs, joint_protection, ledger, tables
from disclosure.services.gathering import Gathered, gather_steadily
from matching.models import PinnedLoad, PinStep
from requests_app import policies
from requests_app.hooks import effect, runner
from requests_app.models import DataRequest, Job, Package, Person, SealedFile
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import jobs
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import files
from requests_app.states import Kind

DESIGNS_AT_MOST = 8
WHAT_IFS_AT_MOST = 20  # of one package: each is a protection of the whole table
OF_QCEW = ("month3", "wages")  # intervals of that layout, whose thousands of cells have six amounts each
Answer = dict[str, Any]
_FILE_KIND = {Analysis.Kind.FORECAST: FileKind.FORECAST}


# -- asking --------------------------------------------------------------------------------------------------------


@effect("submit")
def forecast_when_submitted(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """Whoever reviews a macro request finds the exact forecast made."""
    if request.kind == Kind.MACRO:
        _ask(request, Analysis.Kind.FORECAST, None, {}, None, now)


@transaction.atomic
def ask_forecast(request: DataRequest, *, actor: Person) -> Analysis:
    """A new exact forecast of a request under review, with the records held now."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_forecast(actor, locked)
    return _ask(locked, Analysis.Kind.FORECAST, None, {}, actor, timezone.now())


@transaction.atomic
def ask_about_package(
    request: DataRequest,
    kind: Analysis.Kind,
    *,
    actor: Person,
    package_sha256: str,
    asked: dict[str, int] | None = None,
) -> Analysis:
    """A question about the package an analyst looks at; the same question is asked once, unless its work failed."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_disclosure_work(actor, locked)
    policies.check_not_suspended(locked)
    package = policies.newest_package(locked)
    if package is None or package.sha256 != package_sha256:
        raise Denied("The package was rebuilt while you had it open. Look at the new one first.")
    before = Analysis.objects.filter(package=package, kind=kind)
    same = before.filter(asked=asked or {}).select_related("job").last()
    if same and same.status not in {"failed", "cancelled"}:
        return same
    if before.count() >= WHAT_IFS_AT_MOST:
        raise Denied(f"{WHAT_IFS_AT_MOST} analyses of this kind were made of this package; compare those first.")
    return _ask(locked, kind, package, asked or {}, actor, timezone.now())


def _ask(
    request: DataRequest, kind: Analysis.Kind, package: Package | None, asked: dict[str, int], actor: Person | None,
    now: datetime,
) -> Analysis:  # fmt: skip
    """A question to the workers is an event that names its kind and never what it asks of parameters."""
    analysis = Analysis(request=request, package=package, kind=kind, asked=asked, asked_by=actor, asked_at=now)
    analysis.job = jobs.enqueue("analyse", request, {"analysis": analysis.pk}, subject=analysis.pk)
    analysis.save()
    events.record(
        "analysis.ask",
        actor=actor,
        request_number=request.number,
        subject=analysis.pk,
        detail={"kind": kind, "package": package.version if package else None},
        at=now,
    )
    return analysis


# -- answering -----------------------------------------------------------------------------------------------------


@runner("analyse")
def answer(job: Job, progress: Progress) -> Callable[[], None]:
    """Works out the answer and seals it; the row and the file are written with the end of the job."""
    analysis = Analysis.objects.select_related("package__workbench", "request").get(pk=job.subject)
    kind = Analysis.Kind(analysis.kind)
    found = _ANSWERS[kind](analysis, progress)
    file_kind = _FILE_KIND.get(kind, FileKind.ANALYSIS)
    sealed = files.seal_bytes(json.dumps(found, sort_keys=True).encode(), job.request, file_kind)

    def switch() -> None:
        """The answer is sealed, and an event says so with the hash of the ciphertext."""
        now = timezone.now()
        name = f"{job.request.number}-{kind}.json"
        file = files.remember(sealed, job.request, file_kind, name, now)
        Analysis.objects.filter(pk=analysis.pk).update(file=file, answered_at=now)
        detail = {"kind": kind, "sealed_sha256": sealed.sealed_sha256}
        events.record(
            "analysis.answer", actor=None, request_number=job.request.number, subject=analysis.pk, detail=detail, at=now
        )

    return switch


def _gathered(request: DataRequest, progress: Progress) -> tuple[Gathered, TableDesign]:
    """Contributions as the rules expect them, with the design they are for; `JobFailed` where there are none."""
    progress.report(0, None, "Reading contributions")
    try:
        design = designs.design_of(request)
    except DesignError as error:
        raise JobFailed(" ".join(error.problems)) from None
    found, _ = gather_steadily(request, design)
    if not found.contributions.num_rows:
        raise JobFailed("No records of the states and quarters asked for are held.")
    return replace(found, contributions=tables.screened_for(found.contributions, design).contributions), design


def _forecast(analysis: Analysis, progress: Progress) -> Answer:
    """The table as designed, coarser ones, and what each state adds."""
    found_in, design = _gathered(analysis.request, progress)
    in_force = parameters.current()
    found = _compared(found_in, design, in_force, set(), progress)
    progress.report(found["known"], None, "Comparing the states")
    parts = () if design.layout == "qcew" else suggest.state_parts(found_in.contributions, design, in_force)
    return found | {"states": [asdict(part) for part in parts]}


def _designs(analysis: Analysis, progress: Progress) -> Answer:
    """Coarser designs beside the package's own, with what was kept back so far."""
    found_in, design = _of_package(analysis, progress)
    found = _compared(found_in, design, parameters.current(), _kept_back(analysis.request), progress)
    found["designed"]["outcome"] = _present(analysis)  # as reviewed; what is kept back counts as sensitive elsewhere
    return found


def _compared(
    found_in: Gathered, design: TableDesign, rules: Parameters, withdraw: set[Key], progress: Progress
) -> Answer:
    quarters = len(found_in.contributions.column("quarter").unique()) if design.time == "quarter" else 1
    ones = [Coarser(design), *suggest.coarser(design, quarters, at_most=DESIGNS_AT_MOST)]
    lines = []
    for done, one in enumerate(ones):
        progress.report(done, len(ones), "Protecting the table as designed" if not done else "Protecting coarser ones")
        lines.append(_line(one, _outcome(found_in, one, rules, withdraw)))
    return {"designed": lines[0], "coarser": lines[1:], "known": len(ones)}


def _outcome(found_in: Gathered, one: Coarser, rules: Parameters, withdraw: set[Key]) -> suggest.Outcome | None:
    if one.design.layout == "qcew":
        try:
            return suggest.outcome(tables.protected(found_in, one.design, rules, withdraw))
        except Infeasible:
            return None
    return suggest.outcome_of(found_in.contributions, one, rules, withdraw=withdraw, observed=found_in.observed)


def _line(one: Coarser, found: suggest.Outcome | None) -> Answer:
    """One design with its outcome; null where no safe pattern exists."""
    return {
        "changes": [asdict(change) for change in one.changes],
        "design": one.design.as_dict(),
        "outcome": asdict(found) if found else None,
    }


def _what_if(analysis: Analysis, progress: Progress) -> Answer:
    """The package's own table under other parameters."""
    found_in, design = _of_package(analysis, progress)
    progress.report(0, None, "Protecting the table")
    kept_back = tables.withdrawn(analysis.request)
    rules = Parameters(**(parameters.current().as_dict() | analysis.asked))
    found = _outcome(found_in, Coarser(design), rules, kept_back)
    return {"outcome": asdict(found) if found else None, "present": _present(analysis)}


def _intervals(analysis: Analysis, progress: Progress) -> Answer:
    """What every withheld cell of the package may be, as far as a reader of the rest can tell.

    Of a table that the ledger keeps, a reader of all that was released before and of published QCEW too.
    """
    progress.report(0, None, "Working out intervals")
    tell: Tell = lambda done, known: progress.report(done, known)  # noqa: E731
    kept = ledger.table_of(_package(analysis))
    if kept is not None:
        beside = overlapping(kept, joint_protection.known_beside(analysis.request, kept))
        wanted = OF_QCEW if kept.in_layout_of_qcew or kept.design is None else ()
        bounds = intervals_beside([kept, *beside], parameters.current(), tell, measures=wanted)
        return _by_cell(kept.keys, ~kept.published, bounds)
    found_in, design = _of_package(analysis, progress)
    withheld = tables.withheld_in(_workbench(analysis))
    cells = tabulate(found_in.contributions, design, found_in.observed)
    kept_back = _kept_back(analysis.request) & set(cells.keys)
    return _by_cell(*intervals_again(cells, parameters.current(), withheld, tell, withdraw=kept_back))


def _by_cell(keys: Sequence[Key], withheld: Bools, bounds: Mapping[str, Mapping[int, Interval]]) -> Answer:
    return {
        "intervals": [
            {"cell": list(keys[cell]), "intervals": {name: list(of[cell]) for name, of in bounds.items() if cell in of}}
            for cell in np.flatnonzero(withheld).tolist()
        ]
    }


def _of_package(analysis: Analysis, progress: Progress) -> tuple[Gathered, TableDesign]:
    """The contributions the package was made from; `JobFailed` where they have been replaced since."""
    package, request = _package(analysis), analysis.request
    pinned = PinnedLoad.objects.filter(request_number=request.number, step=PinStep.TABLES)
    if pinned.filter(package_version=package.version, replaced_at__isnull=False).exists():
        raise JobFailed("Records this package was made from were replaced since. Build it again first.")
    return _gathered(request, progress)


def _kept_back(request: DataRequest) -> set[Key]:
    """What states objected to, and what the package now under review withholds."""
    return tables.withdrawn(request) | tables.withheld_before(request)


def _present(analysis: Analysis) -> Answer:
    """What the package publishes, as its disclosure record says."""
    record = json.loads(b"".join(files.read(_workbench(analysis))))
    [table] = record["tables"].values()
    outcome: Answer = table["outcome"]
    return outcome


def _package(analysis: Analysis) -> Package:
    """The package asked about."""
    package = analysis.package
    assert package is not None  # noqa: S101  the constraint says so
    return package


def _workbench(analysis: Analysis) -> SealedFile:
    """The disclosure record of the package asked about."""
    file = _package(analysis).workbench
    if file is None:
        raise ValueError("Only an aggregated package has a disclosure record.")
    return file


_ANSWERS: dict[Analysis.Kind, Callable[[Analysis, Progress], Answer]] = {
    Analysis.Kind.FORECAST: _forecast,
    Analysis.Kind.DESIGNS: _designs,
    Analysis.Kind.WHAT_IF: _what_if,
    Analysis.Kind.INTERVALS: _intervals,
}
