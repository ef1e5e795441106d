"""What the ledger refuses is shown to BLS with the earlier cells in the way, and to nobody else."""

import pytest
from django.urls import reverse

from disclosure import parameters
from disclosure.core.rules.parameters import Parameters
from disclosure.models import HistoryRefusal
from disclosure.selectors import refusals
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs, requests
from requests_app.states import Kind, State
from tests import factories
from tests.integration.disclosure.review import answer_openings
from tests.integration.disclosure.test_ledger import built, record, release, universe
from tests.pages import signed_in

__all__ = ["universe"]  # a fixture
STRICTER = Parameters(min_enterprises=12)


def refused(people: dict[str, Person], patch: pytest.MonkeyPatch) -> tuple[DataRequest, DataRequest]:
    """A released request, and one whose tables that makes impossible: rules became stricter in between."""
    first = release(built(people), people)
    patch.setattr(parameters, "current", lambda: STRICTER)
    made = factories.draft(people, Kind.MACRO, states=["44"], quarters=[20161])
    design = factories.DESIGN | {"industry_level": 6}
    requests.save_section(made, "tables", {"design": design}, actor=people["coordinator"], seen_version=1)
    request = factories.decided(made, people)
    for job in Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING):
        jobs.run(job.pk)
    request.refresh_from_db()
    assert request.status is State.FAILED
    return first, request


def test_refusal_names_cells_and_releases_in_words(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    first, request = refused(people, monkeypatch)
    [kept] = HistoryRefusal.objects.all()
    found = refusals.newest_refusal(request)
    assert found is not None
    assert len(found.reasons) == len(kept.reasons) > 0
    assert all("published before" in one and " / " not in one for one in found.reasons)
    assert any("County" in one for one in found.reasons)
    assert [one.release for one in found.in_the_way] == [f"{first.number}, package 1"]
    assert found.in_the_way[0].number == first.number
    assert all(" · " in cell for cell in found.in_the_way[0].cells)


def test_refusal_is_on_the_page_of_who_decides_and_of_nobody_else(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, request = refused(people, monkeypatch)
    for key in ("program_analyst", "disclosure_analyst", "approving_official"):
        text = signed_in(people[key]).get(reverse("request", args=[request.number])).content.decode()
        assert "Why the tables cannot be protected" in text, key
        assert f"{first.number}, package 1" in text
        assert "What can be done" in text
    for key in ("coordinator", "agent", "release_officer", "administrator", "auditor"):
        answer = signed_in(people[key]).get(reverse("request", args=[request.number]))
        assert "cannot be protected</h2>" not in answer.content.decode(), key
        assert "published before" not in answer.content.decode(), key


def test_workbench_says_what_history_cost(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    answer_openings(monkeypatch)
    first = release(built(people), people)
    second = built(people, industry_level=6)
    factories.place(second, State.DISCLOSURE_REVIEW)
    history = record(second)["history"]
    assert isinstance(history, dict)
    client, address = signed_in(people["disclosure_analyst"]), reverse("workbench", args=[second.number])
    text = client.get(address).content.decode()
    assert f"{first.number}, package 1" in text
    lost = len(history["cells_lost"])
    if lost:
        assert f"{lost} cell" in text
        narrowed = client.get(f"{address}?rule=history").content.decode()
        assert f"<p>{lost} cell" in narrowed
    else:
        assert "It costs no cell" in text
