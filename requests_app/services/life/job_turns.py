"""Whose turn it is: of the jobs nobody holds, the one to do next, so that nobody's many jobs stand in another's way.

A job is small (a match is one per cohort and quarter). Before each, every worker asks again: the coordinator with the
fewest jobs under way goes first, of these the one served longest ago; then the request by the same rule; then the
older job. So five requests of two coordinators go on side by side, and one with a thousand files delays none by more
than the file a worker is at.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from requests_app.models import Job
from requests_app.models.jobs import JobState

REMEMBERED = timedelta(days=1)  # who was served before that was served long ago
Turn = tuple[int, float]  # jobs under way, and when the last one was begun
NOT_SERVED: Turn = (0, 0.0)


def free_jobs(now: datetime) -> QuerySet[Job]:
    """Jobs to be done that nobody holds; what a suspended request has put back waits until it may go on."""
    put_back = Q(attempt__gt=0, request__suspended_reason__gt="")
    free = (Q(state=JobState.WAITING) & ~put_back) | Q(state=JobState.RUNNING, lease_until__lt=now)
    return Job.objects.filter(free)


def next_job(now: datetime) -> str | None:
    """The id of the job whose turn it is; None where nothing is to be done."""
    free = list(free_jobs(now).values("pk", "created_at", "request_id", "request__coordinator_id"))
    if not free:
        return None
    coordinators = _turns("request__coordinator_id", {one["request__coordinator_id"] for one in free}, now)
    requests = _turns("request_id", {one["request_id"] for one in free}, now)
    turns = [
        (
            coordinators.get(one["request__coordinator_id"], NOT_SERVED),
            requests.get(one["request_id"], NOT_SERVED),
            one["created_at"],
            one["pk"],
        )
        for one in free
    ]
    return min(turns)[-1]


def _turns(whose: str, among: set[int], now: datetime) -> dict[int, Turn]:
    """For each of `among`: jobs under way, and when one was last begun."""
    served = Job.objects.filter(**{f"{whose}__in": among}, started_at__gte=now - REMEMBERED)
    under_way = Count("pk", filter=Q(state=JobState.RUNNING, lease_until__gte=now))
    rows = served.values(whose).annotate(under_way=under_way, begun=Max("started_at"))
    return {row[whose]: (row["under_way"], row["begun"].timestamp()) for row in rows}
