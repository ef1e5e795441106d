"""Wiring only: settings, URLs, the Celery and WSGI entry points, and the embedded servers of the demo and the tests."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
