"""What tables of wage records and establishments are counted from, read out of segments and PostgreSQL.

Behind `matching/store.py`'s interface: contributions as Arrow tables, one row per contributor, without any person key.
"""
