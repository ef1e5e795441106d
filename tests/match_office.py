"""Requests with cohort files for tests of the match: driven by the real services, jobs done in this process."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from matching.core.world import Shock, WorldSummary, keep_employers, write_world
from matching.loads.loading import load_establishments, load_wage_records
from matching.models.cohorts import CohortFile, CohortFileState, CohortPolicy, CohortTerms
from matching.services import cohort_files
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Job, Package, Person
from requests_app.models.ids import new_ulid
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs, requests, workflow
from requests_app.services.packages import files
from requests_app.states import Kind
from tests import factories

Rows = Sequence[tuple[str, str]]  # temporary ID, SSN


def load_world(
    folder: Path,
    states: list[str],
    quarters: list[int],
    *,
    persons: int,
    seed: int,
    dirt: float = 0.01,
    shocks: Sequence[Shock] = (),
) -> WorldSummary:
    """A synthetic world, written as clear-text files and loaded; without the many employers nobody of it works for."""
    made = write_world(
        folder, states=states, quarters=quarters, persons=persons, seed=seed, layout="mixed", dirt=dirt,
        qcew_dir=settings.BASE_DIR / "data", shocks=shocks,
    )  # fmt: skip
    keep_employers(made.files)
    for file in made.files:
        (load_wage_records if file.kind == "wage_records" else load_establishments)(file.path)
    return made


def do_jobs(request: DataRequest) -> DataRequest:
    """A worker does all that waits, and what comes of it."""
    while waiting := list(Job.objects.filter(request=request, state=JobState.WAITING).order_by("created_at")):
        for job in waiting:
            jobs.run(job.pk)
    request.refresh_from_db()
    return request


def awaiting(
    people: dict[str, Person], kind: Kind, cohorts: Sequence[str], *, states: list[str], quarters: list[int]
) -> DataRequest:
    """An approved request for these named cohorts, its key made."""
    request = factories.draft(people, kind, states=states, quarters=quarters)
    section = factories.answers(kind, states=states, quarters=quarters)["cohorts"]
    section["cohorts"] = [{"name": name, "reference_quarter": quarters[0]} for name in cohorts]
    coordinator, analyst = people["coordinator"], people["program_analyst"]
    requests.save_section(request, "cohorts", section, actor=coordinator, seen_version=1)
    request = workflow.transition(request, "submit", actor=coordinator)
    request = workflow.transition(request, "start_review", actor=analyst)
    look_through(request, analyst)
    requests.answer_viability(request, actor=analyst, enough_data=True, reason="Thousands of jobs in every cell.")
    request = workflow.transition(request, "recommend", actor=analyst, reason="Sound and within the MOU.")
    look_through(request, people["approving_official"])
    return do_jobs(workflow.transition(request, "approve", actor=people["approving_official"]))


def exclude_wrong_lines(request: DataRequest, person: Person) -> None:
    """BLS lets the request's files leave wrong lines out."""
    CohortTerms.objects.create(request=request, policy=CohortPolicy.EXCLUDE, set_at=timezone.now(), set_by=person)


def send(request: DataRequest, cohort: str, quarter: int, rows: Rows, coordinator: Person) -> CohortFile:
    """One file, sent, checked and where asked for confirmed by the coordinator."""
    row = cohort_files.receive(request, cohort, quarter, _sealed(request, quarter, rows), actor=coordinator)
    for job in Job.objects.filter(request=request, subject=row.pk, state=JobState.WAITING):
        jobs.run(job.pk)
    row.refresh_from_db()
    if row.state == CohortFileState.TO_CONFIRM:
        row = cohort_files.confirm(row, actor=coordinator)
    assert row.state == CohortFileState.ACCEPTED, row.problems
    return row


def _sealed(request: DataRequest, quarter: int, rows: Rows) -> cohort_files.Sealed:
    lines = [f"{request.agency.fips},{quarter}"]
    lines += [",".join((_field(temporary_id), ssn)) for temporary_id, ssn in rows]
    with cohort_files.sealer_for(request, new_ulid()) as sealer:
        sealer.write(("\n".join(lines) + "\n").encode())
        return sealer.finish()


def _field(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if set(value) & set('",') else value


def matching(
    people: dict[str, Person], files_of: Mapping[tuple[str, int], Rows], *, states: list[str], kind: Kind = Kind.MICRO
) -> DataRequest:
    """A request whose files were accepted and whose match has been ordered; nothing of it is done yet."""
    names = list(dict.fromkeys(name for name, _ in files_of))
    quarters = sorted({quarter for _, quarter in files_of})
    request = awaiting(people, kind, names, states=states, quarters=quarters)
    exclude_wrong_lines(request, people["program_analyst"])
    for (name, quarter), rows in files_of.items():
        send(request, name, quarter, rows, people["coordinator"])
    return workflow.transition(request, "begin_matching", actor=people["coordinator"])


def package_of(request: DataRequest) -> bytes:
    """The newest package as the worker's key opens it."""
    package = Package.objects.filter(request=request).order_by("-version").first()
    assert package is not None
    return b"".join(files.read(package.file))


def tables_of(request: DataRequest) -> dict[str, bytes]:
    """The CSV files of the newest package, by name."""
    with zipfile.ZipFile(io.BytesIO(package_of(request))) as package:
        return {name: package.read(name) for name in package.namelist() if name.endswith(".csv")}
