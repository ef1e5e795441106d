"""The ways a package leaves BLS: the one place for their names. Which of them an agency takes is a term of its MOU."""

from collections.abc import Iterable

LOCAL_OUTBOX = "local_outbox"
CHANNELS = {
    LOCAL_OUTBOX: "Encrypted outbox of this site",
    "kiteworks": "Kiteworks secure mail",
    "sftp": "SFTP",
}
# In order of preference; services/delivery.py sends by these.
IMPLEMENTED = (LOCAL_OUTBOX,)


def channel_for(allowed: Iterable[str]) -> str | None:
    """The channel a package goes by: the first that works here and that the MOU allows."""
    permitted = set(allowed)
    return next((channel for channel in IMPLEMENTED if channel in permitted), None)


def in_words(channels: Iterable[str]) -> str:
    """The channels' names for people."""
    return ", ".join(CHANNELS.get(channel, channel) for channel in channels) or "none"
