"""The app of the confidential data plane."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Person vault, wage store, cohort files, the match."""

    name = "matching"
