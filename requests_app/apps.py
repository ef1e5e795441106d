"""The app, and the rules the database keeps for it (applied after every migrate)."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class RequestsConfig(AppConfig):
    """Partners, people, requests, workflow."""

    name = "requests_app"
    verbose_name = "Requests"

    def ready(self) -> None:
        from requests_app import database_rules, guards, pre_release, sign_in_events  # noqa: F401  guards register
        from requests_app.services.life import jobs  # noqa: F401  and so do effects, in every process
        from requests_app.services.packages import destruction, packages  # noqa: F401  and so do effects, in every process

        sign_in_events.connect()
        pre_migrate.connect(database_rules.before_migrate, dispatch_uid="schemas")
        post_migrate.connect(database_rules.after_migrate, dispatch_uid="database_rules")
