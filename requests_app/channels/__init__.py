"""The ways a package leaves BLS, each behind the same three functions: `send`, `look`, `recall`.

services/packages/delivery.py calls them.

Here are their names. Which of them an agency takes is a term of its MOU; which work at this site for a kind of package,
and in what order they are preferred, are the settings DELIVERY_CHANNELS and, for individual records where they go
another way (MOU, Section I.I), MICRO_DELIVERY_CHANNELS. Where each leads is the worker's knowledge alone (`places`).
"""

from collections.abc import Iterable

from django.conf import settings

from requests_app.states import Kind

LOCAL_OUTBOX = "local_outbox"
KITEWORKS = "kiteworks"
SFTP = "sftp"
CHANNELS = {
    LOCAL_OUTBOX: "Encrypted outbox of this site",
    KITEWORKS: "Kiteworks secure mail",
    SFTP: "SFTP",
}


def working(kind: str) -> list[str]:
    """The channels of this site for a package of this kind, in order of preference."""
    return list(settings.MICRO_DELIVERY_CHANNELS if kind == Kind.MICRO else settings.DELIVERY_CHANNELS)


def channel_for(allowed: Iterable[str], kind: str) -> str | None:
    """The channel a package goes by: the first that works here for its kind and that the MOU allows."""
    permitted = set(allowed)
    return next((channel for channel in working(kind) if channel in permitted), None)


def in_words(channels: Iterable[str]) -> str:
    """The channels' names for people."""
    return ", ".join(CHANNELS.get(channel, channel) for channel in channels) or "none"
