"""Disclosure review: the workbench and the tables as they would be released."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
