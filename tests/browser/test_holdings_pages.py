"""The pages of holdings, as people see them: axe finds nothing, nothing scrolls sideways.

PICTURES=folder keeps a picture of each page, wide and narrow.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from matching.holdings import looks, pins
from matching.models import Holding, Kind, PinStep, PublishedComparison, Status
from requests_app.models import DataRequest, Person
from requests_app.services.event_log import events
from requests_app.services.people import pre_release
from tests import factories
from tests.browser.axe_check import chromium_path
from tests.browser.visits import look_at_all
from tests.integration.matching.holdings import hold, in_days

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
pytestmark = [
    pytest.mark.skipif(not chromium_path().exists(), reason=f"No browser at {chromium_path()}."),
    pytest.mark.django_db(transaction=True),
]
SOME_STATES = ("01", "06", "10", "12", "17", "23", "36", "44", "48", "50")


def everything(people: dict[str, Person]) -> DataRequest:
    """Ten states over four years in every status; one load with everything on its page; a request made from it."""
    request = factories.submitted(people)
    Holding.objects.all().delete()
    steward = people["data_steward"]
    pre_release.add(
        steward, actor=people["administrator"], listed_from=in_days(0), listed_until=None, others_are_needed=True
    )
    for place, state in enumerate(SOME_STATES):
        for number in range(16 - place % 3):
            quarter = (2013 + number // 4) * 10 + number % 4 + 1
            if (state, quarter) != ("44", 20164):
                _held(state, quarter, number)
    old = hold(quarter=20164, loaded=timezone.now() - timedelta(days=60))
    pins.pin(request.number, PinStep.MATCH, [old], timezone.now())
    Holding.objects.filter(pk=old.pk).update(status=Status.SUPERSEDED)
    _remarkable()
    events.record("wage_records.load", actor=None, subject="44 20164 version 1", detail={"sha256": "5e" * 32})
    looks.look(old, actor=steward, note="Bonuses of one large employer; the state confirmed them.")
    return request


def _held(state: str, quarter: int, number: int) -> None:
    version = 2 if number % 5 == 1 else 1
    release = in_days(12) if quarter == 20164 else in_days(-number - 30)
    hold(
        state, quarter, version=version, final=quarter < 20150, release=release, rows=100_000 + 900 * (number % 4),
        edits={"high_wages": number % 7},
    )  # fmt: skip


def _remarkable() -> None:
    """The corrected load of Rhode Island's last quarter."""
    found = hold(
        quarter=20164, version=2, rows=180_000, rejected=1_503, rejects={"ssn_not_digits": 1_500, "hours": 3},
        reject_lines={"ssn_not_digits": list(range(7, 1_007)), "hours": [12, 40, 41]}, unmatchable=61,
        edits={"duplicate": 412, "same_unit": 38, "negative_wages": 2, "high_wages": 97, "low_wages": 0,
               "many_employers": 15},
        account_edits={"new_account": 31, "vanished_account": 12}, rows_quarter_before=101_800,
        wages_quarter_before=1_020_000_000,
        places={"unit": 90_000, "single": 60_000, "dominant": 20_000, "none": 10_000},
    )  # fmt: skip
    for ownership, code, published in (("2", "N", None), ("3", "", 80_000_000), ("5", "", 800_000_000)):
        PublishedComparison.objects.create(
            load_id=found.load_id, ownership=ownership, measure="total_wages", loaded=90_000_000, published=published,
            disclosure_code=code,
        )  # fmt: skip
    hold(quarter=20164, kind=Kind.ESTABLISHMENTS, rows=5_100)


def test_holdings_pages_are_accessible_and_fit(
    people: dict[str, Person], live_server: LiveServer, browser: Browser
) -> None:
    request = everything(people)
    load = reverse("load", args=["44", 20164, "wage_records", 2])
    compare = reverse("compare_loads")
    pages = {
        "holdings-coordinator": ("coordinator", reverse("holding_list")),
        "holdings-steward": ("data_steward", reverse("holding_list")),
        "holdings-one-state": ("data_steward", f"{reverse('holding_list')}?state=44&first=2015"),
        "holdings-error": ("coordinator", f"{reverse('holding_list')}?first=2016&last=2014"),
        "holdings-nothing": ("coordinator", f"{reverse('holding_list')}?state=56"),
        "holding-history": ("data_steward", reverse("holding", args=["44", 20164])),
        "load": ("data_steward", load),
        "load-of-establishments": ("data_steward", reverse("load", args=["44", 20164, "establishments", 1])),
        "compare-begin": ("data_steward", compare),
        "compare-choose": ("data_steward", f"{compare}?kind=wage_records&state=44"),
        "compare": ("data_steward", f"{compare}?kind=wage_records&state=44&left=20163-1&right=20164-2"),
        "home-steward": ("data_steward", reverse("home")),
        "request-corrected": ("coordinator", reverse("request", args=[request.number])),
    }
    addresses = [(name, key, path) for name, (key, path) in pages.items()]
    assert look_at_all(addresses, people, live_server, browser, pictures=PICTURES) == []
