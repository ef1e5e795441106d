"""What can be asked for: the states whose MOU is in force, and the quarters that are held for each."""

from datetime import date

from requests_app import hooks
from requests_app.models import Agency
from requests_app.standing import in_force


def partner_states(today: date) -> list[Agency]:
    """The state agencies whose MOU is in force on `today`, by name."""
    return list(
        Agency.objects.filter(in_force(today, "mous__effective_on", "mous__ends_on"), fips__isnull=False).distinct()
    )


def quarters_held() -> dict[str, list[int]]:
    """The quarters (YYYYQ) held for each state's FIPS code, as the keeper of the wage records says; else none."""
    provide = hooks.providers.get("quarters_held")
    held: dict[str, list[int]] = provide() if provide else {}
    return held
