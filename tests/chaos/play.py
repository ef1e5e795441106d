"""What people do in these tests, in a process with the web role's environment: `python -m tests.chaos.play WHAT ...`.

Each command prints one line of JSON.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import django

KINDS = ("micro", "micro_to_macro")


def prepare(*kinds: str) -> list[str]:
    """An approved request of each of these kinds (of every kind with a cohort), its files sent and accepted; their
    numbers."""
    from config.demo import story
    from config.demo.questions import SMALL
    from requests_app.states import Kind

    people = cast()
    approved = [story.approve(SMALL[Kind(kind)], people) for kind in kinds or KINDS]
    for request in approved:
        send(request, people["coordinator"])
    for request in approved:
        story.until(lambda request=request: story.all_accepted(request), request)  # type: ignore[misc]
    return [request.number for request in approved]


def prepare_many(of_first: str, of_second: str) -> list[str]:
    """So many approved micro requests of the coordinators of two states, four files each, all accepted; the numbers."""
    people, made = cast(), []
    for key, count in (("coordinator", of_first), ("coordinator_de", of_second)):
        made += [approve_alone(people | {"coordinator": people[key]}) for _ in range(int(count))]
    for request in made:
        send(request, request.coordinator)
    from config.demo import story

    for request in made:
        story.until(lambda request=request: story.all_accepted(request), request)  # type: ignore[misc]
    return [request.number for request in made]


def approve_alone(people: dict[str, Any]) -> Any:
    """The demonstration's request with two cohorts, without its agent, asked for as a micro package."""
    from config.demo.questions import SMALL
    from requests_app.demo.reviewers import look_through
    from requests_app.services.life import requests, workflow
    from requests_app.states import Kind

    coordinator, analyst = people["coordinator"], people["program_analyst"]
    request = requests.start_draft(actor=coordinator)
    for name, data in SMALL[Kind.MICRO].answers().items():
        if name == "cohorts":
            data = data | {"cohorts": SMALL[Kind.MICRO_TO_MACRO].answers()["cohorts"]["cohorts"]}
        requests.save_section(request, name, data, actor=coordinator, seen_version=0)
    request = workflow.transition(request, "submit", actor=coordinator)
    request = workflow.transition(request, "start_review", actor=analyst)
    look_through(request, analyst)
    requests.answer_viability(request, actor=analyst, enough_data=True, reason="Enough.")
    request = workflow.transition(request, "recommend", actor=analyst, reason="Within the MOU.")
    look_through(request, people["approving_official"])
    return workflow.transition(request, "approve", actor=people["approving_official"])


def begin_all(*numbers: str) -> list[str]:
    """Each request's own coordinator starts its match, in this order; the states they are in then."""
    from requests_app.models import DataRequest
    from requests_app.services.life import workflow

    found = [DataRequest.objects.select_related("coordinator__agency").get(number=number) for number in numbers]
    return [workflow.transition(one, "begin_matching", actor=one.coordinator).state for one in found]


def send(request: Any, coordinator: Any) -> None:
    """The files of the demonstration's cohorts."""
    from config.demo import story, world
    from config.demo.questions import SMALL
    from matching.services import cohort_files
    from requests_app.models.ids import new_ulid
    from requests_app.states import Kind, State

    request = story.wait_for(request, State.AWAITING_COHORT)
    asked = {slot.cohort for slot in cohort_files.grid(request)}
    every = SMALL[Kind.MICRO].cohorts() | SMALL[Kind.MICRO_TO_MACRO].cohorts()
    for name, cohort in every.items():
        if name not in asked:
            continue
        for quarter in world.QUARTERS:
            with cohort_files.sealer_for(request, new_ulid()) as sealer:
                sealer.write(cohort.file(request.agency.fips, quarter))
                sealed = sealer.finish()
            cohort_files.receive(request, name, quarter, sealed, actor=coordinator)


def step(name: str, *numbers: str) -> list[str]:
    """The coordinator takes the step for each request; the states they are in then."""
    from requests_app.models import DataRequest
    from requests_app.services.life import workflow

    coordinator = cast()["coordinator"]
    return [
        workflow.transition(DataRequest.objects.get(number=number), name, actor=coordinator, reason="As tested.").state
        for number in numbers
    ]


def press_together(name: str, number: str, who: str, times: str) -> list[str]:
    """The same person presses the same button in so many threads at the same moment; what each was told."""
    from django.db import connection

    from requests_app.models import DataRequest
    from requests_app.services.life import workflow

    actor, told = cast()[who], []
    together = threading.Barrier(int(times))

    def press() -> None:
        request = DataRequest.objects.get(number=number)
        together.wait()
        try:
            told.append(workflow.transition(request, name, actor=actor, reason="As tested.").state)
        except workflow.Conflict:
            told.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(int(times))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def cast() -> dict[str, Any]:
    """Everybody by key."""
    from requests_app.demo.cast import PLAYERS
    from requests_app.models import Person

    return {player.key: Person.objects.select_related("agency").get(email=player.email) for player in PLAYERS}


COMMANDS: dict[str, Callable[..., list[str]]] = {
    "prepare": prepare,
    "prepare_many": prepare_many,
    "begin_all": begin_all,
    "step": step,
    "press_together": press_together,
}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
