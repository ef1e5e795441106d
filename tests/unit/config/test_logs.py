"""Nothing that looks like an SSN leaves through the logs, whoever logs it; what must stay readable does."""

import collections
import datetime
import io
import json
import logging
import random
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from ulid import ULID

from config import logs
from config.embedded.place import CHECKOUT

AREA = 900 + random.SystemRandom().randrange(100)
SERIAL = f"{random.SystemRandom().randrange(1000, 10000)}"
PLAIN = f"{AREA}01{SERIAL}"
HYPHENATED = f"{AREA}-01-{SERIAL}"
SHAPES = {
    "plain": PLAIN,
    "hyphenated": HYPHENATED,
    "spaced": f"{AREA} 01 {SERIAL}",
    "dotted": f"{AREA}.01.{SERIAL}",
    "en dashes": f"{AREA}\u201301\u2013{SERIAL}",
    "hyphens that do not break": f"{AREA}\u201101\u2011{SERIAL}",
    "blanks that do not break": f"{AREA}\u00a001\u00a0{SERIAL}",
    "one gap only": f"{AREA}01-{SERIAL}",
    "between words": f"person {PLAIN} found",
    "a hexadecimal letter before": f"of{PLAIN}",
    "a name right after": f"{PLAIN}BAKER",
    "in a line of a cohort file": f"99999,{PLAIN}",
    "after its state": f"26{PLAIN}",
    "a record of fixed width": f"{PLAIN}{'DOE':<36}44{'12':0>10}",
    "two glued": PLAIN + PLAIN,
    "four glued": PLAIN * 4,
    "full-width digits": PLAIN.translate({ord(d): chr(ord(d) + 0xFEE0) for d in "0123456789"}),
    "after a decimal point": f"1.{PLAIN}",
    "in a URL": f"/requests/?q={PLAIN}",
    "in the text of bytes": repr(b"\xff" + PLAIN.encode()),
}
Say = Callable[[str], None]


class Shy:
    """An object whose text is not its representation."""

    def __str__(self) -> str:
        return "an object"

    def __repr__(self) -> str:
        return f"Shy({PLAIN})"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The product's own handler on the root logger, into a text."""
    root, handler = logging.getLogger(), logs.MaskingHandler(io.StringIO())
    template = next(h for h in root.handlers if isinstance(h, logs.MaskingHandler))
    handler.setFormatter(template.formatter)
    root.addHandler(handler)
    yield handler.stream
    root.removeHandler(handler)


def digits(text: str) -> str:
    """Only the digits, so that no separator hides a leak; escapes are resolved."""
    plain = text.encode().decode("unicode_escape") if "\\u" in text else text
    return "".join(str(int(c)) for c in plain if c.isdigit())


def assert_nothing_left(text: str) -> None:
    assert text
    assert PLAIN not in digits(text)
    assert SERIAL not in digits(text.partition('"timestamp"')[0])


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_masked_text_hides_every_shape(shape: str) -> None:
    hidden = logs.masked_text(f"before {shape} after")
    assert logs.MASK in hidden
    assert PLAIN not in digits(hidden)
    assert (hidden[:6], hidden[-5:]) == ("before", "after")


