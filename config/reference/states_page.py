"""The page of states and transitions: the transition table in words, with one diagram for each kind of request."""

from config.reference import words
from config.reference.markdown import bullets, page, rule_of, table
from requests_app import hooks
from requests_app.selectors.life.status import SENTENCES
from requests_app.selectors.life.steps import FRESH_FACTOR, WHAT_HAPPENS
from requests_app.selectors.life.turns import PARTNERS_ANSWER, awaited_roles
from requests_app.states import ALL_KINDS, TRANSITIONS, Kind, State, Transition, transitions_from

# A step that leaves more states than this is told below the diagram; its arrows would hide all others.
MOST_ARROWS = 5
INTRODUCTION = """
Everything here is read from `TRANSITIONS` in `requests_app/states.py`. The database refuses every move that is not in
it. A person's step is refused with every reason at once; “the system” is a worker or the scheduler, never a person.
While a request is suspended, only the steps that say so can be taken.
"""


def states_page() -> str:
    """Every state, the way of each kind, every transition."""
    return page(
        "States and transitions",
        INTRODUCTION,
        "## States",
        table(["State", "In the code", "Meaning", "Kinds", "Waits for"], map(_state_row, State)),
        *(block for kind in Kind for block in _diagram(kind)),
        "## Transitions",
        *(block for step in TRANSITIONS for block in (f"### {step.label}", _facts(step))),
    )


def _state_row(state: State) -> list[str]:
    meaning = words.about_any_state(SENTENCES[state][1])
    reached = [kind for kind in Kind if state in _states_of(kind)]
    return [state.label, f"`{state}`", meaning, words.kinds(reached), _waits_for(state, reached)]


def _waits_for(state: State, kinds: list[Kind]) -> str:
    if state in PARTNERS_ANSWER:
        return "Output Reviewers of the states asked"
    return words.roles(role for kind in kinds for role in awaited_roles(state, kind)) or "nobody"


def _states_of(kind: Kind) -> set[State]:
    """Every state a request of the kind can come to, from draft on."""
    reached, ahead = {State.DRAFT}, [State.DRAFT]
    while ahead:
        targets = {step.target for step in transitions_from(ahead.pop(), kind)} - reached
        reached |= targets
        ahead += sorted(targets)
    return reached


def _diagram(kind: Kind) -> list[str]:
    states = _states_of(kind)
    steps = [step for step in TRANSITIONS if kind in step.kinds]
    drawn = [step for step in steps if len(step.sources) <= MOST_ARROWS]
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.DRAFT}"]
    lines += [
        f"    {source} --> {step.target}: {step.label}" for step in drawn for source in State
        if source in step.sources & states
    ]  # fmt: skip
    lines += [f"    {state} --> [*]" for state in State if state in states and not transitions_from(state, kind)]
    untold = [
        f"**{step.label}** leads to “{step.target.label}” from each of: {words.states(step.sources & states)}."
        for step in steps
        if step not in drawn
    ]
    return [f"## The way of a {kind.label.lower()} request", "\n".join([*lines, "```"]), bullets(untold)]


def _facts(step: Transition) -> str:
    """One transition: what it does, who, from and to, what must hold, what follows."""
    lines = [
        f"`{step.name}`, for {words.kinds(step.kinds)}{' kinds' if step.kinds == ALL_KINDS else ''}: "
        f"{words.states(step.sources)} → **{step.target.label.lower()}**",
        f"Taken by: {words.roles(step.roles)}{_conditions(step)}",
    ]
    if step.name in WHAT_HAPPENS:
        lines.append(f"What happens: {words.about_any_state(WHAT_HAPPENS[step.name])}")
    lines += [f"Must hold (`{name}`): {rule_of(hooks.guards[name])}" for name in step.holds]
    # They run in the order in which the apps were imported, which is not the same in every process.
    effects = sorted(hooks.effects.get(step.name, []), key=lambda effect: (effect.__module__, effect.__qualname__))
    lines += [f"Then: {rule_of(effect)}" for effect in effects]
    lines.append(f"Records the event `{step.event}`{'; tells: ' + words.roles(step.tells) if step.tells else ''}")
    return bullets(lines)


def _conditions(step: Transition) -> str:
    conditions = {
        "with a reason": step.needs_reason,
        "with a fresh second factor": step.name in FRESH_FACTOR,
        "also while suspended": step.while_suspended,
    }
    return "".join(f"; {said}" for said, applies in conditions.items() if applies)
