"""Codes of the second factor for tests: valid long enough to be typed and checked, also on a slow machine."""

import time

from requests_app.demo.signin import current_code, player_of

PERIOD = 30  # seconds one code lives, RFC 6238
SPARE = 8  # seconds that a page may need between reading a code and having it checked


def wait_for_a_lasting_code() -> None:
    """Returns when the code that is valid now lives for SPARE seconds or more."""
    while PERIOD - time.time() % PERIOD < SPARE:
        time.sleep(0.25)


def lasting_code(key: str = "coordinator") -> str:
    """The code of this player that is valid now and for SPARE seconds or more."""
    wait_for_a_lasting_code()
    return current_code(player_of(key))
