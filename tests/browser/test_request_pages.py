"""Every page of requests as people see it: axe finds nothing, nothing scrolls sideways, the console is silent.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from matching.models.cohorts import CohortFile
from matching.services import cohort_files
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Delivery, Destruction, Job, Person
from requests_app.models.files import FileKind
from requests_app.services.bls_review import desk, questions
from requests_app.services.form import amendments
from requests_app.services.life import figures, workflow
from requests_app.services.life import requests as service
from requests_app.services.packages import files
from requests_app.services.packages.packages import Built, keep_package
from requests_app.states import Kind, State
from tests import factories
from tests.browser.axe_check import chromium_path, look
from tests.browser.visits import Address, look_at_all
from tests.pages import signed_in

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
NO_BROWSER = f"No browser at {chromium_path()}: pages were not looked at."
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=NO_BROWSER),
    pytest.mark.django_db(transaction=True),
]


def in_review(people: dict[str, Person], kind: Kind = Kind.MICRO) -> DataRequest:
    request = workflow.transition(factories.submitted(people, kind), "start_review", actor=people["program_analyst"])
    look_through(request, people["program_analyst"])
    service.answer_viability(request, actor=people["program_analyst"], enough_data=True, reason="Thousands of jobs.")
    return request


def place(request: DataRequest, state: State) -> None:
    with transaction.atomic():
        factories.place(request, state)


def released(people: dict[str, Person], state: State, days: int) -> str:
    """A micro request with a delivered package, to be destroyed in so many days."""
    request = factories.draft(people, Kind.MICRO)
    data = b"made-up package"
    sealed = files.seal_bytes(data, request, FileKind.PACKAGE)
    package = keep_package(request, Built(hashlib.sha256(data).hexdigest(), sealed, ["10"], ["10"]))
    now = timezone.now()
    Delivery.objects.create(package=package, status="delivered", created_at=now, delivered_at=now)
    Destruction.objects.create(package=package, due_on=timezone.localdate() + timedelta(days=days))
    place(request, state)
    return request.number


def of_coordinator(people: dict[str, Person]) -> list[Address]:
    """The pages of a Project Coordinator."""
    returned = workflow.transition(
        in_review(people), "return_to_state", actor=people["program_analyst"], reason="Which licences do you mean?"
    )
    empty = service.start_draft(actor=people["coordinator"]).number
    draft = factories.draft(people, Kind.MICRO_TO_MACRO)
    service.name_agent(draft, people["agent"], actor=people["coordinator"], may_upload=True)
    held, due = released(people, State.IN_USE, 40), released(people, State.DESTRUCTION_DUE, 3)
    package = DataRequest.objects.get(number=held).packages.get()
    addresses = {
        "home-coordinator": reverse("home"),
        "list": reverse("request_list"),
        "list-nothing": reverse("request_list") + "?q=nothing",
        "hub-draft": reverse("request", args=[draft.number]),
        "hub-returned": reverse("request", args=[returned.number]),
        "hub-in-use": reverse("request", args=[held]),
        "form-empty": reverse("form", args=[empty]),
        "form-complete": reverse("form", args=[draft.number]),
        "form-returned": reverse("form", args=[returned.number]),
        "people": reverse("form_people", args=[draft.number]),
        "check-empty": reverse("form_check", args=[empty]),
        "check-complete": reverse("form_check", args=[draft.number]),
        "sign": reverse("form_sign", args=[draft.number]),
        "versions": reverse("form_versions", args=[returned.number]),
        "step-withdraw": reverse("step", args=[draft.number, "withdraw"]),
        "package": reverse("package", args=[held, package.pk]),
        "destruction": reverse("destruction", args=[due]),
        "denied": reverse("review", args=[draft.number]),
    }
    sections = ["project", "package", "purpose", "scope", "cohorts", "tables", "outputs", "security", "certify"]
    addresses |= {f"section-{name}": reverse("form_section", args=[draft.number, name]) for name in sections}
    return [(name, "coordinator", path) for name, path in addresses.items()]


def of_bls(people: dict[str, Person]) -> list[Address]:
    """The pages of BLS."""
    waiting, reviewed = factories.submitted(people, Kind.MACRO), in_review(people, Kind.MICRO_TO_MACRO)
    decided = workflow.transition(in_review(people), "recommend", actor=people["program_analyst"], reason="Sound.")
    look_through(decided, people["approving_official"])
    analyst = people["program_analyst"]
    desk.raise_finding(reviewed, actor=analyst, section="scope", text="Why Delaware?", must_change=True)
    desk.write_note(reviewed, actor=analyst, text="The economist knows this agency.")
    desk.keep_template(actor=analyst, title="Scope", text="Which quarters do you need, and why?")
    asked = questions.ask(reviewed, actor=analyst, text="Which licences do you mean?", section="cohorts")
    questions.reply(asked, actor=people["coordinator"], text="Nursing.")
    figures.compute(timezone.now())
    matching = factories.submitted(people, Kind.MICRO)
    place(matching, State.MATCHING)
    now = timezone.now()
    counts = {"progress_done": 412_000, "progress_known": 955_000, "progress_words": "Matching Trainees, 2016 Q1"}
    Job.objects.create(
        request=matching, kind="match", state="running", created_at=now, started_at=now - timedelta(minutes=2), **counts
    )
    return [
        ("home-analyst", "program_analyst", reverse("home")),
        ("step-start-review", "program_analyst", reverse("step", args=[waiting.number, "start_review"])),
        ("review", "program_analyst", reverse("review", args=[reviewed.number])),
        ("queue", "program_analyst", reverse("review_queue")),
        ("inbox", "program_analyst", reverse("inbox")),
        ("notice-choices", "program_analyst", reverse("notice_choices")),
        ("absence", "program_analyst", reverse("absence")),
        ("outbox", "program_analyst", reverse("outbox")),
        ("dashboards", "program_analyst", reverse("dashboards")),
        ("how-long", "program_analyst", reverse("how_long")),
        ("list-narrowed", "program_analyst", reverse("request_list") + "?kind=micro"),
        ("questions", "program_analyst", reverse("request_questions", args=[reviewed.number])),
        ("question", "program_analyst", reverse("question", args=[reviewed.number, asked.pk])),
        ("templates", "program_analyst", reverse("reply_templates")),
        ("step-return", "program_analyst", reverse("step", args=[reviewed.number, "return_to_state"])),
        ("hub-matching", "program_analyst", reverse("request", args=[matching.number])),
        ("decision", "approving_official", reverse("review", args=[decided.number])),
        ("step-approve", "approving_official", reverse("step", args=[decided.number, "approve"])),
        ("step-deny", "approving_official", reverse("step", args=[decided.number, "deny"])),
        ("home-nothing", "release_officer", reverse("home")),
        ("events", "auditor", reverse("event_list")),
    ]


def of_amendments(people: dict[str, Person]) -> list[Address]:
    """An amendment as it is asked for, and as it waits for its decision."""
    request, coordinator = factories.approved(people, Kind.MICRO), people["coordinator"]
    ask = ("amendment-ask", "coordinator", reverse("add_amendment", args=[factories.approved(people).number]))
    asked = amendments.draft_amendment(request, actor=coordinator, changes={"quarters": [20163]}, reason="A year more.")
    amendments.move(asked, "submit", actor=coordinator)
    page = reverse("amendment", args=[request.number, asked.number])
    hub = ("hub-amended", "coordinator", reverse("request", args=[request.number]))
    return [ask, hub, ("amendment", "coordinator", page), ("amendment-bls", "approving_official", page)]


def of_files(people: dict[str, Person]) -> list[Address]:
    """Cohort files in every state: missing, being checked, accepted, refused; for the team, an agent and BLS."""
    request = factories.draft(people, Kind.MICRO, quarters=[20161, 20162, 20163, 20164])
    place(request, State.AWAITING_COHORT)
    request.refresh_from_db()
    now, found = timezone.now(), cohort_files.grid(request)
    hint = "These lines have no SSN. Leave the person out, or add the number."
    problems = [
        {"kind": "ssn_missing", "count": 1200, "lines": [2, 4, *range(20, 1018)], "hint": hint},
        {"kind": "not_utf8", "count": 1, "lines": [], "hint": "Save the file as CSV UTF-8."},
    ]
    states = {"received": {}, "accepted": {"rows": 4200}, "refused": {"problems": problems, "checked_at": now}}
    for slot, (state, facts) in zip(found[1:], states.items(), strict=False):
        sealed = files.remember(
            files.seal_bytes(b"made up", request, FileKind.COHORT), request, FileKind.COHORT, state, now
        )
        CohortFile.objects.create(
            request=request, cohort=slot.cohort, quarter=slot.quarter, file=sealed, state=state,
            uploaded_at=now, uploaded_by=people["coordinator"], **facts,
        )  # fmt: skip
    names = ["missing", *states]
    pages = {
        name: reverse("cohort_file", args=[request.number, 1, slot.quarter])
        for name, slot in zip(names, found, strict=False)
    }
    hub = reverse("request", args=[request.number])
    addresses = [(f"file-{name}", "coordinator", path) for name, path in pages.items()]
    addresses += [("file-refused-bls", "program_analyst", pages["refused"]), ("hub-files-bls", "program_analyst", hub)]
    return [*addresses, ("hub-files", "coordinator", hub)]


@pytest.mark.parametrize(
    "addresses", [of_coordinator, of_bls, of_amendments, of_files], ids=["coordinator", "bls", "amendments", "files"]
)
def test_pages_are_accessible_and_fit(
    addresses: object, people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    asked = addresses(people)  # type: ignore[operator]
    refused = frozenset({"denied"}) & {name for name, _, _ in asked}
    assert look_at_all(asked, people, live_server, browser, pictures=PICTURES, refused=refused) == []


def page_of(person: Person, browser: Browser, live_server: LiveServer) -> Page:
    """A page of a browser in which this person is signed in."""
    context = browser.new_context()
    cookie = signed_in(person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def test_form_clash_and_errors_are_accessible(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    number = service.start_draft(actor=people["coordinator"]).number
    page = page_of(people["coordinator"], browser, live_server)
    page.goto(live_server.url + reverse("form_section", args=[number, "project"]))
    draft = DataRequest.objects.get(number=number)
    service.save_section(draft, "project", {"title": "Theirs"}, actor=people["coordinator"], seen_version=0)
    page.get_by_label("Project title").fill("Mine")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", name="saved this section while you had it open").is_visible()
    found = look(page, "clash", PICTURES)
    page.get_by_role("button", name="Save mine instead").click()
    assert "Saved: Project" in page.inner_text("main")
    page.goto(live_server.url + reverse("form_section", args=[number, "package"]))
    for words in ("Yes, I ask about people on a list", "Individual records under my own temporary IDs", "No"):
        page.get_by_text(words, exact=True).first.click()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    assert [*found, *look(page, "section-errors", PICTURES)] == []
