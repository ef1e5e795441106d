"""PostgreSQL and Redis of the demonstration and the tests: brought along, started, stopped, nothing installed by hand.

`Postgres` and `Redis` are servers in a folder of their own, on a free port of 127.0.0.1, with generated passwords.
They end with the process that started them. Why they exist and what they cost: docs/adr/0001-embedded-servers.md.
"""

from config.embedded.keys import ensure_keys
from config.embedded.place import Place, find_place
from config.embedded.postgres import Postgres
from config.embedded.process import AlreadyRunning, ServerFailed
from config.embedded.redis import Redis
from config.embedded.roles import ensure_owner, ensure_roles

__all__ = [
    "AlreadyRunning",
    "Place",
    "Postgres",
    "Redis",
    "ServerFailed",
    "ensure_keys",
    "ensure_owner",
    "ensure_roles",
    "find_place",
]
