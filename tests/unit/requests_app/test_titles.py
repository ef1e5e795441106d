"""Codes in words."""

import pytest

from requests_app.selectors.life.titles import title


@pytest.mark.parametrize(
    ("dimension", "code", "words"),
    [
        ("area", "10001", "Kent County, Delaware"),
        ("area", "44000", "Rhode Island, whole state"),
        ("area", "TOTAL", "All areas"),
        ("state", "10", "Delaware"),
        ("state", "NONE", "No wage record"),
        ("industry", "44-45", "Retail trade"),
        ("industry", "722", "Food services and drinking places"),
        ("ownership", "5", "Private"),
        ("quarter", "20161", "2016 Q1"),
        ("cohort", "Kitchen training", "Kitchen training"),
        ("industry", "ABC", "ABC"),
    ],
)
def test_title(dimension: str, code: str, words: str) -> None:
    assert title(dimension, code) == words
