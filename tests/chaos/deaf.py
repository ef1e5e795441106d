"""A Celery application whose worker goes deaf as soon as it is ready: it takes no message any more."""

from typing import Any

from celery.signals import worker_ready

from config import deaf_worker
from config.celery import app

__all__ = ["app"]
deaf_worker.LOOK_SECONDS = 1.0  # of 5: it is the looks that count


def stop_listening(sender: Any, **_kwargs: object) -> None:
    """As when the connection to the queue is lost unseen."""
    sender.task_consumer.cancel()


worker_ready.connect(stop_listening)
