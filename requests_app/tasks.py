"""What Celery calls. A task holds an id only; everything else is read from the database."""

from celery import shared_task

from requests_app.services import delivery, jobs, notices, openings, queue


@shared_task
def work(job_id: str) -> None:
    """Does a job, unless somebody else holds it."""
    jobs.run(job_id)


@shared_task
def seal_for_opening(opening_id: str) -> None:
    """Answers one opening; in the interactive queue, because a person waits."""
    openings.answer(opening_id)


@shared_task
def tend() -> None:
    """Worker's part of the sweep: deliveries that wait, mails that wait."""
    delivery.send_waiting()
    notices.send_waiting()


@shared_task
def sweep() -> None:
    """Wakes workers for whatever the database says is to be done."""
    jobs.sweep()
    queue.send("requests_app.tasks.tend")
