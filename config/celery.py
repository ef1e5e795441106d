"""The Celery application. The database is the record of the work; a message only wakes a worker up (docs/adr/0003)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("wage_records")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
