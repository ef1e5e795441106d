"""Django's migrate, one at a time: of two processes that start at once, the second finds the work done."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 7_203_101  # any number nobody else uses


class Command(migrate.Command):
    """./run manage migrate"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Holds an advisory lock of the database meanwhile."""
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                super().handle(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
