"""The pages of loads: quality, rejects, history, comparison, requests concerned, what waits for the Steward."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.holdings import looks, pins
from matching.holdings.section import holdings_context
from matching.models import Holding, Kind, LoadLook, LoadQuality, PinStep, PublishedComparison, Status
from requests_app.models import DataRequest, Event, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.people import pre_release
from requests_app.states import State
from requests_app.templatetags.formats import day
from tests import factories
from tests.integration.matching.holdings import hold, in_days
from tests.pages import hold_quarters, signed_in

People = dict[str, Person]


def page(person: Person, name: str, holding: Holding, **query: str) -> Any:
    at = [holding.state, holding.quarter]
    at += [] if name == "holding" else [holding.kind, holding.version]
    return signed_in(person).get(reverse(name, args=at), query)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_quality_page_says_every_figure(people: People) -> None:
    found = hold(
        rows=200_000, rejected=3, rejects={"ssn_not_digits": 2, "hours": 1},
        reject_lines={"ssn_not_digits": [4, 5], "hours": [9]}, unmatchable=600, edits={"high_wages": 7},
        account_edits={"vanished_account": 2}, rows_quarter_before=160_000, wages_quarter_before=1_000_000_000,
        places={"unit": 150_000, "none": 50_000},
    )  # fmt: skip
    PublishedComparison.objects.create(
        load_id=found.load_id, ownership="5", measure="total_wages", loaded=880_000_000, published=800_000_000,
        disclosure_code="",
    )  # fmt: skip
    PublishedComparison.objects.create(
        load_id=found.load_id, ownership="2", measure="total_wages", loaded=5, published=None, disclosure_code="N"
    )
    said = text(page(people["data_steward"], "load", found))
    for words in (
        "The SSN is not nine digits", "4 to 5",
        "0.3%", "Under 0.1%", "12.5%", "30%", "40,000", "25%", "-$100,000,000", "-10%",
        "Not held", "Withheld by BLS", "880,000,000", "7 records", "2 accounts",
        "Hoaglin, Iglewicz and Tukey",
        "In the visible load of the quarter before, and not in this one",
        "The reporting unit named", "75%",
    ):  # fmt: skip
        assert words in said, words


def test_load_without_quality_says_so(people: People) -> None:
    assert "No quality was computed" in text(page(people["data_steward"], "load", hold(quality=False)))


def test_rejects_are_downloaded_by_line_and_code(people: People) -> None:
    found = hold(rejected=1_500, rejects={"hours": 1_500}, reject_lines={"hours": list(range(2, 1_002))})
    answer = page(people["data_steward"], "load_rejects", found)
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert answer["Content-Disposition"] == 'attachment; filename="rejects_wage_records_44_20161_1.csv"'
    assert (len(rows), rows[0]) == (1_001, {"code": "hours", "reason": "The hours cannot be read", "line": "2"})
    assert "500 more" in rows[-1]["reason"]


@pytest.mark.parametrize("name", ["load", "load_rejects", "holding"])
def test_unreleased_load_is_not_there_for_a_steward_who_is_not_listed(people: People, name: str) -> None:
    assert page(people["data_steward"], name, hold(release=in_days(1))).status_code == 404
    assert page(people["data_steward"], name, hold(quarter=20162, release=in_days(0))).status_code == 200


def test_history_has_every_version_and_who_did_what(people: People) -> None:
    first = hold(status=Status.UNDONE, loaded=timezone.now() - timedelta(days=9))
    second = hold(version=2, edits={"low_wages": 4})
    hold(kind=Kind.ESTABLISHMENTS)
    events.record("wage_records.load", actor=None, subject="44 20161 version 1", detail={"sha256": "ab" * 32})
    events.record("establishments.load", actor=None, subject="44 20161 version 1", detail={})
    events.record("wage_records.load", actor=None, subject="44 20162 version 1", detail={})
    looks.look(second, actor=people["data_steward"], note="Bonuses of one month.")
    answer = page(people["program_analyst"], "holding", first)
    said = text(answer)
    for words in ("Undone", "In use", "Version 2, revision 1", "ab" * 32, "Bonuses of one month.", "Hugo Marsh"):
        assert words in said
    records, establishments = answer.context["kinds"]
    assert [(len(one.rows), len(one.events)) for one in (records, establishments)] == [(2, 2), (1, 1)]


def test_comparison_shows_differences_and_marks_what_is_unusual(people: People) -> None:
    for number in range(10):
        hold(quarter=(2014 + number // 4) * 10 + number % 4 + 1, rows=100_000 + 500 * (number % 3))
    hold(quarter=20171, rows=180_000, edits={"duplicate": 5}, rejects={"uin": 2})
    asked = {"kind": "wage_records", "state": "44", "left": "20162-1", "right": "20171-1"}
    answer = signed_in(people["data_steward"]).get(reverse("compare_loads"), asked)
    compared = answer.context["compared"]
    rows = {line.label: line for line in compared.figures}
    assert (rows["Rows loaded"].left, rows["Rows loaded"].right) == ("100,000", "180,000")
    assert (rows["Rows loaded"].difference, rows["Rows loaded"].share) == ("80,000", "80%")
    assert rows["Rows loaded"].outside
    assert not rows["Accounts"].outside
    assert [(line.left, line.right) for line in [*compared.edits, *compared.rejects]] == [("0", "5"), ("0", "2")]
    assert "Outside the usual" in text(answer)


def test_comparison_of_few_quarters_says_that_it_cannot_judge(people: People) -> None:
    hold(rows=10)
    hold(version=2, rows=1_000, status=Status.SUPERSEDED)
    asked = {"kind": "wage_records", "state": "44", "left": "20161-1", "right": "20161-2"}
    answer = signed_in(people["data_steward"]).get(reverse("compare_loads"), asked)
    assert {line.outside for line in answer.context["compared"].figures} == {False}
    assert "Too few changes held" in text(answer)


def test_comparison_begins_with_a_choice_and_refuses_loads_that_are_not_there(people: People) -> None:
    hold()
    client = signed_in(people["data_steward"])
    assert client.get(reverse("compare_loads")).status_code == 200
    asked = {"kind": "wage_records", "state": "44", "left": "20161-1", "right": "20161-9"}
    answer = client.get(reverse("compare_loads"), asked)
    assert answer.context["compared"] is None
    assert "right" in answer.context["form"].errors


def test_looking_is_recorded_and_ends_the_waiting(people: People) -> None:
    found = hold(edits={"high_wages": 2}, loaded=timezone.now() - timedelta(days=3))
    hold(quarter=20162)  # nothing was found in it
    client = signed_in(people["data_steward"])
    waiting = [item.sentence for item in client.get(reverse("home")).context["home"].waits_for_me]
    assert waiting == ["Look at what the edits found: Wage records of Rhode Island, 2016 Q1, version 1"]
    client.post(reverse("look_at_load", args=["44", 20161, "wage_records", 1]), {"note": "Checked."})
    assert LoadLook.objects.get().note == "Checked."
    event = Event.objects.get(kind="wage_records.look_at")
    assert (event.subject, event.actor_id) == ("44 20161 version 1", people["data_steward"].pk)
    assert client.get(reverse("home")).context["home"].waits_for_me == []
    assert "Checked." in text(page(people["data_steward"], "load", found))


def test_only_a_data_steward_takes_note(people: People) -> None:
    found = hold(edits={"high_wages": 2})
    with pytest.raises(Denied):
        looks.look(found, actor=people["program_analyst"])
    assert not LoadLook.objects.exists()


def test_missing_quarters_and_near_releases_wait_for_the_steward(people: People) -> None:
    for quarter in (20161, 20164):
        hold("44", quarter)
    hold("10", 20171)
    hold("10", 20172, release=in_days(5))
    steward = people["data_steward"]

    def waiting() -> list[str]:
        items = signed_in(steward).get(reverse("home")).context["home"].waits_for_me
        return sorted(item.sentence for item in items)

    missing = "Load wage records of Rhode Island: {} missing"
    assert waiting() == [missing.format("2016 Q2 to 2016 Q3, 2017 Q1")]
    pre_release.add(
        steward, actor=people["administrator"], listed_from=in_days(0), listed_until=None, others_are_needed=True
    )
    assert waiting() == [
        f"2017 Q2 wage records of 1 state: official release on {day(in_days(5))}",
        missing.format("2016 Q2 to 2016 Q3, 2017 Q1 to 2017 Q2"),
    ]
    assert signed_in(people["auditor"]).get(reverse("home")).context["home"].waits_for_me == []


@pytest.fixture
def made(people: People) -> tuple[DataRequest, Holding]:
    """A request of Rhode Island whose match was made from a load."""
    hold_quarters()
    factories.place(request := factories.submitted(people), State.MATCHING)
    Holding.objects.filter(state="44", quarter=20161).delete()
    used = hold()
    pins.pin(request.number, PinStep.MATCH, [used], timezone.now())
    return request, used


def correct(used: Holding) -> Holding:
    """A corrected file takes the place of the load."""
    Holding.objects.filter(pk=used.pk).update(status=Status.SUPERSEDED)
    return hold(version=used.version + 1)


def test_load_names_the_requests_made_from_it(people: People, made: tuple[DataRequest, Holding]) -> None:
    request, used = made
    answer = page(people["data_steward"], "load", used)
    assert [row["label"] for row in answer.context["made_from"]] == [request.number]
    assert answer.context["made_from"][0]["url"] == ""  # a Data Steward sees no request
    corrected = page(people["data_steward"], "load", correct(used))
    assert [row["label"] for row in corrected.context["made_from_another"]] == [request.number]
    assert "Requests made from another version" in text(corrected)


def test_request_made_again_is_no_longer_concerned(people: People, made: tuple[DataRequest, Holding]) -> None:
    request, used = made
    corrected = correct(used)
    pins.pin(request.number, PinStep.MATCH, [corrected], timezone.now() + timedelta(seconds=1))
    answer = page(people["data_steward"], "load", corrected)
    assert [row["label"] for row in answer.context["made_from"]] == [request.number]
    assert answer.context["made_from_another"] == []


def test_request_page_says_versions_used_and_what_replaced_them(
    people: People, made: tuple[DataRequest, Holding]
) -> None:
    request, used = made
    url = reverse("request", args=[request.number])
    said = text(signed_in(people["coordinator"]).get(url))
    assert "Data used" in said
    assert "Still in use" in said
    assert "corrected since" not in said
    correct(used)
    for key in ("coordinator", "program_analyst"):
        said = text(signed_in(people[key]).get(url))
        assert "Some of these data were corrected since" in said
        assert "Replaced: revision 1 is in use" in said


def test_request_page_says_what_is_held_before_anything_is_made(people: People) -> None:
    hold_quarters()
    request = factories.submitted(people)
    Holding.objects.filter(state="10", quarter=20162).update(release_date=in_days(3))
    Holding.objects.filter(state="44").update(final=True)
    url = reverse("request", args=[request.number])
    for key in ("coordinator", "program_analyst"):
        context = holdings_context(request, people[key])
        assert context is not None
        assert context["rows"] == [
            ["Delaware", "2016 Q1", "Initial"], ["Delaware", "2016 Q2", "Not held"],
            ["Rhode Island", "2016 Q1 to 2016 Q2", "Final"],
        ]  # fmt: skip
        assert "Data held" in text(signed_in(people[key]).get(url))


def test_quality_row_is_not_needed_for_history(people: People) -> None:
    found = hold(quality=False)
    assert "Not computed" in text(page(people["data_steward"], "holding", found))
    assert not LoadQuality.objects.exists()
