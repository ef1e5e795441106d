"""Django's migrate, one at a time: of two processes that start at once, the second finds the work done."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.exceptions import InconsistentMigrationHistory

LOCK = 7_203_101  # any number nobody else uses
TOO_OLD = (
    "This database was made by a version from before the first release and cannot be brought up to date. The "
    "demonstration's holds made-up data only: remove the folder .run and start again."
)


class Command(migrate.Command):
    """./run manage migrate"""

    def handle(self, *args: Any, **options: Any) -> None:
        """Holds an advisory lock of the database meanwhile; `CommandError` where its tables are of another line."""
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                super().handle(*args, **options)
            except InconsistentMigrationHistory as problem:
                raise CommandError(TOO_OLD) from problem
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
