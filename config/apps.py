"""Registers the start-up checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Wiring; no models."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  registers itself
