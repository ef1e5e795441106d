"""Plays requests, each step by the person whose step it is, through the real services and workers.

Runs in the web role: it can do what the site can do, and no more.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from config.demo.questions import Question
from matching.models.cohorts import CohortFileState
from matching.services import cohort_files
from requests_app import policies
from requests_app.demo.reviewers import look_through
from requests_app.guards import reviews_of
from requests_app.models import DataRequest, Package, Person
from requests_app.models.ids import new_ulid
from requests_app.models.jobs import JobState
from requests_app.services.event_log import openings
from requests_app.services.life import requests, workflow
from requests_app.services.packages import destruction, packages
from requests_app.services.reviews.answers import answer
from requests_app.states import Kind, State

PATIENCE_SECONDS = 300
People = dict[str, Person]


@dataclass(frozen=True)
class Ended:
    """What one request came to: the line of the demonstration's report."""

    kind: str
    id: str
    state: str
    rows: int
    cells: int
    withheld: int
    seconds: float
    package: str
    sha256: str


def play(asked: Question, people: People, opened: Path, say: Callable[[str], None]) -> Ended:
    """One request from draft to closed; its package, opened as the coordinator, is left in `opened`."""
    started = time.monotonic()
    kind, request = asked.kind, approve(asked, people)
    say(f"{request.number} ({kind.label}): approved: {asked.title}")
    if kind is not Kind.MACRO:
        request = send_cohorts(request, asked, people)
        say(f"{request.number}: cohort files accepted, matching")
    if kind is Kind.MICRO:
        request = wait_for(request, State.READY_FOR_RELEASE)
    else:
        request = review(wait_for(request, State.DISCLOSURE_REVIEW), people)
        say(f"{request.number}: tables protected, audited and agreed to by the partner states")
    request = workflow.transition(request, "release", actor=people["release_officer"])
    package, path = receive(request, people["coordinator"], opened)
    request = close(request, people)
    say(f"{request.number}: released, opened, {request.status.label.lower()}")
    return Ended(
        kind=kind,
        id=request.number,
        state=request.state,
        rows=package.rows,
        cells=package.cells,
        withheld=package.withheld,
        seconds=round(time.monotonic() - started, 2),
        package=str(path),
        sha256=package.sha256,
    )


def approve(asked: Question, people: People) -> DataRequest:
    """Drafted and submitted by the coordinator, reviewed, recommended and approved by two persons."""
    coordinator, analyst = people["coordinator"], people["program_analyst"]
    request = requests.start_draft(actor=coordinator)
    for name, data in asked.answers().items():
        requests.save_section(request, name, data, actor=coordinator, seen_version=0)
    requests.name_agent(request, people["agent"], actor=coordinator, may_upload=True)
    request = workflow.transition(request, "submit", actor=coordinator)
    request = workflow.transition(request, "start_review", actor=analyst)
    look_through(request, analyst)
    requests.answer_viability(
        request, actor=analyst, enough_data=True, reason="Most cells asked for rest on many employers."
    )
    request = workflow.transition(request, "recommend", actor=analyst, reason="Within the MOU, and enough data.")
    look_through(request, people["approving_official"])
    return workflow.transition(request, "approve", actor=people["approving_official"])


def send_cohorts(request: DataRequest, asked: Question, people: People) -> DataRequest:
    """One file per cohort and quarter, encrypted as it is sent; then the match is started."""
    request = wait_for(request, State.AWAITING_COHORT)
    for name, cohort in asked.cohorts().items():
        for quarter in asked.quarters:
            data = cohort.file(request.agency.fips or "", quarter)
            with cohort_files.sealer_for(request, new_ulid()) as sealer:
                sealer.write(data)
                sealed = sealer.finish()
            cohort_files.receive(request, name, quarter, sealed, actor=people["coordinator"])
    until(lambda: all_accepted(request), request)
    return workflow.transition(request, "begin_matching", actor=people["coordinator"])


def all_accepted(request: DataRequest) -> bool:
    """True once the checks are through; a refused file is a mistake of the demonstration itself."""
    slots = cohort_files.grid(request)
    refused = [problem["kind"] for slot in slots if slot.file for problem in slot.file.problems]
    if refused:
        raise RuntimeError(f"{request.number}: a cohort file was refused: {', '.join(sorted(set(refused)))}")
    return all(slot.state == CohortFileState.ACCEPTED for slot in slots)


def review(request: DataRequest, people: People) -> DataRequest:
    """Two disclosure analysts, then every partner state whose records were searched."""
    package = current(request)
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    request = workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    reviewers = {person.agency_id: person for key, person in people.items() if key.startswith("output_reviewer")}
    for asked in reviews_of(request):
        answer(asked, actor=reviewers[asked.agency_id], verdict="no_objection", package_sha256=package.sha256)
    request.refresh_from_db()
    return request


def receive(request: DataRequest, coordinator: Person, opened: Path) -> tuple[Package, Path]:
    """The coordinator opens the delivered package: a grant of the worker's for this one file."""
    package = current(request)
    until(lambda: package.deliveries.filter(status="delivered").exists(), request)
    path = opened / package.file.name
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for chunk in openings.open_file(package.file, person=coordinator, purpose="download"):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != package.sha256:
        raise RuntimeError(f"{request.number}: the package opened is not the package reviewed.")
    return package, path


def close(request: DataRequest, people: People) -> DataRequest:
    """Aggregates are closed by the coordinator; micro data are destroyed, confirmed and acknowledged."""
    coordinator = people["coordinator"]
    if request.kind != Kind.MICRO:
        return workflow.transition(request, "close", actor=coordinator)
    request = workflow.transition(wait_for(request, State.IN_USE), "finish_use", actor=coordinator)
    destruction.confirm(
        current(request).destruction,
        actor=coordinator,
        what="The package and the working copy made from it.",
        copies=2,
        backups="None were made.",
        method="purge",
        destroyed_on=timezone.localdate(),
    )
    request = workflow.transition(request, "confirm_destruction", actor=coordinator)
    return workflow.transition(request, "acknowledge_destruction", actor=people["program_analyst"])


def current(request: DataRequest) -> Package:
    """The newest package."""
    package = policies.newest_package(request)
    if package is None:
        raise RuntimeError(f"{request.number} has no package.")
    return package


def wait_for(request: DataRequest, state: State) -> DataRequest:
    """The request once a worker has brought it to `state`."""

    def arrived() -> bool:
        request.refresh_from_db()
        return request.status is state

    until(arrived, request)
    return request


def until(happened: Callable[[], bool], request: DataRequest) -> None:
    """Waits for the workers; a failed job or too long a wait ends the demonstration with words."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        failed = request.jobs.filter(state=JobState.FAILED).first()
        if failed:
            raise RuntimeError(f"{request.number}: {failed.kind} failed: {failed.error}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{request.number}: nothing happened for {PATIENCE_SECONDS} seconds ({request.state}).")
        time.sleep(0.1)


def as_report(ended: list[Ended]) -> list[dict[str, Any]]:
    """The requests as the JSON report lists them."""
    return [asdict(one) for one in ended]
