"""Taking wage records out of a test database again: the partitions of loads go with the loads."""

from django.db import connection

PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
WHERE inhparent = to_regclass('wages.wage_record')
"""
TABLES = (
    "wages.load", "wages.segment", "wages.unit", "wages.establishment", "vault.person", "vault.key",
    "wages.record_flag", "wages.account_flag", "summaries.holding", "summaries.load_quality",
    "summaries.published_comparison",
)  # fmt: skip


def drop_partitions() -> None:
    """The records of every load."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS)
        for (partition,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {partition}")


def empty() -> None:
    """Nothing is held, and nobody is known."""
    drop_partitions()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
