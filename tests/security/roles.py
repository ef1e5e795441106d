"""Connections to the test database as each role of the application, with the addresses its processes are given."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

ADDRESS = {
    "wr_web": "WEB_DATABASE_URL",
    "wr_worker": "WORKER_DATABASE_URL",
    "wr_loader": "LOADER_DATABASE_URL",
    "wr_owner": "DATABASE_URL",
    "superuser": "SUPERUSER_DATABASE_URL",
}


def address(role: str) -> str:
    """The role's address, led to the test database."""
    return urlunsplit(urlsplit(os.environ[ADDRESS[role]])._replace(path=f"/{connection.settings_dict['NAME']}"))


@contextmanager
def connected(role: str, *, autocommit: bool = True) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection of its own."""
    with psycopg.connect(address(role), autocommit=autocommit) as own:
        yield own
