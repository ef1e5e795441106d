"""The page of events: every kind that the log can hold.

Transitions name their own; the others are found where the code records them, so that none can be forgotten here.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from config.reference.markdown import page, table
from requests_app.amendment_states import MOVES
from requests_app.selectors.audit.history import words_of
from requests_app.states import TRANSITIONS

APPS = ("requests_app", "matching", "disclosure", "config")
# Where a kind is passed through: the callers are found themselves.
PASSED_THROUGH = {"kind", "step.event"}
INTRODUCTION = """
The log is append-only and hash-chained (`./run manage verify_events` walks it). Every event says when, who (name,
roles and agency as they were then), which process, which request, which subject, and the outcome: `done`, `refused`
or `failed`. Its detail holds ids, hashes, counts and words, never a confidential value.
"""
OTHERS = "`<...>` stands for the value the code puts there."


@dataclass(frozen=True, order=True)
class Recorded:
    """A place in the code that records an event: its kind, the function, and the function's rule."""

    kind: str
    where: str
    rule: str


def events_page() -> str:
    """Events of transitions and of amendments' moves, then all others."""
    return page(
        "Events",
        INTRODUCTION,
        "## Steps of a request",
        "A step that was refused is an event of the same kind with the outcome `refused`.",
        table(["Kind", "In words"], ([f"`{step.event}`", words_of(step.event)] for step in TRANSITIONS)),
        "## Moves of an amendment",
        table(["Kind", "In words"], ([f"`{move.event}`", words_of(move.event)] for move in MOVES)),
        "## All other events",
        OTHERS,
        table(["Kind", "Recorded by", "Which says"], (_row(found) for found in recorded())),
    )


def _row(found: Recorded) -> list[str]:
    return [f"`{found.kind}`", f"`{found.where}`", found.rule]


def recorded() -> list[Recorded]:
    """Every place outside the transitions that records an event, sorted by kind."""
    return sorted({found for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py") for found in _in(path)})


def _in(path: Path) -> Iterator[Recorded]:
    tree = ast.parse(path.read_text())
    module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for call in filter(_records, ast.walk(function)):
                yield from _recorded(call, function, module)


def _records(node: ast.AST) -> bool:
    """`events.record(...)`, under whatever name the module stands, or `record_refusal(...)`."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name == "record_refusal" or (name == "record" and any(word.arg == "actor" for word in node.keywords))


def _recorded(call: ast.AST, function: ast.FunctionDef, module: str) -> Iterator[Recorded]:
    assert isinstance(call, ast.Call)  # noqa: S101  _records saw it
    kind = kind_of(call.args[0])
    if kind not in PASSED_THROUGH and kind != "request.<name>":
        yield Recorded(kind, f"{module}.{function.name}", _rule(function))


def kind_of(argument: ast.expr) -> str:
    """The kind as it is written: a text, a text with values in it, or the expression that passes it through."""
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.JoinedStr):
        return "".join(
            f"<{ast.unparse(part.value)}>" if isinstance(part, ast.FormattedValue) else str(ast.literal_eval(part))
            for part in argument.values
        )
    text = ast.unparse(argument)
    if text not in PASSED_THROUGH:
        raise ValueError(f"The kind of an event must stand where it is recorded, not come from {text}.")
    return text


def _rule(function: ast.FunctionDef) -> str:
    """The first paragraph of the function's docstring."""
    paragraph = (ast.get_docstring(function) or "").partition("\n\n")[0]
    if not paragraph:
        raise ValueError(f"{function.name} records an event; a docstring must say which rule it keeps.")
    return " ".join(paragraph.split())
