"""The embedded channel: the ciphertext, as it is, in a folder for each state. Not for production."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings

from requests_app.channels.parcels import Parcel


def send(parcel: Parcel) -> dict[str, Any]:
    """Copies the ciphertext into the outbox, whole or not at all; its receipt."""
    place = Path(settings.OUTBOX_ROOT) / parcel.state / f"{parcel.name}.sealed"
    place.parent.mkdir(parents=True, exist_ok=True)
    incoming = place.with_suffix(".incoming")
    incoming.write_bytes(parcel.sealed.read_bytes())
    parcel.confirm()
    os.replace(incoming, place)
    return {"place": place.name, "sealed_sha256": parcel.sealed.name}


def look(_state: str, _receipt: dict[str, Any]) -> dict[str, Any]:
    """Nobody tells who takes a file out of a folder."""
    return {}


def recall(state: str, receipt: dict[str, Any]) -> None:
    """Takes the file out of the outbox, if it is still there."""
    (Path(settings.OUTBOX_ROOT) / state / receipt["place"]).unlink(missing_ok=True)
