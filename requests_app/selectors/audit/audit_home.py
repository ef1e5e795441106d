"""What an Auditor needs first: whether the log was whole when it was last checked, and what was refused since."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from requests_app.models import Event
from requests_app.selectors.audit.events import last_verification

COUNT_AT_MOST = 1000
SHOWN = 5


@dataclass(frozen=True)
class AuditHome:
    """The last check of the log; the attempts refused since yesterday morning, how many and the newest."""

    verification: Event | None
    refused: int
    more: bool
    newest: list[Event]
    since: datetime


def audit_home() -> AuditHome:
    """Counts no further than a thousand, so that the page answers at once in a bad week too."""
    yesterday = timezone.localdate() - timedelta(days=1)
    since = timezone.make_aware(datetime.combine(yesterday, time.min))
    refused = Event.objects.filter(outcome="refused", occurred_at__gte=since).order_by("-occurred_at", "-seq")
    found = refused[: COUNT_AT_MOST + 1].count()
    return AuditHome(
        verification=last_verification(),
        refused=min(found, COUNT_AT_MOST),
        more=found > COUNT_AT_MOST,
        newest=list(refused[:SHOWN]),
        since=since,
    )
