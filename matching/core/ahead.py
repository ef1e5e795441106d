"""Work on the parts of something in two threads, in order: numpy, Arrow and OpenSSL let others run while they work."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_THREADS = 2


def ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``function`` of every item, in order, some of them worked out while the caller uses the one before.

    Items are taken in the caller's thread, three at most before their answer is asked for. A single item is worked
    out there too: a thread would only cost time. What ``function`` raises is raised here; it may not use the database.
    """
    coming = iter(items)
    first = list(islice(coming, 2))
    if len(first) < 2:
        yield from map(function, first)
        return
    with ThreadPoolExecutor(_THREADS) as threads:
        under_way: deque[Future[R]] = deque()
        for item in chain(first, coming):
            under_way.append(threads.submit(function, item))
            if len(under_way) > _THREADS:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
