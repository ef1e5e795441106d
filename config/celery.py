"""The Celery application. The database is the record of the work; a message only wakes a worker up (docs/adr/0003)."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("wage_records")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def same_log_as_everywhere(**_kwargs: object) -> None:
    """Celery's processes log like the others, through the same masking; Celery would else set up its own."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
