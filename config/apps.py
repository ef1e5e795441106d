"""Registers the start-up checks, and the table of routes where documents and help read it."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Wiring; no models."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  registers itself
        from config.routes import ROUTES
        from requests_app import hooks

        hooks.routes.update(ROUTES)
