"""Builds the tables of a macro or micro-to-macro request: contributions, rules, suppression, final audit, package.

Runs in a worker. What leaves the worker is sealed; what pages show of it is opened by grant only.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from disclosure.core.measures import bases
from disclosure.core.package import signature as package_signature
from disclosure.core.package import zip_file as aggregate_package
from disclosure.core.package.signature import Sign
from disclosure.core.package.zip_file import AggregatePackage, ReleaseRefused, Table
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.qcew.cells import ContributionsMissing, QcewCells, tabulate_qcew
from disclosure.core.qcew.protection import protect_qcew
from disclosure.core.rules.groups import with_nobody
from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.screening import Screened, screen
from disclosure.core.suppression.search import Infeasible
from disclosure.core.tabulation.cells import Cells, Key, tabulate
from disclosure.core.tabulation.design import DesignError, TableDesign
from disclosure.models import ReleaseSeal
from disclosure.selectors import releases
from disclosure.selectors.design_words import in_words
from disclosure.services import designs, joint_protection, ledger
from disclosure.services.gathering import Gathered, Lineage, gather_steadily
from disclosure.services.joint_protection import Protected
from disclosure.services.published_bases import published_bases
from matching.holdings import pins
from matching.models import Holding, PinStep
from requests_app import form, sealed_files
from requests_app.hooks import effect, guard, runner
from requests_app.models import DataRequest, Job, PartnerReview, Person, SealedFile
from requests_app.models.files import FileKind
from requests_app.selectors.life.titles import title
from requests_app.services.event_log import anchors
from requests_app.services.life import form_text, jobs, workflow
from requests_app.services.life.jobs import JobFailed, Progress
from requests_app.services.packages import files, packages
from requests_app.states import AGGREGATED, Kind

TABLE_NAME = "table_1"
Tell = Callable[[int, int], None]


@effect("approve", "approve_amendment")
def begin(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """A macro request needs no cohort: it is built at once."""
    if request.kind == Kind.MACRO:
        workflow.transition(request, "begin_building", actor=None)


@effect(
    "begin_building", "finish_matching", "repeat_building", "redesign", "accept_design", "withdraw_cells", "rebuild"
)
def order_build(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """The tables of an aggregated request are to be built from what is there now."""
    if request.kind in AGGREGATED:
        jobs.enqueue("build_tables", request, inputs_of(request))


def inputs_of(request: DataRequest) -> dict[str, Any]:
    """Tables are known by their design, their scope, the match results, the cells states want withdrawn, and the
    releases they are protected with."""
    asked = form.read(request)
    results = request.match_results.order_by("cohort", "quarter").select_related("file")
    return {
        "design": designs.asked_design(request),
        "states": releases.states_used(request) if request.kind == Kind.MACRO else asked.states,
        "quarters": asked.quarters,
        "results": [result.file.sealed_sha256 for result in results],
        "withdrawn": sorted(withdrawn(request)),
        "ledger": ledger.used(request),
    }


def withdrawn(request: DataRequest) -> set[Key]:
    """Every cell to which a state's objection stands, of this or an earlier package of the request."""
    objections = PartnerReview.objects.filter(
        package__request=request, verdict=PartnerReview.Verdict.OBJECTION, withdrawn_at__isnull=True
    ).values_list("cells", flat=True)
    return {tuple(map(str, cell)) for cells in objections for cell in cells}


def withheld_before(request: DataRequest) -> set[Key]:
    """Every cell that an earlier package of the request withheld.

    Reviewers saw those packages: a cell that one version withholds and the next publishes, or the other way round,
    would tell them by subtraction what neither tells alone. So what was once withheld stays so.
    """
    cells: set[Key] = set()
    for package in request.packages.select_related("workbench"):
        if package.workbench and not package.workbench.shredded_at:
            cells |= withheld_in(package.workbench)
    return cells


def withheld_in(workbench: SealedFile) -> set[Key]:
    """The cells that the package of this disclosure record withholds."""
    record = json.loads(b"".join(files.read(workbench)))
    return {tuple(c["cell"]) for table in record["tables"].values() for c in table["cells"] if c["status"] != "F"}


@guard("design_can_be_tabulated")
def design_can_be_tabulated(request: DataRequest, _person: Person | None) -> list[str]:
    """The table design is one the tabulator can make."""
    asked = form.read(request)
    if asked.kind not in AGGREGATED or not asked.design:
        return []
    try:
        designs.design_of(request)
    except DesignError as error:
        return [f"Tables: {problem}" for problem in error.problems]
    return []


@runner("build_tables")
def build(job: Job, progress: Progress) -> Callable[[], None]:
    """The whole way from contributions to the sealed package."""
    request, inputs = job.request, inputs_of(job.request)
    if jobs.input_hash(inputs) != job.input_hash:  # a release came in between: that is another build
        return lambda: order_build(request, None, job.created_at)
    progress.report(0, None, "Reading contributions")
    gathered, used = gather_steadily(request, designs.design_of(request))
    rows = gathered.lineage.rows
    progress.report(0, rows, "Tabulating")
    protected = protect(request, gathered, progress)
    progress.report(rows, rows, "Writing the package")
    seal, _ = ReleaseSeal.objects.get_or_create(request_number=request.number)
    built = _pack(request, protected.table, seal.seal)
    return _switch(request, protected, built, gathered.lineage, used, inputs)


