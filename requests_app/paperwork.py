"""What the Paperwork Reduction Act wants said wherever a form is filled in: number, expiry, burden; from settings."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings


@dataclass(frozen=True)
class PraStatement:
    """The statement's facts; empty ones are not assigned yet, and pages say so."""

    number: str
    expires_on: date | None
    minutes: int | None

    @property
    def unset(self) -> list[str]:
        """The settings that are missing."""
        facts = {"PRA_NUMBER": self.number, "PRA_EXPIRES_ON": self.expires_on, "PRA_BURDEN_MINUTES": self.minutes}
        return [name for name, fact in facts.items() if not fact]


def pra_statement() -> PraStatement:
    """As the settings give it; `ValueError` for a date or a number that is none, at the first page."""
    expires, minutes = settings.PRA_EXPIRES_ON, settings.PRA_BURDEN_MINUTES
    return PraStatement(
        settings.PRA_NUMBER, date.fromisoformat(expires) if expires else None, int(minutes) if minutes else None
    )
