"""The app of disclosure protection."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """What may leave."""

    name = "disclosure"
