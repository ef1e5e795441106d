"""Nothing a requester can see before disclosure review changes when a confidential record changes (product.md).

The same draft goes through the same steps in two worlds that differ in one employer's wages and jobs, really loaded;
every page and API answer its coordinator reaches is kept and compared. BLS's own forecast differs: the change matters.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from config.routes import ROUTES
from disclosure.presets import presets_of
from disclosure.selectors import designer as designer_selector
from disclosure.services import designs, gathering
from matching import store
from matching.loads.loading import load_establishments, load_wage_records
from matching.loads.published_qcew import load_published
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.papers import paper
from requests_app.services.life import jobs, workflow
from requests_app.services.life import requests as service
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import Kind, Role, State
from tests import factories
from tests.integration.disclosure.review import answer_openings
from tests.integration.matching.load_files import establishments, records, specimen
from tests.pages import signed_in
from tests.security.places import parameters

EMPLOYERS = 24
WORLDS = ((800, 3), (95_000, 40))  # wages and jobs of the one employer in which the two worlds differ
FINE = {
    "source": "wage_records", "dimensions": ["area", "industry", "ownership"], "area_level": "county",
    "industry_level": "6", "measures": ["jobs", "wages"],
}  # fmt: skip
PUBLISHED = ("2016.q1-q4.44000.csv.gz", "2016.q1-q4.44009.csv.gz")
PASSING = re.compile(
    r"""<time.*?</time>|name="(?:csrfmiddlewaretoken|page|notice)"[^>]*|nonce="[^"]*"|<!--.*?-->|[\dA-HJKMNP-TV-Z]{26}"""
    r"""|\d{4}-\d\d-\d\dT[\d:.+Z-]+|\d{1,2} [A-Z][a-z]+ \d{4}, [\d:]+(?: [ap]\.m\.)?|midnight|noon|"id":\d+""",
    re.S,
)  # clocks, and what is made anew for every page
Seen = dict[str, tuple[int, str]]


def load_world(folder: Path, wage: int, jobs_of_one: int) -> None:
    """Rhode Island's first quarter of 2016: employers in three counties; one of them as given."""
    places = [{"uin": str(one), "ein": str(one), "county_fips": ("001", "003", "007")[one % 3],
               "naics": ("445110", "441110")[one % 2], "employed": 5 + one, "total_wages": 900 * (5 + one)}
              for one in range(1, EMPLOYERS)]  # fmt: skip
    places.append({**places[-1], "uin": "99", "ein": "99", "employed": jobs_of_one, "total_wages": wage})
    paid = [
        {"ssn": specimen(10 * one + person), "uin": str(one), "ein": str(one), "wage": str(700 + 10 * one)}
        for one in range(1, EMPLOYERS)
        for person in range(3)
    ]
    paid += [{"ssn": specimen(5000 + person), "uin": "99", "ein": "99", "wage": str(wage)}
             for person in range(jobs_of_one)]  # fmt: skip
    load_establishments(establishments(folder / "establishments.csv", *places))
    load_wage_records(records(folder / "records.csv", *paid))


def work_off(request: DataRequest) -> None:
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)
    assert not request.jobs.filter(state=JobState.FAILED).exists()
    request.refresh_from_db()


def addresses(request: DataRequest, *, again: bool) -> Iterator[str]:
    """Every address that can be read and names at most this request, its sections, its steps or a holding.

    `again`: without those that the table of routes answers alike whatever has become of the request: pages for
    everybody, and those for roles a coordinator never has, which are refused at the door.
    """
    values: dict[str, list[Any]] = {
        "number": [request.number], "section": ["scope", "tables"], "transition": ["withdraw", "accept_design"],
        "fips": ["44"], "quarter": [20161], "kind": ["wage_records"], "cohort_number": [1],
        "chart": ["line", "bars", "map"],
    }  # fmt: skip
    needed = parameters()
    for name, methods in ROUTES.items():
        if "GET" not in methods or name not in needed or not set(needed[name]) <= set(values):
            continue
        if name.startswith(
            ("account_", "mfa_", "usersessions", "session_")
        ):  # about the sign-in, with secrets made for the page
            continue
        audience = methods["GET"]
        if again and (audience.public or (audience.roles and Role.COORDINATOR not in audience.roles)):
            continue
        combinations: list[dict[str, Any]] = [{}]
        for parameter in needed[name]:
            combinations = [one | {parameter: value} for one in combinations for value in values[parameter]]
        for one in combinations:
            try:
                yield reverse(name, kwargs=one)
            except NoReverseMatch:
                continue


def everything(client: Client, token: str, request: DataRequest, *, again: bool = False) -> Seen:
    """What the coordinator is answered at every address, in the browser and by the API, without clocks and ids."""
    found = designed(client, request, again=again)
    for path in addresses(request, again=again):
        headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
        found[path] = answered(client.get(path, headers=headers))
    return found


