"""The disclosure parameters: one place, BLS eyes only. A file outside the repository gives them in production."""

import json
from functools import cache

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from disclosure.core.rules.parameters import Parameters


@cache
def current() -> Parameters:
    """The parameters in force; the repository's defaults are for demonstrations and tests only."""
    if settings.DISCLOSURE_PARAMETERS_FILE is None:
        return Parameters()
    return Parameters(**json.loads(settings.DISCLOSURE_PARAMETERS_FILE.read_text()))


@register(deploy=True)
def not_the_defaults(**_kwargs: object) -> list[CheckMessage]:
    """A production worker refuses to start with the parameters everybody can read here."""
    if settings.WR_MODE == "production" and settings.WR_PROCESS == "worker" and current() == Parameters():
        return [Error("Set DISCLOSURE_PARAMETERS_FILE to BLS's own parameters.", id="wr.E010")]
    return []
