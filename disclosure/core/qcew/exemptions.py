"""Cells of QCEW's layout that the rules are not applied to: federal and unclassified ones, as settings have it."""

from __future__ import annotations

from disclosure.core.qcew.codes import FEDERAL, UNCLASSIFIED, Code
from disclosure.core.rules.parameters import Parameters


def is_public(code: Code, parameters: Parameters) -> bool:
    """Return whether everybody has the cell from elsewhere: federal figures are published whatever they say."""
    return parameters.exempt_federal and code[1] == FEDERAL


def is_exempt(code: Code, parameters: Parameters) -> bool:
    """Return whether the rules are not applied to the cell."""
    return is_public(code, parameters) or (parameters.exempt_unclassified and code[2] in UNCLASSIFIED)
