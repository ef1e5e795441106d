"""What somebody who holds the web process and its database role is refused by PostgreSQL, whatever the code says."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.security.roles import connected

pytestmark = pytest.mark.django_db
EVENT = "INSERT INTO events.event VALUES (0, now(), 'file.open', 'done', NULL, 'x', %s, '', '', '{}', '', '')"
OF_ROLE = {"wr_web": {"web", "scheduler"}, "wr_worker": {"worker"}, "wr_loader": {"loader"}}
PACKAGE = """
INSERT INTO workflow.requests_app_package (id, request_id, version, sha256, record_sha256, file_id, states_searched,
    states_found, rows, cells, withheld, audit_is_clean, built_at)
VALUES ('01FORGED', 1, 99, '', '', '01ANOTHERSFILE', '[]', '[]', 0, 0, 0, true, now())
"""


@pytest.mark.parametrize("role", list(OF_ROLE))
def test_event_is_recorded_in_the_name_of_the_own_process_only(role: str) -> None:
    accepted = {name for name in ("web", "scheduler", "worker", "loader", "owner", "") if _accepts(role, name)}
    assert accepted == OF_ROLE[role]


def _accepts(role: str, process: str) -> bool:
    with connected(role, autocommit=False) as own:
        try:
            own.execute(EVENT, [process])
        except InsufficientPrivilege:
            return False
        finally:
            own.rollback()
    return True


def test_package_is_not_made_by_web() -> None:
    with connected("wr_web") as web, pytest.raises(InsufficientPrivilege, match="made by workers"):
        web.execute(PACKAGE)
    with connected("wr_worker", autocommit=False) as worker:
        worker.execute(PACKAGE)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):  # it is only that its request is not there
            worker.execute("SET CONSTRAINTS ALL IMMEDIATE")