def _raise(say: Say, text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        say("it broke")


WAYS: dict[str, Callable[[Any, logging.Logger, str], None]] = {
    "event": lambda s, _l, t: s.info(t),
    "value": lambda s, _l, t: s.info("found", ssn=t),
    "name of a value": lambda s, _l, t: s.info("found", **{t: 1}),
    "nested": lambda s, _l, t: s.info("found", rows=[{"a": ({"b": t},)}], by={t: {t: [t]}}),
    "set": lambda s, _l, t: s.info("found", rows={t}, more=frozenset({t})),
    "named tuple": lambda s, _l, t: s.info("found", row=collections.namedtuple("Row", "ssn")(t)),
    "object": lambda s, _l, t: s.info("found", row=SimpleNamespace(ssn=t), shy=Shy()),
    "bytes": lambda s, _l, t: s.info("found", row=t.encode()),
    "bound context": lambda s, _l, t: s.bind(who=t).info("found"),
    "placeholder": lambda s, _l, t: s.info("found %s", t),
    "exception": lambda s, _l, t: _raise(s.exception, t),
    "error object": lambda s, _l, t: s.error("broke", error=ValueError(t)),
    "stdlib message": lambda _s, log, t: log.warning(f"found {t}"),
    "stdlib arguments": lambda _s, log, t: log.warning("found %s in %r", t, [t]),
    "stdlib named arguments": lambda _s, log, t: log.warning("found %(ssn)s", {"ssn": t}),
    "stdlib exception": lambda _s, log, t: _raise(log.exception, t),
    "stdlib extra": lambda _s, log, t: log.warning("found", extra={"ssn": t}),
    "stdlib stack": lambda _s, log, t: log.warning(f"found {t}", stack_info=True),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("text", [PLAIN, HYPHENATED], ids=["plain", "hyphenated"])
def test_log_line_holds_no_ssn_whichever_way_it_came(
    written: io.StringIO, capfd: pytest.CaptureFixture[str], way: Callable[[Any, logging.Logger, str], None], text: str
) -> None:
    way(structlog.get_logger("test"), logging.getLogger("some.library"), text)
    assert_nothing_left(written.getvalue())
    assert PLAIN not in digits("".join(capfd.readouterr()))


@pytest.mark.parametrize("number", [int(PLAIN), float(PLAIN), -int(PLAIN), int(PLAIN) * 10**9], ids=type)
def test_log_line_holds_no_ssn_given_as_a_number(written: io.StringIO, number: float) -> None:
    structlog.get_logger("test").info("found", ssn=number, rows=[number], by={number: 1})
    assert_nothing_left(written.getvalue())
    assert json.loads(written.getvalue())["ssn"].lstrip("-").startswith(logs.MASK)


READABLE = {
    "request": "WR-2026-000123",
    "quarter": 20161,
    "quarters": [20161, 20162],
    "sha256": f"{random.Random(1).getrandbits(256):064x}",
    "digits_in_a_hash": "123456789012345678901234567890ab",
    "ulid": str(ULID()),
    "digits_in_a_ulid": "01123456789012345678901234"[:25] + "A",
    "uuid": str(uuid.UUID("550e8400-e29b-41d4-a716-446655440000")),
    "milliseconds": 12345,
    "rows": 40_000_000,
    "seconds": 0.123456789012345,
    "path": "/requests/WR-2026-000123/packages/01J0000000123456789ABCDEFG/",
    "address": "127.0.0.1:44491",
    "date": "2026-11-22",
    "time": "2026-11-22T04:31:00.123456Z",
    "when": "2026-11-22 04:31:00.123456+00:00",
    "naics": ["441110", "44-45"],
    "nothing": None,
    "yes": True,
}


def test_log_line_keeps_what_people_must_read(written: io.StringIO) -> None:
    structlog.get_logger("test").info("WR-2026-000123 moved", **READABLE)
    line = json.loads(written.getvalue())
    assert {name: line[name] for name in READABLE} == READABLE
    assert line["event"] == "WR-2026-000123 moved"
    assert (line["level"], line["logger"], line["process"]) == ("info", "test", "owner")
    assert datetime.datetime.fromisoformat(line["timestamp"]).tzinfo


def test_line_that_cannot_be_formatted_is_named_by_its_place(written: io.StringIO) -> None:
    handler = next(h for h in logging.getLogger().handlers if getattr(h, "stream", None) is written)
    handler.handle(logging.LogRecord("a.library", logging.INFO, "/a/place.py", 7, "%d rows", (PLAIN,), None))
    assert json.loads(written.getvalue()) == {"event": "log line lost", "where": "place:7", "why": "TypeError"}


# What a process does on its own before our code runs: Celery sets its log up, gunicorn has loggers of its own.
PROCESSES = {
    "worker": """
from config.celery import app
app.log.setup(loglevel="INFO", redirect_stdouts=True, redirect_level="WARNING")
from celery.utils.log import get_logger, get_multiprocessing_logger, get_task_logger
for logger in (get_task_logger("a.task"), get_logger("celery.worker"), get_multiprocessing_logger()):
    logger.error("found %s", SSN)
""",
    "web": """
from gunicorn.config import Config
from gunicorn.glogging import Logger
logger = Logger(Config())
import config.wsgi
logger.error("Error handling request %s", SSN)
try:
    raise ValueError(SSN)
except ValueError:
    logger.exception("streaming broke")
logger.access_log.info("GET /%s", SSN)
""",
    "loader": """
import django, threading
django.setup()
thread = threading.Thread(target=lambda: int(SSN + "x"))
thread.start()
thread.join()
""",
}


@pytest.mark.parametrize("process", PROCESSES)
def test_real_process_masks_the_loggers_of_its_server_too(
    process: str, environment_of: Callable[[str], dict[str, str]]
) -> None:
    code = f"import sys\nSSN = sys.stdin.read()\n{PROCESSES[process]}\nraise ValueError(SSN)"
    environment = environment_of(process) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=PLAIN,
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert logs.MASK in done.stderr
    assert "ValueError" in done.stderr
    assert PLAIN not in done.stderr + done.stdout
