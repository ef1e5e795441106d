"""While one page is read, a fact about a person or a request is looked up once.

A page asks the same facts at every button: the person's roles, what has stopped them, the MOU. They are kept for one
GET and dropped with its answer, so whatever lapses acts at the next request. What changes something (POST), the
workers and commands keep nothing: their checks read the database each time, under its locks.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
Fact = TypeVar("Fact")

_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("facts of this reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Within it, and in this thread only, every fact is looked up once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def is_reading() -> bool:
    """Facts are kept here and now: one dearer query that tells all is better than many."""
    return _known.get() is not None


def once_a_reading(look_up: Callable[P, Fact]) -> Callable[P, Fact]:
    """Decorator for a look-up whose arguments can be hashed and whose answer nobody changes."""

    @wraps(look_up)
    def known(*args: P.args, **kwargs: P.kwargs) -> Fact:
        facts = _known.get()
        if facts is None:
            return look_up(*args, **kwargs)
        key = (look_up, args, tuple(kwargs.items()))
        if key not in facts:
            facts[key] = look_up(*args, **kwargs)
        return facts[key]  # type: ignore[no-any-return]

    return known


def learn(look_up: Callable[..., Fact], *args: Hashable, fact: Fact) -> None:
    """Keeps a fact that one query told about many, so that `look_up` with these arguments asks no more."""
    facts = _known.get()
    if facts is not None:
        facts[(look_up.__wrapped__, args, ())] = fact  # type: ignore[attr-defined]
