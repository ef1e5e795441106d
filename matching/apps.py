"""The confidential data plane: person vault, wage store, loads, cohort files, the match, micro packages."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Registers what matching contributes to a request (requests_app/hooks.py)."""

    name = "matching"

    def ready(self) -> None:
        from matching import match_section, page_section  # noqa: F401
        from matching.holdings import section, work  # noqa: F401
        from matching.services import (  # noqa: F401
            cohort_checks,
            cohort_files,
            cohort_keys,
            matches,
            micro_packages,
            replaced_loads,
            shredding,
        )
