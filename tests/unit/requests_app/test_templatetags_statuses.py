"""Every state of a request has a look of its own; the icons exist in the vendored sprite."""

import re
from pathlib import Path

import pytest

from requests_app.states import State
from requests_app.templatetags import statuses

SPRITE = Path("static/vendor/uswds/img/sprite.svg").read_text(encoding="utf-8")
STYLES = Path("static/css/app.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_request_has_a_look(state: State) -> None:
    assert state.value in statuses.LOOKS


@pytest.mark.parametrize(("tone", "icon"), statuses.ICON_OF_TONE.items())
def test_every_tone_has_an_icon_and_a_colour(tone: str, icon: str) -> None:
    assert f'id="{icon}"' in SPRITE
    assert re.search(rf"\.wr-status--{tone}[ ,]", STYLES)


def test_no_value_has_two_tones() -> None:
    values = " ".join(statuses.TONES.values()).split()
    assert len(values) == len(set(values))


def test_unknown_value_reads_as_its_own_words() -> None:
    assert statuses.status_look("half_way-there") == statuses.Look(
        "Half way there", "neutral", "radio_button_unchecked"
    )
    assert statuses.status_look(None).words == "Nothing yet"
