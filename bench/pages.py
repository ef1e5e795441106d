"""How fast every list page answers with many years of requests in the database, and with how many queries.

One person at a time asks a real web process over HTTP, with a session of the real sign-in; each page in turn, many
rounds, so that the machine's noise falls on all alike. Queries are counted in this process, which runs the same code;
so is the processor time of one answer, which a busy machine changes least. Then a crowd: 50 people at once, each
reading a page for a few seconds before the next.
Which pages: list_pages.py.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import large_office
from bench.large_office import say
from config import launch
from config.embedded.process import last_lines

if TYPE_CHECKING:
    from bench.list_pages import Page

WARM_UP = 3
LIMIT_QUERIES = 15
LIMIT_OF_LISTS = 12
LIMIT_MS = 150.0
SLOWEST = 3
CROWD = 50
READS_SECONDS = 5.0
SECOND_FACTOR_COUNTS = 120  # minutes: longer than the product has it, as some lists ask for a fresh one


@dataclass(frozen=True)
class Query:
    """One statement as it was sent, and how long it took here."""

    page: str
    statement: str
    parameters: Any
    milliseconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table to the error output and one line of JSON to the standard output; 1 where a limit is missed."""
    options = _parser().parse_args(arguments)
    large_office.make_database()
    logging.disable(logging.WARNING)
    large_office.fill(requests=options.requests, people=options.people)
    pages, cookies = _pages_and_cookies()
    asked = {page.key: _queries_of(page, cookies) for page in pages}
    processor = {page.key: _processor_ms(page, cookies) for page in pages}
    times, crowd = _times(pages, cookies, options.rounds, options.crowd_seconds)
    result = {
        "bench": "pages",
        "requests": options.requests,
        "people": options.people,
        "rounds": options.rounds,
        "p95_ms": {key: _p95(taken) for key, taken in times.items()},
        "median_ms": {key: round(statistics.median(taken), 1) for key, taken in times.items()},
        "queries": {key: len(queries) for key, queries in asked.items()},
        "cpu_ms": processor,
        "crowd": crowd,
    }
    if options.plans:
        _write_plans([query for queries in asked.values() for query in queries], options.plans)
    missed = {
        page.key
        for page in pages
        if result["p95_ms"][page.key] > LIMIT_MS
        or result["queries"][page.key] > (LIMIT_OF_LISTS if page.is_list else LIMIT_QUERIES)
    }
    _print_table(result, missed)
    print(json.dumps(result), flush=True)
    return int(bool(missed or crowd["errors"]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench pages", description=main.__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--crowd-seconds", type=float, default=30.0, help="how long 50 people at once ask")
    parser.add_argument("--plans", type=Path, metavar="DIR", help="write the plans of the slowest queries there")
    return parser


# -- the pages ---------------------------------------------------------------------------------------------------------


def _pages_and_cookies() -> tuple[list[Page], dict[str, str]]:
    """The pages that answer, and the session cookie of each player who asks."""
    from django.conf import settings

    from bench.list_pages import narrowed_pages, request_pages, route_pages
    from requests_app.demo.cast import make_cast
    from tests.pages import signed_in

    cast = make_cast()
    pages = [*route_pages(), *narrowed_pages(), *request_pages()]
    players = {page.player for page in pages}
    cookies = {
        key: signed_in(cast[key], minutes_ago=-SECOND_FACTOR_COUNTS).cookies[settings.SESSION_COOKIE_NAME].value
        for key in players
    }
    answers = {page: _client(cookies[page.player]).get(page.path) for page in pages}
    for page, answer in answers.items():
        if answer.status_code != http.client.OK:
            say(f"left out: {page.key} answers {answer.status_code}")
    return [page for page in pages if answers[page].status_code == http.client.OK], cookies


def _client(cookie: str) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return client


# -- queries -----------------------------------------------------------------------------------------------------------


def _queries_of(page: Page, cookies: dict[str, str]) -> list[Query]:
    """Every statement of one answer, after one answer that fills what a process remembers."""
    from django.db import connection

    found: list[Query] = []

    def note(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(statement, parameters, many, context)
        finally:
            found.append(Query(page.key, statement, parameters, 1000 * (time.perf_counter() - started)))

    client = _client(cookies[page.player])
    client.get(page.path)
    with connection.execute_wrapper(note):
        client.get(page.path)
    return found


def _processor_ms(page: Page, cookies: dict[str, str]) -> float:
    """Milliseconds of processor time that one answer takes this process, the smaller of two."""
    client, taken = _client(cookies[page.player]), []
    for _ in range(2):
        started = time.process_time()
        client.get(page.path)
        taken.append(1000 * (time.process_time() - started))
    return round(min(taken), 1)


def _write_plans(queries: list[Query], folder: Path) -> None:
    """EXPLAIN (ANALYZE, BUFFERS) of the slowest statements, each once, to a file of its own."""
    from django.db import connection

    folder.mkdir(parents=True, exist_ok=True)
    slowest = {query.statement: query for query in sorted(queries, key=lambda query: query.milliseconds)}
    reading = [query for query in reversed(slowest.values()) if query.statement.startswith("SELECT")]
    for place, query in enumerate(reading[: 2 * SLOWEST], 1):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query.statement}", query.parameters)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        text = f"{query.page}: {query.milliseconds:.1f} ms\n\n{query.statement}\n{query.parameters}\n\n{plan}\n"
        (folder / f"{place}.txt").write_text(text)


# -- time --------------------------------------------------------------------------------------------------------------


def _times(
    pages: list[Page], cookies: dict[str, str], rounds: int, crowd_seconds: float
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Milliseconds from asking to the last byte, for each page and round; and what the crowd met."""
    from django.db import connection

    connection.close()
    times: dict[str, list[float]] = {page.key: [] for page in pages}
    web = launch.start(launch.Kind.WEB, os.environ)
    try:
        launch.wait_for_web(web, os.environ)
        for turn in range(-WARM_UP, rounds):
            for page in pages:
                taken = _ask(page.path, cookies[page.player])
                if turn >= 0:
                    times[page.key].append(taken)
            if turn % 10 == 9:
                say(f"round {turn + 1} of {rounds}")
        crowd = _crowd(pages, cookies, crowd_seconds)
    finally:
        launch.stop(web)
    return times, crowd


def _crowd(pages: list[Page], cookies: dict[str, str], seconds: float) -> dict[str, Any]:
    """50 people at once for so long; an answer that is not 200, or none, is an error."""
    taken: list[float] = []
    errors: list[str] = []
    until = time.monotonic() + seconds

    def one_person(place: int) -> None:
        chance = random.Random(place)
        while time.monotonic() < until:
            page = chance.choice(pages)
            try:
                taken.append(_ask(page.path, cookies[page.player]))
            except (OSError, http.client.HTTPException, SystemExit) as problem:
                errors.append(f"{page.key}: {problem}")
            time.sleep(chance.uniform(0, 2 * READS_SECONDS))

    people = [threading.Thread(target=one_person, args=(place,)) for place in range(CROWD)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    found = {"people": CROWD, "answers": len(taken), "errors": len(errors), "p95_ms": _p95(taken)}
    say(f"a crowd: {found} {errors[:SLOWEST]}")
    return found


def _ask(path: str, cookie: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=60)
    headers = {"Host": "localhost", "Cookie": f"{_cookie_name()}={cookie}"}
    started = time.perf_counter()
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken = 1000 * (time.perf_counter() - started)
    finally:
        connection.close()
    if answer.status != http.client.OK:
        log = last_lines(Path(os.environ["LOG_ROOT"]) / f"{launch.Kind.WEB}.log")
        raise SystemExit(f"{path} answered {answer.status}\n{log}")
    return taken


def _cookie_name() -> str:
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME


def _p95(taken: list[float]) -> float:
    """The 95th percentile: of 30 answers, the second slowest."""
    return round(sorted(taken)[max(0, -(-95 * len(taken) // 100) - 1)], 1)


def _print_table(result: dict[str, Any], missed: set[str]) -> None:
    """The slowest page first; a list that misses a limit is marked."""
    width = max(map(len, result["p95_ms"]))
    print(f"{'page':{width}}  p95 ms  median  cpu ms  queries", file=sys.stderr)
    for key, p95 in sorted(result["p95_ms"].items(), key=lambda item: -item[1]):
        mark = " <-" if key in missed else ""
        rest = f"{result['median_ms'][key]:6}  {result['cpu_ms'][key]:6}  {result['queries'][key]:7}{mark}"
        print(f"{key:{width}}  {p95:6}  {rest}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
