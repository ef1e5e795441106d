"""Celery's Redis transport, mended in one place: a worker whose acknowledgement fails must not go deaf.

kombu (5.7) forgets a message locally only after Redis has confirmed the acknowledgement. If Redis goes away in between,
the message counts as unanswered for good; with a prefetch of one the worker then never asks for another, and, not
asking, never learns that its connection is gone. Here it is forgotten locally first: the next question finds the
connection broken and makes a new one. What Redis still holds of such a message is a repeated ring of the bell, and the
job row is the record (docs/adr/0003).
"""

from typing import Any

from kombu.transport import redis, virtual


class ForgetfulQoS(redis.QoS):
    """Keeps no message that was acknowledged, whether or not Redis heard of it."""

    def ack(self, delivery_tag: Any) -> None:
        """Acknowledges here, then there."""
        virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]
        self._remove_from_indices(delivery_tag).execute()  # type: ignore[no-untyped-call]


class Channel(redis.Channel):
    """A channel with that memory."""

    QoS = ForgetfulQoS


class Transport(redis.Transport):
    """Named by CELERY_BROKER_TRANSPORT."""

    Channel = Channel
