"""The heat map and its filters: who sees what, in which words, and the same as CSV."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching.models import Holding, Kind, LoadQuality, Status
from requests_app.fips import STATES
from requests_app.models import Person
from requests_app.services.people import pre_release
from tests.integration.matching.holdings import hold, in_days
from tests.pages import signed_in

People = dict[str, Person]
URL = "/holdings/"


def shown(person: Person, query: str = "") -> Any:
    answer = signed_in(person).get(URL + query)
    assert answer.status_code == 200
    return answer


def cells(person: Person, query: str = "") -> dict[tuple[str, int], str]:
    """What the map says of each state and quarter."""
    found = shown(person, query).context["map"]
    return {
        (row.fips, quarter): cell.words
        for row in found.rows
        for quarter, cell in zip(found.quarters, row.cells, strict=True)
        if cell.mark
    }


def lines(person: Person, query: str = "") -> list[dict[str, str]]:
    answer = signed_in(person).get(f"{URL}?export=csv{query}")
    assert answer["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def listed(person: Person, by: Person) -> None:
    pre_release.add(person, actor=by, listed_from=in_days(0), listed_until=None, others_are_needed=True)


def test_each_edition_has_its_mark_and_words(people: People) -> None:
    hold("44", 20161)
    hold("44", 20162, status=Status.SUPERSEDED)
    hold("44", 20162, version=2)
    hold("10", 20161, final=True)
    found = shown(people["coordinator"]).context["map"]
    marks = {(row.fips, cell.words): cell.mark for row in found.rows for cell in row.cells if cell.mark}
    assert marks == {("44", "initial"): "I", ("44", "revision 1"): "R1", ("10", "final"): "F"}
    assert [row.name for row in found.rows] == ["Delaware", "Rhode Island"]


def test_undone_load_is_not_held(people: People) -> None:
    hold("44", 20161, status=Status.UNDONE)
    assert cells(people["coordinator"]) == {}
    assert "Nothing is held here" in shown(people["coordinator"]).content.decode()


@pytest.mark.parametrize("key", ["coordinator", "agent", "output_reviewer", "program_analyst", "data_steward"])
def test_unreleased_quarter_is_there_for_the_pre_release_list_only(people: People, key: str) -> None:
    hold("44", 20161, release=in_days(0))
    hold("44", 20162, release=in_days(1))
    assert set(cells(people[key])) == {("44", 20161)}
    assert [line["quarter"] for line in lines(people[key])] == ["1"]
    listed(people[key], people["administrator"])
    assert set(cells(people[key])) == {("44", 20161), ("44", 20162)}
    assert "official release" in cells(people[key])["44", 20162]
    assert [line["released"] for line in lines(people[key])] == ["yes", "no"]


def test_steward_who_is_not_listed_is_told_how_many_are_hidden(people: People) -> None:
    hold("44", 20161)
    hold("44", 20162, release=in_days(9))
    words = "1 more quarter is held before the official release"
    assert words in shown(people["data_steward"]).content.decode()
    assert words not in shown(people["coordinator"]).content.decode()


def test_quality_is_for_those_at_bls_who_work_with_the_data(people: People) -> None:
    hold("44", 20161, edits={"high_wages": 12}, rejected=3)
    sees = {key for key, person in people.items() if "findings" in "".join(cells(person).values())}
    assert sees == {
        "program_analyst", "approving_official", "disclosure_analyst", "second_disclosure_analyst", "data_steward",
    }  # fmt: skip
    with_counts = {key for key, person in people.items() if "rejected" in lines(person)[0]}
    assert with_counts == sees
    for key, person in people.items():
        page = shown(person, "?state=44").content.decode()
        assert ("3 rejected" in page) == (key in sees)
        assert (reverse("holding", args=["44", 20161]) in page) == (key in sees)


def test_filters_narrow_the_map_and_the_file(people: People) -> None:
    for quarter in (20091, 20151, 20161):
        hold("44", quarter)
    hold("10", 20161, Kind.ESTABLISHMENTS)
    person = people["coordinator"]
    assert set(cells(person)) == {("44", 20151), ("44", 20161)}  # the newest five years
    assert set(cells(person, "?first=2009&last=2015")) == {("44", 20091), ("44", 20151)}
    assert set(cells(person, "?kind=establishments")) == {("10", 20161)}
    assert cells(person, "?state=10") == {}
    assert [line["year"] for line in lines(person, "&first=2009")] == ["2009", "2015", "2016"]
    assert "Choose a last year that is not before the first." in shown(person, "?first=2016&last=2009").content.decode()


def test_csv_says_release_and_status(people: People) -> None:
    hold("44", 20161, release=in_days(-3), final=True)
    assert lines(people["agent"]) == [
        {
            "state_fips": "44", "state": "Rhode Island", "year": "2016", "quarter": "1", "kind": "wage_records",
            "status": "final", "official_release": in_days(-3).isoformat(), "released": "yes",
        }
    ]  # fmt: skip


def whole_country() -> None:
    """Every state, both kinds, ten years, all with findings."""
    every = [
        (state, year * 10 + number, kind)
        for state, _, _ in STATES for year in range(2007, 2017) for number in (1, 2, 3, 4) for kind in Kind
    ]  # fmt: skip
    one = hold("44", 20064, edits={"high_wages": 1})
    quality = LoadQuality.objects.get(load_id=one.load_id)
    holdings, qualities = [], []
    for load_id, (state, quarter, kind) in enumerate(every, 1000):
        cell = {"state": state, "quarter": quarter, "kind": kind, "load_id": load_id}
        fields = {f.attname: getattr(one, f.attname) for f in Holding._meta.concrete_fields}
        holdings.append(Holding(**{**fields, **cell}))
        fields = {f.attname: getattr(quality, f.attname) for f in LoadQuality._meta.concrete_fields}
        qualities.append(LoadQuality(**{**fields, **cell}))
    Holding.objects.bulk_create(holdings)
    LoadQuality.objects.bulk_create(qualities)


def test_whole_country_takes_few_queries_and_a_light_page(people: People) -> None:
    whole_country()
    for key in ("coordinator", "data_steward"):
        client = signed_in(people[key])
        for path in (URL, f"{URL}?first=2007", "/home/"):
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(path)
            assert answer.status_code == 200
            assert len(captured) <= 12, (key, path, len(captured))
        assert len(client.get(URL).content) < 200_000
    found = shown(people["data_steward"], "?first=2007").context["map"]
    assert (len(found.rows), len(found.quarters), found.held) == (53, 40, 53 * 40)
