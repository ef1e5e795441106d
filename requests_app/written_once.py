"""Queries whose text is written once: for a query of many subqueries Django writes longer than PostgreSQL looks.

Only for what every page asks. The values of one asking take the places of the stand-ins the query was written with.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class WrittenOnce:
    """A query of `.values(...)`, written with `stand_ins`: one for each thing that differs, unlike any other value."""

    def __init__(self, write: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self.write, self.stand_ins = write, stand_ins

    @cached_property
    def _written(self) -> tuple[str, Sequence[Any]]:
        text, parameters = self.write(**self.stand_ins).query.sql_with_params()
        missing = [name for name, stand_in in self.stand_ins.items() if stand_in not in parameters]
        if missing:
            raise ValueError(f"The query was written without {', '.join(missing)}.")
        return text, parameters

    def rows(self, **values: Any) -> list[dict[str, Any]]:
        """The rows with `values` in the places of the stand-ins of the same names; columns by name."""
        text, written = self._written
        parameters = [self._value(one, values) for one in written]
        with connection.cursor() as cursor:
            cursor.execute(text, parameters)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _value(self, written: Any, values: Mapping[str, Any]) -> Any:
        for name, stand_in in self.stand_ins.items():
            if type(written) is type(stand_in) and written == stand_in:
                return values[name]
        return written
