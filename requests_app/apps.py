"""The app, and the rules the database keeps for it (applied after every migrate)."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class RequestsConfig(AppConfig):
    """Partners, people, requests, workflow."""

    name = "requests_app"
    verbose_name = "Requests"

    def ready(self) -> None:
        from requests_app import (  # noqa: F401  guards register
            bls_review_guards,
            database_rules,
            guards,
            pre_release,
            sign_in_events,
        )
        from requests_app.selectors.holdings import held_section  # noqa: F401  a part of the request's page
        from requests_app.selectors.outputs import outputs  # noqa: F401  and another
        from requests_app.services.bls_review import claims, desk  # noqa: F401  and so do effects, in every process
        from requests_app.services.form import signed  # noqa: F401  and so do effects, in every process
        from requests_app.services.life import clocks, jobs  # noqa: F401  and so do effects and clocks
        from requests_app.services.packages import (  # noqa: F401  and so do effects, clocks and tenders
            destruction,
            destruction_days,
            incidents,
            packages,
            retention,
        )
        from requests_app.services.reviews import asking, deadlines  # noqa: F401  and so do effects and clocks

        sign_in_events.connect()
        pre_migrate.connect(database_rules.before_migrate, dispatch_uid="schemas")
        post_migrate.connect(database_rules.after_migrate, dispatch_uid="database_rules")
