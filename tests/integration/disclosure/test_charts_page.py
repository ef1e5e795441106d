"""Charts on the page of a package's tables: what the package withholds is withheld in every picture and download."""

import csv
import io
import json
import re

import pyarrow as pa
import pytest
from django.urls import reverse

from requests_app.models import Package, Person
from requests_app.services.packages import files
from tests.integration.disclosure.review import in_disclosure_review
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import signed_in


@pytest.fixture
def reviewed(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Package:
    """Two employers are left in one county, so that its total is withheld."""

    def thinned() -> pa.Table:
        made = contributions()
        names = made.column("enterprise").to_pylist()
        return made.filter(pa.array([not name.startswith("44001") or (name.endswith(("0", "1")) and "445" in name)
                                     for name in names]))  # fmt: skip

    _, package = in_disclosure_review(people, monkeypatch, thinned)
    return package


def downloaded(people: dict[str, Person], package: Package, chart: str, **asked: str) -> list[list[str]]:
    address = reverse("chart_data", args=[package.request.number, chart])
    answer = signed_in(people["disclosure_analyst"]).get(address, asked)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_every_chart_stands_on_the_page_with_its_table_and_download(
    reviewed: Package, people: dict[str, Person]
) -> None:
    page = signed_in(people["disclosure_analyst"]).get(reverse("tables", args=[reviewed.request.number]))
    text = page.content.decode()
    assert re.findall(r"/tables/(\w+)\.csv", text) == ["line", "bars", "map"]
    assert text.count('role="img"') == text.count("The numbers of this chart") == 3
    assert len(text.encode()) < 200_000


def test_download_has_the_cells_of_the_package_and_withholds_the_same(
    reviewed: Package, people: dict[str, Person]
) -> None:
    assert reviewed.tables is not None
    (table,) = json.loads(b"".join(files.read(reviewed.tables)))
    place = table["measures"].index("wages")
    released = {tuple(codes): "N" if code == "N" else str(values[place]) for codes, values, code in table["rows"]}
    rows = downloaded(people, reviewed, "bars", measure="wages", quarter="20161", by="area")
    industry = next(codes[2] for codes, _, _ in table["rows"])
    counties = {key[1]: value for key, value in released.items()
                if key[0] == "20161" and key[2] == industry and not key[1].endswith("000")}  # fmt: skip
    assert rows[0] == ["Area of employment", "Total wages"]
    assert sorted(value for _, value in rows[1:]) == sorted(counties.values())
    assert "N" in counties.values()


def test_chart_the_table_has_not_is_not_there(reviewed: Package, people: dict[str, Person]) -> None:
    client, number = signed_in(people["disclosure_analyst"]), reviewed.request.number
    for chart, asked in (("flows", {}), ("pie", {}), ("line", {"table": "7"}), ("line", {"table": "-1"})):
        assert client.get(reverse("chart_data", args=[number, chart]), asked).status_code == 404


def test_charts_are_for_those_who_may_open_the_tables(reviewed: Package, people: dict[str, Person]) -> None:
    for player in ("coordinator", "program_analyst", "auditor"):
        answer = signed_in(people[player]).get(reverse("chart_data", args=[reviewed.request.number, "line"]))
        assert answer.status_code in {403, 404}
