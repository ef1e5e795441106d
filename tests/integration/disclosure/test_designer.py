"""The table designer: presets, the table as typed, better designs. Nothing of it is saved."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from disclosure.core.tabulation.design import TableDesign
from disclosure.presets import PRESETS
from matching.loads.published_qcew import load_published
from requests_app.models import DataRequest, Person
from requests_app.services.life import requests as service
from requests_app.states import Kind
from tests import factories
from tests.pages import signed_in

PUBLISHED = tuple(f"2016.q1-q4.{area}.csv.gz" for area in ("44000", "44001", "44005", "44009"))
FINE = {
    "layout": "crossed", "source": "wage_records", "dimensions": ["area", "industry", "ownership"],
    "area_level": "county", "industry_level": "6", "industries": "", "time": "quarter", "measures": ["jobs", "wages"],
}  # fmt: skip
STATES = "Areas by state instead of county"


@pytest.fixture
def published(people: dict[str, Person]) -> None:
    for name in PUBLISHED:
        load_published(settings.BASE_DIR / "data" / "qcew_2016" / "ri" / name, lambda _done, _known: None)


@pytest.fixture
def draft(people: dict[str, Person]) -> DataRequest:
    return factories.draft(people, Kind.MACRO, states=["44"], quarters=[20161, 20162])


def show(client: Client, request: DataRequest, typed: dict[str, Any]) -> Any:
    return client.post(reverse("design_table", args=[request.number]), {"seen_version": 1, **typed})


def filled(answer: Any) -> dict[str, Any]:
    """The design that the page's form would send."""
    form = answer.context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) is not None}


@pytest.mark.parametrize(("kind", "name"), [(kind, one.name) for kind, found in PRESETS.items() for one in found])
def test_preset_fills_in_a_design_that_can_be_saved_as_it_is(kind: Kind, name: str, people: dict[str, Person]) -> None:
    request, client = factories.draft(people, kind), signed_in(people["coordinator"])
    answer = show(client, request, {"preset": name})
    assert answer.status_code == 200
    assert "Nothing is saved yet." in answer.content.decode()
    assert "The table as it will look" in answer.content.decode()
    assert request.sections.get(name="tables").version == 1
    wanted = next(one for one in PRESETS[kind] if one.name == name).for_quarters([20161, 20162])
    section = reverse("form_section", args=[request.number, "tables"])
    assert client.post(section, filled(answer)).status_code == 302
    kept = TableDesign.from_dict(request.sections.get(name="tables").data["design"], people=kind is not Kind.MACRO)
    assert kept == TableDesign.from_dict(wanted, people=kind is not Kind.MACRO)


def test_table_as_typed_is_shown_and_not_saved(published: None, draft: DataRequest, people: dict[str, Person]) -> None:
    answer = show(signed_in(people["coordinator"]), draft, FINE | {"dimensions": ["ownership"], "measures": ["jobs"]})
    page = answer.content.decode()
    assert "All numbers are made up" in page
    assert "Private" in page
    assert draft.sections.get(name="tables").data["design"]["dimensions"] == ["area", "industry"]
    costs = dict(re.findall(r'<th scope="row">(With[^<]*)</th><td class="wr-figure">([\d,]+)</td>', page))
    assert {"With area of employment by county", "With industry by national industry"} <= set(costs)
    assert int(costs["With industry by national industry"].replace(",", "")) > 100


def test_design_that_withholds_too_much_says_so_and_offers_three_better_ones_as_buttons(
    published: None, draft: DataRequest, people: dict[str, Person]
) -> None:
    client = signed_in(people["coordinator"])
    answer = show(client, draft, FINE)
    page = answer.content.decode()
    assert "More than half of this table would be withheld" in page
    offers = re.findall(r'name="take" value="([^"]+)"', page)
    assert len(offers) == 3
    assert STATES in offers
    taken = show(client, draft, FINE | {"take": STATES, "seen_version": 7})
    design = taken.context["form"].initial
    assert (design["seen_version"], design["area_level"]) == (7, "state")
    assert TableDesign.from_dict(draft.sections.get(name="tables").data["design"]).area_level == "county"


def test_before_signing_the_saved_design_is_warned_of_with_the_same_buttons(
    published: None, draft: DataRequest, people: dict[str, Person]
) -> None:
    client, coordinator = signed_in(people["coordinator"]), people["coordinator"]
    fine = factories.DESIGN | {"dimensions": FINE["dimensions"], "industry_level": 6, "industries": []}
    service.save_section(draft, "tables", {"design": fine}, actor=coordinator, seen_version=1)
    page = client.get(reverse("form_check", args=[draft.number])).content.decode()
    assert "More than half of this table would be withheld" in page
    offers = re.findall(r'name="take" value="([^"]+)"', page)
    assert STATES in offers
    taken = client.post(reverse("design_table", args=[draft.number]), {"take": STATES})
    assert taken.context["form"].initial["area_level"] == "state"
    assert taken.context["form"].initial["seen_version"] == 2


def test_counties_put_together_are_forecast_from_published_counties(
    published: None, draft: DataRequest, people: dict[str, Person]
) -> None:
    client, typed = signed_in(people["coordinator"]), FINE | {"dimensions": ["area"], "regions": "Bay: 44001, 44005"}
    # Of Rhode Island three counties are loaded, all in the metropolitan area of Providence.
    for level, cells in (("state", 1), ("metro", 1 + 1), ("region", 1 + 2), ("county", 1 + 3)):
        context = show(client, draft, typed | {"area_level": level}).context
        assert context["forecast"].now.cells == cells, level
        rows = {row.words for row in context["example_tables"][0].rows}
        assert ({"Bay", "Other counties"} <= rows) == (level == "region")


def test_design_that_contradicts_itself_is_shown_with_what_to_change(
    draft: DataRequest, people: dict[str, Person]
) -> None:
    answer = show(signed_in(people["coordinator"]), draft, FINE | {"time": "since"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This table cannot be made yet" in page
    assert page.count("counted for people followed only") == 4  # designer, summary, question; and once read out


@pytest.mark.parametrize("typed", [{"take": "Areas by galaxy"}, {"preset": "nothing"}, {}])
def test_unknown_offer_shows_the_saved_design(
    typed: dict[str, str], draft: DataRequest, people: dict[str, Person]
) -> None:
    answer = show(signed_in(people["coordinator"]), draft, typed)
    assert answer.status_code == 200
    assert answer.context["form"].initial["area_level"] == "county"


def test_address_of_the_designer_without_a_design_leads_to_the_section(
    draft: DataRequest, people: dict[str, Person]
) -> None:
    client = signed_in(people["coordinator"])
    address = reverse("design_table", args=[draft.number])
    assert client.get(address).url == reverse("form_section", args=[draft.number, "tables"])  # type: ignore[attr-defined]
