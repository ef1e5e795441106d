"""A worker that hears nothing ends itself, so that whoever started it starts it anew.

If Redis vanishes at the wrong moment, a Celery worker can stay alive and never ask for another message (docs/adr/0003).
No work is lost, but nobody does it. So a thread of each worker looks at its own queues: messages wait there, the worker
does nothing, and it received nothing between two looks. After several such looks in a row the process ends at once; it
was doing nothing.
"""

import os
import threading
from collections.abc import Iterable
from typing import Any

import structlog
from celery import Celery, bootsteps
from celery.worker import state
from redis import RedisError, StrictRedis

log = structlog.get_logger("worker")
LOOK_SECONDS = 5.0
LOOKS = 4  # so many in a row
EXIT_STATUS = 70


class HearingStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """Part of every worker: the thread that looks."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        """Looks from now on; the thread ends with the process."""
        queues = list(parent.app.amqp.queues.consume_from)
        threading.Thread(target=_look, args=(parent.app, queues), name="hearing", daemon=True).start()


def _look(app: Celery, queues: Iterable[str]) -> None:
    """Until the process ends, or is found deaf."""
    pause = threading.Event()
    deaf_looks, received_before = 0, -1
    while not pause.wait(LOOK_SECONDS):
        received = sum(state.total_count.values())
        deaf = received == received_before and not state.active_requests and _waiting(app, queues) > 0
        deaf_looks = deaf_looks + 1 if deaf else 0
        received_before = received
        if deaf_looks == LOOKS:
            log.error("worker hears nothing", queues=sorted(queues), seconds=LOOK_SECONDS * LOOKS)
            os._exit(EXIT_STATUS)


def _waiting(app: Celery, queues: Iterable[str]) -> int:
    """Messages nobody has taken; 0 where Redis does not answer: then silence is no fault of the worker."""
    try:
        with StrictRedis.from_url(app.conf.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
            return sum(int(redis.llen(queue)) for queue in queues)
    except RedisError:
        return 0
