"""The ways a package leaves BLS, each behind the same three functions: `send`, `look`, `recall`.

services/packages/delivery.py calls them.

Here are their names. Which of them an agency takes is a term of its MOU; which work at this site, and in what order
they are preferred, is the setting DELIVERY_CHANNELS. Where each leads is the worker's knowledge alone (`places`).
"""

from collections.abc import Iterable

from django.conf import settings

LOCAL_OUTBOX = "local_outbox"
KITEWORKS = "kiteworks"
SFTP = "sftp"
CHANNELS = {
    LOCAL_OUTBOX: "Encrypted outbox of this site",
    KITEWORKS: "Kiteworks secure mail",
    SFTP: "SFTP",
}


def channel_for(allowed: Iterable[str]) -> str | None:
    """The channel a package goes by: the first that works here and that the MOU allows."""
    permitted = set(allowed)
    return next((channel for channel in settings.DELIVERY_CHANNELS if channel in permitted), None)


def in_words(channels: Iterable[str]) -> str:
    """The channels' names for people."""
    return ", ".join(CHANNELS.get(channel, channel) for channel in channels) or "none"
