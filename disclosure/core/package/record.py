"""The machine-readable record of a disclosure review, for BLS only: parameters, reasons, explanations, audit.

A package holds its hash, never the record. The seal, a secret of the request, keeps anyone from guessing parameters
by trying them against the hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from disclosure.core.advice.explain import Explanation, explain
from disclosure.core.advice.suggest import outcome
from disclosure.core.package.published_table import PublishedTable
from disclosure.core.pattern import Status
from disclosure.core.protected_table import ProtectedTable

VERSION = 3


def record(
    request: str, tables: Mapping[str, ProtectedTable], seal: str, shown: Mapping[str, PublishedTable] | None = None
) -> bytes:
    """Return the record as JSON with sorted keys; `shown` are the tables as released, so that one file tells all."""
    body = {
        "version": VERSION,
        "request": request,
        "seal": seal,
        "tables": {name: _table(table, (shown or {}).get(name)) for name, table in tables.items()},
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def record_hash(data: bytes) -> str:
    """Return the SHA-256 that the package's manifest holds."""
    return hashlib.sha256(data).hexdigest()


def _table(table: ProtectedTable, shown: PublishedTable | None) -> dict[str, Any]:
    explained = explain(table.system, table.pattern)
    return {
        "outcome": asdict(outcome(table)),
        "parameters": table.sensitivity.parameters.as_dict(),
        "summary": table.summary(),
        "audit": table.audit.counts(),
        "pattern": table.pattern.digest,
        "history": None if table.history is None else asdict(table.history),
        "shown": None if shown is None else shown.as_shown(),
        "cells": [_cell(table, cell, status, explained) for cell, status in enumerate(table.pattern.statuses)],
    }


def _cell(table: ProtectedTable, cell: int, status: Status, explained: Mapping[int, Explanation]) -> dict[str, Any]:
    entry: dict[str, Any] = {"cell": list(table.system.keys[cell]), "status": str(status)}
    reasons = table.sensitivity.reasons(cell)
    if reasons:
        entry["reasons"] = [{"rule": one.rule, "measure": one.measure, "margin": round(one.margin, 2)}
                            for one in reasons]  # fmt: skip
        entry["needs"] = {name: [int(table.sensitivity.need_down[name][cell]), int(need[cell])]
                          for name, need in table.sensitivity.need_up.items()}  # fmt: skip
    if cell in explained:
        entry |= {name: value for name, value in asdict(explained[cell]).items() if value}
        entry |= _intervals(table, cell)
    return entry


def _intervals(table: ProtectedTable, cell: int) -> dict[str, Any]:
    """What the cell may be, per measure, where the audit worked that out."""
    if table.audit.intervals is None:
        return {}
    return {"intervals": {name: list(of[cell]) for name, of in table.audit.intervals.items() if cell in of}}
