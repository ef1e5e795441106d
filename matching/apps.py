"""The confidential data plane: person vault, wage store, loads, cohort files, the match, micro packages."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Registers what matching contributes to a request (requests_app/hooks.py)."""

    name = "matching"

    def ready(self) -> None:
        import matching.cohorts.section
        import matching.holdings.section
        import matching.holdings.work
        import matching.match_report.section  # noqa: F401
        from matching.services import (  # noqa: F401
            cohort_checks,
            cohort_files,
            cohort_keys,
            matches,
            micro_packages,
            replaced_loads,
            shredding,
        )
