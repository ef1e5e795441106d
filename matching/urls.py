"""Cohort files: upload and their state."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
