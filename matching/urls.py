"""Cohort files."""

from django.urls import include, path

urlpatterns = [
    path("", include("matching.file_urls")),
]
