"""A failed job is visible: the request stands in “failed”, with what people can do about it."""

from requests_app.models import Job
from requests_app.services.event_log import events
from requests_app.services.life import workflow
from requests_app.states import State

# What a request stands still for; only the failure of that is the request's own.
AWAITED = {State.MATCHING: {"match"}, State.BUILDING: {"build_micro", "build_tables"}}
# Kinds a person repeats, by a step or by sending the file again; the others are repeated by the sweep.
REPEATED_BY_PEOPLE = {"check_cohort", "analyse"}.union(*AWAITED.values())


def job_failed(job: Job, words: str) -> None:
    """Called in the transaction that marks the job failed; moves a request that was waiting for it."""
    request = job.request
    request.refresh_from_db()
    if job.kind in AWAITED.get(request.status, set()):
        workflow.transition(request, "fail", actor=None, reason=words, facts={"job": job.pk, "kind": job.kind})
        return
    events.record(
        f"job.{job.kind}",
        actor=None,
        request_number=request.number,
        subject=job.pk,
        outcome="failed",
        detail={"error": words},
    )
