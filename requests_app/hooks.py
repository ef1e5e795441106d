"""How matching and disclosure contribute to a request without being imported by it.

They register, in their `apps.py`, by name: guards of transitions, effects of transitions, job runners, what the worker
looks after, sections of the request page. A name registered twice is a programming error and stops the start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from requests_app.reading import once_a_reading

if TYPE_CHECKING:
    from requests_app.audiences import Audience
    from requests_app.models import DataRequest, Job, Person
    from requests_app.services.life.jobs import Progress

Guard = Callable[["DataRequest", "Person | None"], list[str]]
Effect = Callable[["DataRequest", "Person | None", datetime], None]
Runner = Callable[["Job", "Progress"], Callable[[], None]]


@dataclass(frozen=True)
class PageSection:
    """A part of a page: shown where `context` returns a dict, not shown where it returns None.

    `page` is request (the hub), a section of the form by its name, check (before signing), review or disclosure.
    """

    name: str
    template: str
    context: Callable[["DataRequest", "Person"], dict[str, Any] | None]
    page: str = "request"


guards: dict[str, Guard] = {}
effects: dict[str, list[Effect]] = {}
runners: dict[str, Runner] = {}
page_sections: dict[str, PageSection] = {}
providers: dict[str, Callable[..., Any]] = {}
tenders: dict[str, Callable[[], None]] = {}
# The table of routes, address by address and method by method; `config` has it and fills it in.
routes: dict[str, dict[str, "Audience"]] = {}


def _register_once(registry: dict[str, Any], name: str, value: Any) -> None:
    if registry.get(name, value) is not value:
        raise RuntimeError(f"{name} is registered twice.")
    registry[name] = value


def guard(name: str) -> Callable[[Guard], Guard]:
    """Decorator: the guard of this name in the transition table. It returns sentences: what is wrong, what to do."""

    def register(function: Guard) -> Guard:
        _register_once(guards, name, once_a_reading(function))
        return function

    return register


def effect(*transitions: str, first: bool = False) -> Callable[[Effect], Effect]:
    """Decorator: runs in the transaction of each named transition, after the state changed.

    Effects do not know of each other, so their order is that of import; `first` is for one that the others build on.
    """

    def register(function: Effect) -> Effect:
        for name in transitions:
            registered = effects.setdefault(name, [])
            registered.insert(0 if first else len(registered), function)
        return function

    return register


def runner(kind: str) -> Callable[[Runner], Runner]:
    """Decorator: does the work of jobs of `kind`.

    It computes beside what is there and returns a function that switches the result in; that function runs in the
    one transaction which also marks the job done, and only if the job is still held by this attempt.
    """

    def register(function: Runner) -> Runner:
        _register_once(runners, kind, function)
        return function

    return register


def tender(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Decorator: the worker calls it on every sweep, in no transaction; what it does is done once and by itself."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _register_once(tenders, name, function)
        return function

    return register


def page_section(section: PageSection) -> None:
    """Adds a part to a page."""
    _register_once(page_sections, section.name, section)


def provider(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: answers a question of this app about what another app keeps.

    `quarters_held` () -> {state FIPS: [YYYYQ, ...]}: the quarters that can be asked for.
    `before_release` (states, quarters, today) -> [(state FIPS, YYYYQ), ...]: those whose official release is to come.
    `measures` () -> [MeasureWords, ...]: every measure a table may show, in words.
    `design_contradictions` (design, of_people=) -> [(entry, sentence), ...]: what cannot be in a table's design.
    `holdings_work` (person, roles, now) -> [PeopleWork, ...]: what waits for the person about holdings.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _register_once(providers, name, function)
        return function

    return register
