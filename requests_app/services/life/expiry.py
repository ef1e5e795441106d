"""Approvals that nobody used end by themselves; safe to run late, twice, or by two workers at once."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from requests_app.models import DataRequest, Job
from requests_app.models.jobs import JobState
from requests_app.policies import Denied
from requests_app.services.life import workflow
from requests_app.states import BY_NAME


def unused(now: datetime) -> QuerySet[DataRequest]:
    """The requests approved so long ago, with nothing done and nothing running since, and not suspended."""
    working = Job.objects.filter(request=OuterRef("pk"), state__in=[JobState.WAITING, JobState.RUNNING])
    old = DataRequest.objects.filter(
        state__in=BY_NAME["expire"].sources,
        state_since__lte=now - settings.APPROVAL_EXPIRES_AFTER,
        suspended_reason="",
    )
    return old.exclude(Exists(working)).order_by("state_since")


def expire_unused(now: datetime) -> int:
    """Expires them; the coordinator is told by the transition. One that moved meanwhile is left as it is."""
    expired = 0
    for request in unused(now):
        try:
            workflow.transition(request, "expire", actor=None)
            expired += 1
        except (Denied, workflow.Conflict):
            continue
    return expired