def designed(client: Client, request: DataRequest, *, again: bool) -> Seen:
    """What the table designer answers to a design as typed, to every question it offers, and to a better design; once
    the request is submitted, to the first of these."""
    path = reverse("design_table", args=[request.number])
    asked: list[dict[str, Any]] = [FINE]
    if not again:
        asked += [
            {"take": "Areas by state instead of county"},
            *({"preset": one.name} for one in presets_of(request.kind)),
        ]
    return {f"{path} {number}": answered(client.post(path, typed)) for number, typed in enumerate(asked)}


def answered(answer: Any) -> tuple[int, str]:
    """Status and text, without what is made anew each time."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, PASSING.sub("", body.decode(errors="replace"))


@contextmanager
def a_world() -> Iterator[None]:
    """Within it records are loaded and steps are taken; afterwards none of it ever was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def life_before_review(people: dict[str, Person], request: DataRequest, client: Client, token: str) -> list[Seen]:
    """As a draft, under review with the exact forecast made, and approved and being built."""
    analyst = people["program_analyst"]
    seen = [everything(client, token, request)]
    request = workflow.transition(request, "submit", actor=people["coordinator"])
    work_off(request)
    request = workflow.transition(request, "start_review", actor=analyst)
    look_through(request, analyst)
    service.answer_viability(request, actor=analyst, enough_data=True, reason="Enough employers.")
    seen.append(everything(client, token, request, again=True))
    request = workflow.transition(request, "recommend", actor=analyst, reason="Sound.")
    look_through(request, people["approving_official"])
    request = workflow.transition(request, "approve", actor=people["approving_official"])
    assert request.status is State.BUILDING
    seen.append(everything(client, token, request, again=True))
    return seen


def leaking(client: Client, request: DataRequest) -> Seen:
    """What the designer answers to an unfinished design and to a question, made to say what web could not know."""

    def leak(_problems: object) -> str:
        held = store.contributions_macro("wage_records", ["44"], [20161], ())
        return f"All wages: {sum(held.column('wages').to_pylist())}"

    path = reverse("design_table", args=[request.number])
    unfinished = [{"source": "wage_records", "measures": ["jobs"]}, {"preset": "qcew"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(designer_selector, "said", leak)
        return {str(place): answered(client.post(path, typed)) for place, typed in enumerate(unfinished)}


def forecast_of_bls(people: dict[str, Person], request: DataRequest) -> str:
    """The exact forecast as an Approving Official reads it."""
    factories.place(request, State.RECOMMENDED)
    answer = signed_in(people["approving_official"]).get(reverse("forecast", args=[request.number]))
    return PASSING.sub("", answer.content.decode().split('id="exact"')[1])


def test_no_answer_to_a_requester_depends_on_a_confidential_record(
    people: dict[str, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an answer that did would be found: the comparison names exactly the one that is made to."""
    answer_openings(monkeypatch)
    monkeypatch.setattr(paper, "_compiled", str.encode)  # PDFs as what is set in them, or no clock could be left out
    for name in PUBLISHED:
        load_published(settings.BASE_DIR / "data" / "qcew_2016" / "ri" / name, lambda _done, _known: None)
    coordinator = people["coordinator"]
    request, other = (factories.draft(people, Kind.MACRO, states=["44"], quarters=[20161]) for _ in range(2))
    client, (_, token) = signed_in(coordinator), create_token(actor=coordinator, name="all", scopes=[Scope.READ])
    seen, told, forecasts, tables_made = [], [], [], []
    for number, (wage, jobs_of_one) in enumerate(WORLDS):
        (folder := tmp_path / str(number)).mkdir()
        with a_world():
            load_world(folder, wage, jobs_of_one)
            told.append(leaking(client, other))
            seen.append(life_before_review(people, request, client, token))
            made = DataRequest.objects.get(pk=request.pk)
            tables_made.append(gathering.gather(made, designs.design_of(made)).contributions)
            forecasts.append(forecast_of_bls(people, DataRequest.objects.get(pk=request.pk)))
    assert not tables_made[0].equals(tables_made[1])
    assert forecasts[0] != forecasts[1]
    assert [one.split(":")[0] for one in changed(*told)] == ["0"]
    reached = [path for path, (status, _) in seen[0][0].items() if status == 200]
    assert len(reached) > 25
    assert "Forecast from published QCEW" in seen[0][0][reverse("form_section", args=[request.number, "tables"])][1]
    found = [f"stage {stage}: {one}" for stage, pair in enumerate(zip(*seen, strict=True)) for one in changed(*pair)]
    assert found == [], "\n".join(found)


def changed(one: Seen, other: Seen) -> list[str]:
    """Where two worlds' answers differ."""
    return [f"{path}: {difference(one[path], other[path])}" for path in one if one[path] != other[path]]


def difference(one: tuple[int, str], other: tuple[int, str]) -> str:
    """The first place where two answers part."""
    place = next((n for n, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), 0)
    return f"{one[0]} …{one[1][max(place - 60, 0) : place + 60]!r}, {other[0]} …{other[1][place : place + 60]!r}"
