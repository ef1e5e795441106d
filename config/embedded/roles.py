"""The database and its four roles (security.md): an owner who migrates, and web, worker and loader who log in to work.

What each may touch is granted by the application's own rules after migration; here they only come into being.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER = "wr_owner"
DATABASE = "wage_records"
# The environment variable that carries each working role's address.
WORKING_ROLES = {
    "WEB_DATABASE_URL": "wr_web",
    "WORKER_DATABASE_URL": "wr_worker",
    "LOADER_DATABASE_URL": "wr_loader",
}


def ensure_owner(superuser_url: str, password: str, *, for_tests: bool = False) -> str:
    """The owner role (may create roles) and its database on a server of ours; returns the owner's address.

    For tests the owner may also create databases, and flush tables past the triggers by session_replication_role.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        _ensure_role(connection, OWNER, password, sql.SQL("LOGIN CREATEROLE"))
        if for_tests:
            connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
            connection.execute(
                sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(sql.Identifier(OWNER))
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    return address(superuser_url, OWNER, password, DATABASE)


def ensure_roles(owner_url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Each role of `passwords` can log in to the owner's database, and nobody unnamed can; role -> address.

    A role that already answers to its password is left alone. Needs CREATEROLE, and ownership of the database.
    """
    addresses = {role: address(owner_url, role, password) for role, password in passwords.items()}
    missing = [role for role, url in addresses.items() if not _answers(url)]
    if missing:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            for role in missing:
                _ensure_role(connection, role, passwords[role], sql.SQL("LOGIN"))
                _let_connect(connection, role)
    return addresses


def address(url: str, role: str, password: str, database: str | None = None) -> str:
    """`url` with another role and password, and another database if given."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(role)}:{quote(password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}" if database else parts.path))


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str, rights: sql.SQL) -> None:
    """Create or alter; the password travels as its scram verifier, so no log can hold it."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(verb, sql.Identifier(role), rights, sql.Literal(verifier))
    )


def _let_connect(connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    """Connect by name, not by being anybody."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    rights = sql.SQL("CONNECT" if role == WORKING_ROLES["WEB_DATABASE_URL"] else "CONNECT, TEMPORARY")
    connection.execute(sql.SQL("GRANT {} ON DATABASE {} TO {}").format(rights, database, sql.Identifier(role)))
