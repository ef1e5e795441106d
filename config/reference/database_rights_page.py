"""The page of database rights: what each database role may do on each schema, and which tables stand there."""

from django.apps import apps
from django.db.models import Model

from config.reference.markdown import page, rule_of, table
from requests_app.database_rules import RIGHTS, ROLES, SCHEMAS

APPS = ("requests_app", "matching", "disclosure")
INTRODUCTION = """
PostgreSQL itself keeps these rights (`requests_app/database_rules.py`, applied after every migration; a test tries
every right of every role on every table). The owner `wr_owner` owns all schemas, migrates, and runs no process. Events
are never changed or removed, by nobody: triggers refuse it to the owner too.
"""
WORKFLOW_NOTE = """
`workflow` also holds the framework's own tables: sessions, sign-in and second factors (encrypted), the cache.
"""


def database_rights_page() -> str:
    """Rights by schema and role, then the tables of each schema."""
    return page(
        "Database rights",
        INTRODUCTION,
        table(["Schema", *(f"`{role}`" for role in ROLES)], ([f"`{schema}`", *_rights(schema)] for schema in SCHEMAS)),
        "## Tables",
        table(["Table", "What a row is"], (row for schema in SCHEMAS for row in _tables(schema))),
        WORKFLOW_NOTE,
    )


def _rights(schema: str) -> list[str]:
    return [RIGHTS[schema].get(role, "none").lower() for role in ROLES]


def _tables(schema: str) -> list[list[str]]:
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    named = sorted((_schema_and_table(model), model) for model in models if _schema_and_table(model)[0] == schema)
    return [[f"`{schema}.{name}`", rule_of(model)] for (_, name), model in named]


def _schema_and_table(model: type[Model]) -> tuple[str, str]:
    """`"wages"."unit"` is named with its schema; a plain name lies in workflow."""
    first, _, second = model._meta.db_table.replace('"', "").partition(".")
    return (first, second) if second else ("workflow", first)
