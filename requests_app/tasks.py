"""What Celery calls. A task holds an id only; everything else is read from the database."""

from contextlib import ExitStack

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from requests_app import hooks
from requests_app.services.event_log import openings, verification
from requests_app.services.life import expiry, figures, jobs, mailing, milestones, queue
from requests_app.services.packages import delivery, files, recalls, receipts
from requests_app.services.partners import mou_calendar, suspensions
from requests_app.services.people import accounts, memberships, trainings
from requests_app.services.sign_in import sessions


@shared_task
def work(_job_id: str) -> None:
    """The bell of one job: does the job whose turn it is, which may be another."""
    jobs.run_next()


@shared_task
def seal_for_opening(opening_id: str) -> None:
    """Answers one opening; in the interactive queue, because a person waits."""
    openings.answer(opening_id)


@shared_task
def tend() -> None:
    """Worker's part of the sweep: what other apps look after, mails that wait; each of them even where one before ends
    in an error."""
    with ExitStack() as each:
        each.callback(mailing.send_waiting)
        for look_after in hooks.tenders.values():
            each.callback(look_after)


@shared_task
def deliver() -> None:
    """Sends released packages, takes back what is wanted back, asks what became of the others; in the queue of long
    work, because the other side may be slow."""
    with ExitStack() as each:
        each.callback(receipts.look)
        each.callback(recalls.carry_out)
        delivery.send_waiting()


@shared_task
def remove_orphans() -> None:
    """Clears the vault of what crashes left behind."""
    files.remove_orphans()


@shared_task
def verify_events() -> None:
    """Checks and anchors the event log, the first time it is asked in a day; in the queue of long work."""
    verification.verify_daily()


@shared_task
def sweep_sessions() -> None:
    """Locks and ends sessions nobody came back to."""
    sessions.sweep(timezone.now())


@shared_task
def disable_idle_accounts() -> None:
    """Disables accounts nobody signed in to for too long."""
    accounts.disable_idle_accounts(timezone.now())


@shared_task
def follow_people() -> None:
    """Guardian's permissions follow the dated roles, and whose training ends soon is told."""
    memberships.project()
    trainings.remind()


@shared_task
def follow_time() -> None:
    """Tells what the calendar has brought: due soon, late, for the next desk; and keeps the dashboards' figures."""
    now = timezone.now()
    with ExitStack() as each:
        each.callback(figures.follow, now)
        milestones.follow(now)


@shared_task
def sweep() -> None:
    """Wakes workers for whatever the database says is to be done, and follows what the calendar has changed."""
    mou_calendar.follow()
    suspensions.follow_mous()
    expiry.expire_unused(timezone.now())
    jobs.sweep()
    queue.send("requests_app.tasks.tend", expires=max(10.0, 2 * settings.SWEEP_SECONDS))
    if recalls.is_work_waiting():
        queue.send("requests_app.tasks.deliver", expires=max(10.0, 2 * settings.SWEEP_SECONDS))
