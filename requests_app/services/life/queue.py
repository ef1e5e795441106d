"""Waking workers. A message is never the only record: where the queue cannot be reached, the sweep finds the work."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger("queue")


def send(task: str, *ids: str, expires: float | None = None) -> None:
    """Sends a task by name, with ids only; an unreachable queue is logged and otherwise no trouble.

    `expires`: seconds after which nobody need look at the message any more.
    """
    try:
        current_app.send_task(task, args=list(ids), retry=False, expires=expires)
    except OperationalError:
        log.warning("queue unreachable", task=task)
