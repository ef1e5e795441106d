"""What the scripts of static/js/cohort/ must know to check and send files: rules, places, addresses. Nothing secret."""

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from matching.cohorts.api import upload_addresses
from matching.core.cohort.problems import HINTS
from matching.services.cohort_files import Slot, grid
from matching.services.cohort_terms import policy_of
from requests_app.models import DataRequest
from requests_app.sealed_parts import PART_BYTES

RULES = ("problems", "lines", "rows", "check")


def checking() -> dict[str, Any]:
    """What a page needs to check a file: the worker, the scripts with the rules, and the words of the report."""
    return {
        "worker": static("js/cohort/worker.js"),
        "rules": [static(f"js/cohort/{name}.js") for name in RULES],
        "hints": {kind.value: hint for kind, hint in HINTS.items()},
        "world": settings.SSN_WORLD,
        "maxBytes": settings.COHORT_MAX_BYTES,
    }


def sending(request: DataRequest, only: Slot | None = None) -> dict[str, Any]:
    """For one place of the grid, or for all of them."""
    slots = [only] if only else grid(request)
    return checking() | {
        "state": request.agency.fips,
        "policy": policy_of(request),
        "partBytes": PART_BYTES,
        "cohorts": list(dict.fromkeys(slot.cohort for slot in slots)),
        "quarters": sorted({slot.quarter for slot in slots}),
        "standing": {f"{slot.cohort}/{slot.quarter}": slot.state for slot in slots if slot.file},
        "addresses": upload_addresses(request.number),
        "grid": "" if only else reverse("cohort_grid", args=[request.number]),
        "after": reverse("request", args=[request.number]) if only else "",
    }