def screened_for(contributions: pa.Table, design: TableDesign) -> Screened:
    """Contributions as every rule expects them: without negative amounts, and with the cells of nobody."""
    return screen(with_nobody(contributions), bases(design.measures))


def protect(request: DataRequest, gathered: Gathered, progress: Progress) -> Protected:
    """Tabulates and protects with all that was released; `JobFailed` in neutral words where it cannot be done."""
    try:
        design = designs.design_of(request)
        screened = screened_for(gathered.contributions, design)
        kept_back = withdrawn(request) | withheld_before(request)
        ready = replace(gathered, contributions=screened.contributions)
        words = "Protecting confidential cells"
        made = _with_history(request, ready, design, kept_back, lambda done, known: progress.report(done, known, words))
        return replace(made, table=replace(made.table, set_aside=screened.set_aside))
    except DesignError as error:
        raise JobFailed(" ".join(error.problems)) from None
    except ContributionsMissing as problem:
        raise JobFailed(str(problem)) from None
    except Infeasible as problem:
        joint_protection.keep_refusal(request, problem)
        raise JobFailed("The tables as designed cannot be protected; BLS will propose another design.") from None


def _with_history(
    request: DataRequest, gathered: Gathered, design: TableDesign, kept_back: set[Key], tell: Tell
) -> Protected:
    """The table in its layout, protected with what was released before."""
    cells = tabulated(gathered, design)
    back = kept_back.intersection(cells.keys)
    return joint_protection.protect(request, cells, gathered.contributions, withdraw=back, progress=tell)


def tabulated(gathered: Gathered, design: TableDesign) -> Cells | QcewCells:
    """The cells of a design, with what each enterprise contributes to them."""
    if design.layout == "qcew":
        return tabulate_qcew(gathered.contributions, by_size=True)
    return tabulate(gathered.contributions, design, gathered.observed)


def protected(
    gathered: Gathered, design: TableDesign, rules: Parameters, kept_back: set[Key], tell: Tell | None = None
) -> ProtectedTable:
    """The table in its layout; cells to be `kept_back` may be of an earlier design that had others.

    Intervals are worked out where an analyst asks (services/analyses.py).
    """
    cells = tabulated(gathered, design)
    back = kept_back.intersection(cells.keys)
    if isinstance(cells, QcewCells):
        return protect_qcew(cells, rules, withdraw=back, progress=tell)
    return protect_table(cells, rules, withdraw=back, intervals=False, progress=tell)


def _pack(request: DataRequest, table: ProtectedTable, seal: str) -> AggregatePackage:
    try:
        return aggregate_package.build(
            [Table(TABLE_NAME, f"{request.title} ({request.number})", table, *published_bases(request))],
            request=request.number,
            form=_answers(request),
            seal=seal,
            sign=_signer(),
            titles=title,
        )
    except ReleaseRefused:
        raise JobFailed("The final audit is not empty, so no package was made.") from None


def _signer() -> Sign | None:
    """The worker of the long jobs signs with the key of the anchors, which nobody else has; without it nobody does."""
    if settings.ANCHOR_KEY_FILE is None:
        return None
    key = anchors.private_key(settings.ANCHOR_KEY_FILE.read_bytes())
    return package_signature.signer(key, anchors.fingerprint(key.public_key()))


def _answers(request: DataRequest) -> list[tuple[str, str]]:
    """The signed form, and the coarser design where the state accepted one since."""
    accepted = designs.accepted_design(request)
    later = [] if accepted is None else [("Table design agreed on later", in_words(accepted.changes))]
    return form_text.answers(request) + later


def _switch(
    request: DataRequest,
    protected: Protected,
    built: AggregatePackage,
    lineage: Lineage,
    used: list[Holding],
    inputs: dict[str, Any],
) -> Callable[[], None]:
    table = protected.table
    kept = packages.Built(
        sha256=built.sha256,
        record_sha256=built.record_sha256,
        package=files.seal_bytes(built.zip, request, FileKind.PACKAGE),
        tables=files.seal_bytes(_json(public_view(built)), request, FileKind.TABLES),
        workbench=files.seal_bytes(built.record, request, FileKind.WORKBENCH),
        states_searched=lineage.searched,
        states_found=lineage.found,
        rows=lineage.rows,
        cells=table.summary()["cells"],
        withheld=table.summary()["withheld"],
        audit_is_clean=table.audit.clean,
    )

    def switch() -> None:
        if jobs.input_hash(inputs_of(request)) != jobs.input_hash(inputs):
            for sealed in filter(None, (kept.package, kept.tables, kept.workbench)):
                sealed_files.shred(sealed.sealed_sha256)
            order_build(request, None, timezone.now())
            return
        package = packages.keep_package(request, kept)
        ledger.keep(package, protected.entry, inputs["ledger"])
        pins.pin(request.number, PinStep.TABLES, used, package.built_at, package.version)
        workflow.transition(request, "finish_tables", actor=None)

    return switch


def public_view(built: AggregatePackage) -> list[dict[str, Any]]:
    """The tables as they would be released, for pages: dimensions, measures and rows with one marker for withheld."""
    return [table.as_shown() for table in built.public]


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
