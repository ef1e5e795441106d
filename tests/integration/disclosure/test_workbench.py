"""The disclosure workbench: cells with their reasons, questions to workers, two signatures bound to the bytes."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disclosure.models import Analysis
from requests_app.models import DataRequest, Event, Package, Person
from requests_app.policies import Denied, newest_package
from requests_app.services.life import workflow
from requests_app.services.packages import packages
from requests_app.states import State
from tests import factories
from tests.integration.disclosure.review import in_disclosure_review, work_off
from tests.pages import signed_in

Review = tuple[DataRequest, Package]


@pytest.fixture
def review(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Review:
    return in_disclosure_review(people, monkeypatch)


def page(people: dict[str, Person], request: DataRequest, query: str = "", name: str = "workbench") -> str:
    answer = signed_in(people["disclosure_analyst"]).get(reverse(name, args=[request.number]) + query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def ask(people: dict[str, Person], request: DataRequest, package: Package, **given: object) -> int:
    client = signed_in(people["disclosure_analyst"])
    address = reverse("disclosure_analyses", args=[request.number])
    return client.post(address, {"package_sha256": package.sha256, **given}).status_code


def cells_shown(text: str) -> int:
    return int(re.search(r"<p>([\d,]+) cells?\. A withheld", text)[1].replace(",", ""))  # type: ignore[index]


def test_cells_are_narrowed_by_state_and_reason(people: dict[str, Person], review: Review) -> None:
    request, package = review
    shown = {state: cells_shown(page(people, request, f"?state={state}"))
             for state in ("", "withheld", "published", "sensitive", "protects_others")}  # fmt: skip
    assert shown[""] == package.cells == shown["withheld"] + shown["published"]
    assert shown["withheld"] == package.withheld == shown["sensitive"] + shown["protects_others"]
    assert 0 < cells_shown(page(people, request, "?rule=dominance")) < shown["withheld"]
    assert cells_shown(page(people, request, "?state=nonsense")) == package.cells


def test_chosen_cell_says_why_and_what_it_protects(people: dict[str, Person], review: Review) -> None:
    request, _ = review
    shields = page(people, request, "?state=protects_others")
    first = re.search(r"cell=(\d+)#cell", shields)[1]  # type: ignore[index]
    panel = page(people, request, f"?cell={first}").split('id="cell"')[1].split("</section>")[0]
    assert "In a sum with" in panel
    [protected, *_] = re.findall(r"cell=(\d+)#cell", panel.split("<dt>Protects</dt>")[1].split("</dd>")[0])
    other = page(people, request, f"?cell={protected}").split('id="cell"')[1].split("</section>")[0]
    assert "Withheld: sensitive" in other
    assert f"cell={first}#cell" in other.split("<dt>Protected by</dt>")[1].split("</dd>")[0]


def test_intervals_are_worked_out_when_asked(people: dict[str, Person], review: Review) -> None:
    request, package = review
    assert ask(people, request, package, ask="intervals") == 302
    work_off(request)
    withheld = re.search(r"cell=(\d+)#cell", page(people, request, "?state=sensitive"))[1]  # type: ignore[index]
    assert re.search(r"Jobs: [\d,]+ (to [\d,]+|or more)", page(people, request, f"?cell={withheld}"))


def test_what_if_stands_beside_what_is_and_is_an_event(people: dict[str, Person], review: Review) -> None:
    request, package = review
    assert ask(people, request, package, ask="what_if", min_enterprises="12") == 302
    assert ask(people, request, package, ask="what_if", min_enterprises="12") == 302  # asked once
    work_off(request)
    text = page(people, request, name="disclosure_analyses")
    rows = re.search(r'id="what-if-table-caption".*?</table>', text, re.S)[0]  # type: ignore[index]
    now, other = (int(found) for found in re.findall(r'<td class="wr-figure">([\d,]+)</td>', rows)[1::3][:2])
    assert "Min enterprises 12" in rows
    assert other > now
    assert Analysis.objects.get(kind="what_if").package == package
    [event] = Event.objects.filter(kind="analysis.ask", detail__kind="what_if")
    assert "12" not in str(event.detail)
    assert newest_package(request) == package


@pytest.mark.parametrize("given", [{}, {"p_percent": "0"}, {"dominance_percent": "101"}, {"largest_count": "2"}])
def test_impossible_parameters_are_refused_with_words(
    given: dict[str, str], people: dict[str, Person], review: Review
) -> None:
    assert ask(people, *review, ask="what_if", **given) == 400
    assert not Analysis.objects.filter(kind="what_if").exists()


def test_coarser_designs_stand_side_by_side(people: dict[str, Person], review: Review) -> None:
    request, package = review
    assert ask(people, request, package, ask="designs") == 302
    work_off(request)
    text = page(people, request, name="disclosure_analyses")
    for words in ("As designed", "Areas by state instead of county", "2 quarters pooled", "by sector instead of"):
        assert words in text


def test_questions_of_another_package_are_refused(people: dict[str, Person], review: Review) -> None:
    request, package = review
    with pytest.raises(Denied):
        packages.refuse_sign_off(
            request, actor=people["disclosure_analyst"], package_sha256="0" * 64, reason="Not these."
        )
    package.sha256 = "0" * 64
    assert ask(people, request, package, ask="designs") == 403


def test_pages_ask_few_queries(people: dict[str, Person], review: Review) -> None:
    client = signed_in(people["disclosure_analyst"])
    for name, at_most in (("disclosure_analyses", 13), ("workbench", 29)):  # the worker's 7 of an opening among them
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(name, args=[review[0].number]))
        assert len(captured) <= at_most, (name, len(captured))


def test_signature_is_void_when_the_bytes_change(people: dict[str, Person], review: Review) -> None:
    request, package = review
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    with pytest.raises(Denied, match="second Disclosure Analyst"):
        workflow.transition(request, "send_to_partners", actor=people["disclosure_analyst"])
    workflow.transition(request, "redesign", actor=people["second_disclosure_analyst"], reason="Once more.")
    work_off(request)
    with pytest.raises(Denied, match="first Disclosure Analyst must sign"):
        workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    text = page(people, request)
    assert "Void" in text
    assert "signed package 1" in text


def test_refusal_stands_until_its_analyst_takes_it_back(people: dict[str, Person], review: Review) -> None:
    request, package = review
    first, second = people["disclosure_analyst"], people["second_disclosure_analyst"]
    packages.sign_off(request, actor=first, package_sha256=package.sha256)
    client, address = signed_in(second), reverse("refuse_sign_off", args=[request.number])
    assert client.post(address, {"package_sha256": package.sha256, "reason": " "}).status_code == 302
    assert not request.decisions.filter(transition="refuse_sign_off").exists()
    client.post(address, {"package_sha256": package.sha256, "reason": "Kent County shows one hospital."})
    assert "Kent County shows one hospital." in page(people, request)
    packages.sign_off(request, actor=second, package_sha256=package.sha256)
    assert workflow.transition(request, "send_to_partners", actor=second).status is State.PARTNER_REVIEW


def test_a_refusal_by_one_stops_the_other(people: dict[str, Person], review: Review) -> None:
    request, package = review
    first, second = people["disclosure_analyst"], people["second_disclosure_analyst"]
    packages.sign_off(request, actor=first, package_sha256=package.sha256)
    packages.refuse_sign_off(request, actor=first, package_sha256=package.sha256, reason="I was wrong.")
    with pytest.raises(Denied, match="I was wrong"):
        workflow.transition(request, "send_to_partners", actor=second)


def test_suggested_design_is_accepted_and_built(people: dict[str, Person], review: Review) -> None:
    request, package = review
    coordinator = people["coordinator"]
    with pytest.raises(Denied, match="not suggested"):
        workflow.transition(request, "accept_design", actor=coordinator)
    assert ask(people, request, package, ask="suggest", design="0") == 302
    hub = signed_in(coordinator).get(reverse("request", args=[request.number])).content.decode()
    assert "Areas by state instead of county" in hub
    assert not re.search(r"withheld|sensitive|\bcells\b", hub.split("suggested-design")[2].split("</section>")[0])
    workflow.transition(request, "accept_design", actor=coordinator)
    work_off(request)
    rebuilt = newest_package(request)
    assert rebuilt is not None
    assert rebuilt.cells < package.cells
    assert "44001" not in page(people, request)  # no county any more
    assert request.sections.get(name="tables").data["design"]["area_level"] == "county"  # as it was signed
    with pytest.raises(Denied, match="not suggested"):
        workflow.transition(request, "accept_design", actor=coordinator)


def test_nobody_else_opens_the_workbench(people: dict[str, Person], review: Review) -> None:
    for key in ("coordinator", "output_reviewer", "program_analyst", "release_officer"):
        client = signed_in(people[key])
        for name in ("workbench", "disclosure_analyses"):
            assert client.get(reverse(name, args=[review[0].number])).status_code in {403, 404}, (key, name)


def test_states_are_told_nothing_of_questions_refusals_and_reasons(people: dict[str, Person], review: Review) -> None:
    request, package = review
    packages.refuse_sign_off(
        request, actor=people["disclosure_analyst"], package_sha256=package.sha256, reason="A hospital."
    )
    ask(people, request, package, ask="what_if", p_percent="17")
    client = signed_in(people["coordinator"])
    for name in ("request", "record"):
        text = client.get(reverse(name, args=[request.number])).content.decode()
        for secret in ("hospital", "refus", "nalysis", "p percent"):
            assert secret not in text.split("<main")[1].lower(), (name, secret)


def test_forecast_of_bls_is_made_when_the_request_is_submitted(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = in_disclosure_review(people, monkeypatch)
    factories.place(request, State.IN_REVIEW)
    text = signed_in(people["program_analyst"]).get(reverse("forecast", args=[request.number])).content.decode()
    assert "The table as designed, and coarser designs" in text
    assert "Areas by state instead of county" in text
    assert Event.objects.filter(
        kind="file.open", detail__kind="forecast", actor_id=people["program_analyst"].pk
    ).exists()
    assert signed_in(people["coordinator"]).get(reverse("forecast", args=[request.number])).status_code == 403


def test_reasons_say_what_was_found_and_how_uncertain_a_cell_must_stay(
    people: dict[str, Person], review: Review
) -> None:
    request, _ = review
    assert re.search(r"Too few enterprises \([12] enterprises?, [12] short of the minimum\)", page(people, request))
    assert re.search(r"the largest has \d+\.\d %, \d+\.\d points above the bound", page(people, request))
    sensitive = re.search(r"cell=(\d+)#cell", page(people, request, "?state=sensitive"))[1]  # type: ignore[index]
    panel = page(people, request, f"?cell={sensitive}").split('id="cell"')[1].split("</section>")[0]
    assert re.search(r"at least [\d,]+ below and [\d,]+ above", panel)
