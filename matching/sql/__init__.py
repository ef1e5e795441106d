"""The SQL that does the real work, and columns to and from PostgreSQL."""
