"""The Celery application. The database is the record of the work; a message only wakes a worker up (docs/adr/0003)."""

import logging.config
import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

from config.deaf_worker import HearingStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("wage_records")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(HearingStep)


def same_log_as_everywhere(**_kwargs: object) -> None:
    """Celery's processes log like the others, through the same masking; Celery would else set up its own."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


def refuse_bad_settings(**_kwargs: object) -> None:
    """Celery runs Django's checks without looking at them, and goes on when a receiver raises; SystemExit ends it."""
    from django.core.exceptions import ImproperlyConfigured

    from config.checks import refuse_to_start

    try:
        refuse_to_start()
    except ImproperlyConfigured as reasons:
        raise SystemExit(str(reasons)) from None


setup_logging.connect(same_log_as_everywhere)
worker_init.connect(refuse_bad_settings)
beat_init.connect(refuse_bad_settings)
