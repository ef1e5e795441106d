"""A test database made empty again: every table of every schema, the partitions of loads with their loads."""

from django.db import connection, transaction

from requests_app.database_rules import SCHEMAS

# What migrations write stays.
INSTALLED = ["django_migrations", "django_content_type", "auth_permission"]
TABLES_OF = """
SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s) AND tablename <> ALL(%s)
"""
PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = to_regclass('wages.wage_record')
"""


def empty() -> None:
    """Nothing is held, nobody is known, nothing was ever recorded; past the product's triggers, which refuse that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PARTITIONS)
        for (partition,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {partition}")
        cursor.execute(TABLES_OF, [list(SCHEMAS), INSTALLED])
        tables = [table for (table,) in cursor.fetchall()]
        # a table made empty anew costs the server far more than one that is found empty
        cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in tables))
        for (table,) in cursor.fetchall():
            cursor.execute(f"TRUNCATE {table} CASCADE")
